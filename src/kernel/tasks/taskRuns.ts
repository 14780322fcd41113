/**
 * A task and its run go together: what the task allows its run, and what becomes of it when the run ends
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { KernelError } from '../errors/errors';
import type { Reader, Unit } from '../unit';
import type { TaskStatus } from './record/machine';
import type { Subtask, Task } from './record/model';
import { hasTasks, selectRunsOfTasks, selectTaskOfRun } from './record/store';
import { countSubtasks, selectSubtasks, selectUnmerged } from './record/subtaskStore';
import { enterSubtaskState, enterTaskStatus } from './transition';

/** Phases of a task's run that go with its status. The last subtask takes it through review. */
export const TASK_PHASES: Readonly<Record<TaskStatus, readonly string[]>> = {
  PLANNING: ['planned'],
  PLANNING_FAILED: ['planned'],
  ACTIVE: ['executing'],
  DONE: ['review', 'done'],
};

/** What the gate of a task's run asks about; undefined for a run that belongs to no task. */
export interface TaskStanding {
  readonly status: TaskStatus;
  readonly unmerged: Unmerged;
}

/** Subtasks that are not merged: how many, and the first of them. */
export interface Unmerged {
  readonly count: number;
  readonly first: readonly Pick<Subtask, 'number' | 'title' | 'status'>[];
}

const MOST_NAMED = 20;

export function taskStanding(r: Reader, runId: string): TaskStanding | undefined {
  // A database of a later version is read as it is, and may have no tasks.
  const task = hasTasks(r) ? selectTaskOfRun(r, runId) : undefined;
  if (task === undefined) return undefined;
  const { all, merged } = countSubtasks(r, task.id);
  const first = merged < all ? selectUnmerged(r, task.id, MOST_NAMED) : [];
  return { status: task.status, unmerged: { count: all - merged, first } };
}

/** Those of the named runs that belong to tasks. */
export function runsOfTasks(r: Reader, runIds: readonly string[]): ReadonlySet<string> {
  return new Set(hasTasks(r) ? selectRunsOfTasks(r, runIds) : []);
}

/**
 * A task's run goes where its task is, however it is told to: past a gate that is soft, overridden or not asked, or back.
 * @throws KernelError `TASK_OWNS_RUN`
 */
export function refuseAgainstTask(r: Reader, runId: string, toPhase: string): void {
  const task = selectTaskOfRun(r, runId);
  if (task === undefined || TASK_PHASES[task.status].includes(toPhase)) return;
  throw new KernelError('TASK_OWNS_RUN', { runId, taskId: task.id, status: task.status, phase: toPhase });
}

/** A task cannot be without the phase in which its subtasks are built. @throws KernelError `PHASE_NOT_SKIPPABLE` */
export function refuseSkip(r: Reader, runId: string, phase: string): void {
  if (!TASK_PHASES.ACTIVE.includes(phase) || selectTaskOfRun(r, runId) === undefined) return;
  throw new KernelError('PHASE_NOT_SKIPPABLE', { runId, phase });
}

/** The run has ended without being done: so has all work for it. Whoever orchestrates the folder ends the agents. */
export function endTaskOfRun(u: Unit, runId: string, reason: string): boolean {
  const task = selectTaskOfRun(u, runId);
  if (task === undefined) return false;
  if (task.status === 'PLANNING') enterTaskStatus(u, task, 'PLANNING_FAILED', reason);
  const atWork = selectSubtasks(u, task.id).filter(({ status }) => status === 'IN_PROGRESS');
  for (const subtask of atWork) stopWork(u, task, subtask, reason);
  return task.status === 'PLANNING' || atWork.length > 0;
}

function stopWork(u: Unit, task: Task, subtask: Subtask, reason: string): void {
  const changes = { stage: null, lastError: reason, failedAt: u.now };
  enterSubtaskState(u, task, subtask, { to: 'BLOCKED_FAILURE', changes, reason });
}
