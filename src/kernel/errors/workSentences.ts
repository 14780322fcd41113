/** The sentences and hints of failures of runs, portfolios, tasks, and their leaders. */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

export const WORK_SENTENCES = {
  NOT_FOUND: { text: 'The {what} {id} was not found.', hint: 'Check the id, and that it belongs to this folder.' },
  INVALID_ARGUMENT: { text: 'Invalid {argument}: {problem}.', hint: 'Nothing was changed.' },
  RUN_TERMINAL: {
    text: 'Run {runId} is already {status}.',
    hint: 'Roll it back to reopen a completed run, or create a new run.',
  },
  PHASE_TERMINAL: {
    text: 'Run {runId} is already in its last phase, {phase}.',
    hint: 'There is no later phase to advance to.',
  },
  PHASE_NOT_IN_CHAIN: { text: 'Run {runId} has no phase "{phase}".', hint: 'Its phases are: {chain}.' },
  PHASE_NOT_AHEAD: {
    text: 'Phase "{phase}" of run {runId} does not come after its current phase "{current}".',
    hint: 'Only later phases can be skipped.',
  },
  PHASE_NOT_BEHIND: {
    text: 'Phase "{phase}" of run {runId} does not come before its current phase "{current}".',
    hint: 'Roll back to an earlier phase.',
  },
  PHASE_NOT_SKIPPABLE: {
    text: 'Phase "{phase}" is the last phase of run {runId} and cannot be skipped.',
    hint: 'Advance into it to complete the run.',
  },
  STALE: {
    text: 'The {what} {id} is now "{found}", not "{expected}": someone else changed it first.',
    hint: 'Check its current state, then try again if the change is still needed.',
  },
  DISPATCH_FINISHED: { text: 'Dispatch {dispatchId} has already ended: {status}.', hint: 'Start a new dispatch.' },
  DISPATCH_LIMIT: {
    text: 'Portfolio {portfolioId} has {active} active dispatches ({holders}) and allows {limit}.',
    hint: 'Wait until a dispatch ends, kill one, or raise the limit.',
  },
  RUN_BUDGET: {
    text: 'Run {runId} has {left} left of its budget of {of}, but the dispatch needs {needed} ({missing} more).',
    hint: 'Raise the budget, wait until another dispatch ends, or give this dispatch a smaller budget.',
  },
  PORTFOLIO_BUDGET: {
    text: 'Portfolio {portfolioId} has {left} left of its budget of {of}, but the dispatch needs {needed} ({missing} more).',
    hint: 'Raise the budget, wait until another dispatch ends, or give this dispatch a smaller budget.',
  },
  AGENT_LINKED: { text: 'Agent {agentId} already has a dispatch.', hint: 'Add another agent for another dispatch.' },
  DEPENDENCY_CYCLE: {
    text: 'The dependencies of portfolio {portfolioId} would form a circle: {path}.',
    hint: 'Remove one of these dependencies first.',
  },
  DEPENDENCY_EXISTS: {
    text: 'In portfolio {portfolioId}, {downstream} already depends on {upstream}.',
    hint: 'Nothing was changed.',
  },
  PROJECT_EXISTS: {
    text: 'This repository is already the project {name} in {path}.',
    hint: 'Create tasks in that project.',
  },
  TASK_STATE: {
    text: 'The {what} {id} is {state} and cannot be {wanted} now.',
    hint: 'Check its current state and its dependencies, then try again.',
  },
  TASK_OWNS_RUN: {
    text: 'Run {runId} belongs to task {taskId}, which is {status}, and cannot be in phase {phase}.',
    hint: 'The run advances when the plan of its task is accepted, and again when every subtask is merged.',
  },
  PLAN_INVALID: {
    text: 'The plan of task {taskId} cannot be used: {problem}.',
    hint: 'Retry planning, or edit the plan.',
  },
  AGENT_RUNNING: {
    text: 'Attempt {attempt} of {id} is still running.',
    hint: 'Wait for it to end, or stop it.',
  },
  LEAD_KEPT: {
    text: 'Another program (pid {pid} on {machine}) still leads the tasks of {folder} after {seconds} seconds.',
    hint: 'It may be suspended, busy, or an older version. Stop it, then try again. No agent was started twice.',
  },
  LEAD_LOST: {
    text: 'Another program leads the tasks of {folder} now.',
    hint: 'Nothing was written or started. This program waits until it can take over again.',
  },
  PROMPT_INVALID: {
    text: 'The prompt template {path} cannot be used: {problem}.',
    hint: 'Fix the template, or clear the setting that names it.',
  },
  DISCOVERY_DUPLICATE: {
    text: 'The discovery {sourceId} of {source} is already recorded.',
    hint: 'Score or promote the existing discovery.',
  },
  DISCOVERY_CLOSED: {
    text: 'Discovery {discoveryId} is already {status}.',
    hint: 'Submit new findings as another discovery.',
  },
  SETUP_FAILED: {
    text: 'The set-up command `{command}` failed: {problem}',
    hint: 'Fix the command in the setting intercore.tasks.setup, or its cause, then retry.',
  },
  SETUP_OFFLINE: {
    text: 'The set-up has no network connection: {problem}',
    hint: 'Check the connection. The set-up is repeated automatically. To repeat it now, retry it.',
  },
  COPY_FAILED: {
    text: '{path} could not be copied to {folder}: {problem}.',
    hint: 'Fix the cause and try again. The destination was not changed.',
  },
} satisfies { readonly [C in ErrorCode]?: Sentence };
