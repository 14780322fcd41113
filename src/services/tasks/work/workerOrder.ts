/** The order of a worker's next attempt: its kind, its prompt, and the session that it continues. */
import type { AgentRun, Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { workerFor } from '../../../kernel/tasks/subtask/neededAgent';
import { getSubtask, listNotes, neighborsOf } from '../../../kernel/tasks/subtask/subtasks';
import { startOf } from '../../../kernel/text/storableText';
import type { TaskDeps } from '../deps';
import { trackerFor } from '../tracker/trackerChoice';
import { placeVariables } from '../worktreeSetup/variables';
import type { AttemptOrder } from './attempt';
import { attemptKind } from './attemptKind';
import { failureOf } from './attemptRounds';
import { readTemplate, retryPrompt, SESSION_SECTION, workerPrompt } from './prompts';
import { continued, inSession, isInSession, sessionOfAttempt } from './resume';
import { workOfOtherKind } from './takeover';

interface WorkToOrder {
  readonly deps: TaskDeps;
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
}

const MAX_NAME_LENGTH = 200;

/** `last`: the attempt before it. */
export async function workerOrder(
  { deps, project, task, subtask }: WorkToOrder,
  last: AgentRun | undefined,
): Promise<AttemptOrder> {
  const settings = deps.settings();
  const tracker = trackerFor(deps, task);
  const template = await readTemplate('worker', settings.workerPrompt, tracker.needs);
  const { words, forms, env } = await tracker.beforeWork(subtask);
  const { dependencies, notes, needed } = deps.kernel.read((r) => ({
    dependencies: neighborsOf(r, subtask).dependsOn.map((id) => getSubtask(r, id)),
    notes: listNotes(r, subtask.id),
    // A person may have chosen another kind while this waited for room.
    needed: workerFor(getSubtask(r, subtask.id)),
  }));
  const kind = attemptKind(needed, settings);
  const failure = await failureOf(deps, last, subtask.lastError);
  const place = await placeVariables(deps, project, subtask.worktreePath);
  const checks = settings.checks.map((check) => check.join(' '));
  const facts = { project, subtask, dependencies, notes, failure, checks, words };
  const request = {
    kind,
    prompt: [
      workerPrompt(template, facts),
      ...(isInSession(deps, kind) ? [SESSION_SECTION] : []),
      await workOfOtherKind(deps, subtask, last, kind),
    ].join(''),
    runId: task.runId,
    ...(task.permissions === null ? {} : { permissions: task.permissions }),
    name: startOf(subtask.title, MAX_NAME_LENGTH),
    timeLimitSec: settings.timeLimitMinutes * 60,
    env: { ...env, ...place, INTERCORE_TASK_ID: task.id, INTERCORE_SUBTASK_ID: subtask.id },
    reports: [...forms],
    ...(subtask.worktreePath === null ? {} : { cwd: subtask.worktreePath }),
  };
  const of = { subtaskId: subtask.id };
  const resumed = continued(deps, 'agent', subtask.id, request);
  const session = resumed.session === undefined ? sessionOfAttempt(deps, last, request) : undefined;
  if (session === undefined) return { of, request: resumed };
  return { of, request: inSession(request, session, retryPrompt({ failure, notes, report: words.sayDone })) };
}
