/**
 * The link of a task and its run: what the task allows its run, and what happens to the task when the run ends
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { storedReason } from '../../errors/reasons/storedReasons';
import { KernelError } from '../../errors/errors';
import type { RunGuard } from '../../run/record/guard';
import type { Reader, Unit } from '../../unit';
import type { TaskStatus } from './machine';
import type { Subtask, Task } from './model';
import { selectTaskOfRun } from './store';
import { selectSubtasks } from './subtaskStore';
import { enterSubtaskState, enterTaskStatus } from './transition';

/** Phases of a task's run that match its status. The last subtask advances it through review. */
export const TASK_PHASES: Readonly<Record<TaskStatus, readonly string[]>> = {
  PLANNING: ['planned'],
  PLANNING_FAILED: ['planned'],
  ACTIVE: ['executing'],
  DONE: ['review', 'done'],
};

/**
 * A task's run may only enter phases that match its task, even past a gate that is soft, overridden or not evaluated,
 * or back.
 * @throws KernelError `TASK_OWNS_RUN`
 */
function refuseAgainstTask(r: Reader, runId: string, toPhase: string): void {
  const task = selectTaskOfRun(r, runId);
  if (task === undefined || TASK_PHASES[task.status].includes(toPhase)) return;
  throw new KernelError('TASK_OWNS_RUN', { runId, taskId: task.id, status: task.status, phase: toPhase });
}

/** A task needs the phase in which its subtasks are built. @throws KernelError `PHASE_NOT_SKIPPABLE` */
function refuseSkip(r: Reader, runId: string, phase: string): void {
  if (!TASK_PHASES.ACTIVE.includes(phase) || selectTaskOfRun(r, runId) === undefined) return;
  throw new KernelError('PHASE_NOT_SKIPPABLE', { runId, phase });
}

/** Ends all work for a run that ended early. The program that leads the folder ends the agents. */
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

/** The stored reason why work ends for a task whose run was canceled. */
const RUN_CANCELLED = storedReason('run cancelled');

export const TASK_GUARD: RunGuard = {
  refusePhase: refuseAgainstTask,
  refuseSkip,
  cancelled: (u, id) => {
    endTaskOfRun(u, id, RUN_CANCELLED);
  },
};
