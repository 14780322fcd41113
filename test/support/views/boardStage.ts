/** A folder in memory with tasks in every state, and its board as a panel would be sent it. */
import { createDispatch, endDispatch, markRunning, recordProgress } from '../../../src/kernel/dispatch/service';
import type { Unit } from '../../../src/kernel/unit';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import type { Subtask, Task } from '../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  enterStage,
  recordProof,
  failSubtask,
  mergeSubtask,
  placeSubtask,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { setRun } from '../../../src/kernel/run/record/runs';
import { acceptPlan, failPlanning, getTask } from '../../../src/kernel/tasks/service';
import { addSubtask, addSubtaskDependency } from '../../../src/kernel/tasks/subtask/subtasks';
import { openTestFolder, type TestFolder } from '../records/viewFixture';
import { aTask, PROOF, workplace } from '../tasks/taskRecord';

const SPEC = `Late parcels are **announced**, once for each parcel.

- by mail, where the person gave an address
- in the \`parcels\` list otherwise

See [the guide](https://example.com/guide).`;
const PLAN = '1. Read `src/parcels.ts`.\n2. Add `announce()`.\n3. Cover both ways with tests.';
const CRITERIA = '- A late parcel is announced exactly once.\n- `npm test` passes.';

export const TITLES = [
  'Find parcels that are late',
  'Write the message in the language of the person',
  'Send mail through the outbox',
  'Show late parcels in the list',
  'Announce each parcel once',
  'Let people choose how they are notified',
  'Retry mails that bounced',
  'Document the announcements',
] as const;

/** One task that is being built, one being planned, one whose planning failed, and one that is done. */
export async function openBoardFolder(folder?: string): Promise<TestFolder> {
  const opened = await openTestFolder(folder);
  opened.write((u) => fillTasks(u));
  return opened;
}

/** In a window that makes agents work, it is the window that makes them: `atWork` false leaves that to it. */
export function fillTasks(u: Unit, atWork = true): void {
  const done = aTask(u, 'Count parcels by day');
  const counted = ['Count the parcels', 'Draw the chart'].map((title) => add(u, done, title));
  acceptPlan(u, done.id, { path: 'plan.md' });
  for (const subtask of counted) build(u, subtask);
  const task = aTask(u);
  const [find, write, send, show, once, choose, bounced, documented] = TITLES.map((title) => add(u, task, title));
  waits(u, send, write);
  waits(u, documented, once);
  waits(u, documented, choose);
  acceptPlan(u, task.id, { path: 'plan.md' });
  if (find !== undefined) build(u, find);
  if (once !== undefined) {
    begin(u, once, 'succeeded');
    enterStage(u, once.id, 'pr');
    const pullRequest = { url: 'https://github.com/harbor/parcels/pull/17', number: 17 };
    completeSubtask(u, once.id, { pullRequest });
  }
  if (show !== undefined && atWork) begin(u, show, 'running');
  if (bounced !== undefined) {
    begin(u, bounced, 'failed');
    failSubtask(u, bounced.id, 'The tests fail: expected 1 mail to be sent again, but it was sent 3 times');
  }
  setTaskBudget(u, task.id, 1_000_000);
  const planning = aTask(u, 'Translate everything into French');
  if (atWork) startAgentRun(u, { taskId: planning.id });
  const failed = aTask(u, 'Move to the new outbox');
  failPlanning(u, failed.id, 'The planner made no subtasks in 10 attempts.');
}

function add(u: Unit, task: Task, title: string): Subtask {
  const texts = { spec: SPEC, implementationPlan: PLAN, acceptanceCriteria: CRITERIA };
  return addSubtask(u, { taskId: task.id, title, ...texts });
}

function waits(u: Unit, subtask: Subtask | undefined, dependsOn: Subtask | undefined): void {
  addSubtaskDependency(u, subtask?.id ?? '', dependsOn?.id ?? '');
}

/** An attempt at a subtask, and how it ends. It changes nothing else. */
export function begin(u: Unit, subtask: Subtask, ending: 'running' | 'succeeded' | 'failed'): void {
  startSubtask(u, subtask.id);
  placeSubtask(u, subtask.id, workplace(`subtask-${subtask.number}`));
  const attempt = startAgentRun(u, { subtaskId: subtask.id });
  const scopeId = getTask(u, subtask.taskId).runId;
  const dispatch = createDispatch(u, {
    agentType: 'claude',
    projectDir: PROCESS.cwd,
    promptFile: '/prompt.md',
    scopeId,
  });
  linkAgentRun(u, attempt.id, dispatch.id);
  markRunning(u, dispatch.id, { pid: 4000 + subtask.number, argv: ['claude'], ...PROCESS });
  recordProgress(u, dispatch.id, { inputTokens: 41_000, outputTokens: 3200, costUsd: 0.42 });
  if (ending === 'running') return;
  endDispatch(u, dispatch.id, { status: ending === 'succeeded' ? 'completed' : 'failed' });
  endAgentRun(u, attempt.id, ENDINGS[ending]);
}

const PROCESS = { cwd: '/projects/parcels', logFile: '/log', exitFile: '/exit', host: 'here', startToken: null };
const ENDINGS = {
  succeeded: { status: 'SUCCEEDED' },
  failed: { status: 'FAILED', error: 'The agent ended with exit code 1.' },
} as const;

/** From ready to merged. */
function build(u: Unit, subtask: Subtask): void {
  begin(u, subtask, 'succeeded');
  recordProof(u, subtask.id, PROOF);
  completeSubtask(u, subtask.id, { pullRequest: null });
  mergeSubtask(u, subtask.id);
}

/** An attempt whose agent ended without a word of what it used. */
export function loseUsage(u: Unit, subtaskId: string): void {
  const { taskId, number } = startSubtask(u, subtaskId);
  const attempt = startAgentRun(u, { subtaskId });
  const scopeId = getTask(u, taskId).runId;
  const made = { agentType: 'claude', projectDir: PROCESS.cwd, promptFile: '/prompt.md', scopeId };
  const dispatch = createDispatch(u, made);
  linkAgentRun(u, attempt.id, dispatch.id);
  markRunning(u, dispatch.id, { pid: 4000 + number, argv: ['claude'], ...PROCESS });
  endDispatch(u, dispatch.id, { status: 'failed' });
  endAgentRun(u, attempt.id, ENDINGS.failed);
}

/** Gives the run of a task a budget. */
export function setTaskBudget(u: Unit, taskId: string, tokenBudget: number): void {
  setRun(u, getTask(u, taskId).runId, { tokenBudget });
}
