/**
 * The only way to change the state of a task or a subtask: compare and set, with its event
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { KernelError } from '../../errors/errors';
import { because } from '../../errors/reasons/problem';
import type { Unit } from '../../unit';
import { refuseTask, stepInto } from './stateRefusals';
import { subtaskMayBecome, subtaskState, type SubtaskState, type TaskStatus } from './machine';
import type { Subtask, Task } from './model';
import { deleteStageFailuresOf } from '../stage/stageFailureStore';
import * as store from './store';
import { moveSubtask, selectSubtask, type SubtaskChanges } from './subtaskStore';

/**
 * @throws KernelError `TASK_STATE` where the state machine has no such step; `STALE` where the task has changed since
 * it was read.
 */
export function enterTaskStatus(u: Unit, task: Task, to: TaskStatus, reason: string | null = null): void {
  refuseTask(task.id, task.status, stepInto(task.status, to));
  if (!store.moveTask(u, task.id, task.status, to, to === 'PLANNING_FAILED' ? (reason ?? 'unknown') : null)) {
    const found = store.selectTask(u, task.id)?.status ?? 'gone';
    throw new KernelError('STALE', { what: 'task', id: task.id, expected: task.status, found });
  }
  // A failure belongs to the state in which it happened.
  deleteStageFailuresOf(u, task.id);
  store.insertEvent(u, { taskId: task.id, subtaskId: null, from: task.status, to, reason });
  u.touched.run(task.runId);
}

export interface SubtaskStep {
  readonly to: SubtaskState;
  readonly changes?: SubtaskChanges;
  readonly reason?: string;
}

/** @throws KernelError `TASK_STATE`, `STALE` */
export function enterSubtaskState(u: Unit, task: Task, subtask: Subtask, step: SubtaskStep): void {
  const { to, changes = {}, reason = null } = step;
  const from = stateOf(subtask);
  if (!subtaskMayBecome(from, to)) {
    throw new KernelError('TASK_STATE', { what: 'subtask', id: subtask.id, state: from, wanted: to });
  }
  if (!moveSubtask(u, subtask.id, from, to, changes)) throw stale(u, subtask);
  deleteStageFailuresOf(u, subtask.id);
  store.insertEvent(u, { taskId: task.id, subtaskId: subtask.id, from, to, reason });
  u.touched.run(task.runId);
}

/** Changes fields other than its state. @throws KernelError `STALE` */
export function changeSubtask(u: Unit, task: Task, subtask: Subtask, changes: SubtaskChanges): void {
  const state = stateOf(subtask);
  if (!moveSubtask(u, subtask.id, state, state, changes)) throw stale(u, subtask);
  u.touched.run(task.runId);
}

/** The constraints of the table exclude rows without a state. */
export function stateOf(subtask: Subtask): SubtaskState {
  const state = subtaskState(subtask.status, subtask.blockedReason);
  if (state === undefined) {
    const problem = because('{status} does not go with {blocked}', {
      status: subtask.status,
      blocked: String(subtask.blockedReason),
    });
    throw new KernelError('ROW_INVALID', { table: 'subtasks', id: subtask.id, column: 'blocked_reason', problem });
  }
  return state;
}

function stale(u: Unit, subtask: Subtask): KernelError {
  const found = selectSubtask(u, subtask.id);
  return new KernelError('STALE', {
    what: 'subtask',
    id: subtask.id,
    expected: stateOf(subtask),
    found: found === undefined ? 'gone' : stateOf(found),
  });
}
