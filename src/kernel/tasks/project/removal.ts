/** Removal of tasks and projects from the record. The caller removes their files. */
import { counted } from '../../errors/reasons/fill';
import { storedReason } from '../../errors/reasons/storedReasons';
import type { DispatchId } from '../../ids';
import { KernelError } from '../../errors/errors';
import { cancelRun } from '../../run/cancel';
import { activeDispatchesOf } from '../../run/rollback';
import { findRun } from '../../run/record/queries';
import type { Unit } from '../../unit';
import type { Project, Subtask, Task } from '../record/model';
import { getProject, getTask, listTasks } from '../service';
import * as store from '../record/store';
import { listSubtasks } from '../subtask/subtasks';

/** What was removed, for the caller's cleanup. */
export interface RemovedTask {
  readonly project: Project;
  readonly task: Task;
  readonly subtasks: readonly Subtask[];
  /** Agents that were running. */
  readonly dispatches: readonly DispatchId[];
}

/**
 * Removes a task with its subtasks, notes and attempts, and cancels its run, which is kept as history: no agent can
 * start for it. All or nothing.
 * @throws KernelError `NOT_FOUND`
 */
export function deleteTask(u: Unit, id: string): RemovedTask {
  const task = getTask(u, id);
  const project = getProject(u, task.projectId);
  const subtasks = listSubtasks(u, task.id);
  const dispatches = activeDispatchesOf(u, task.runId);
  if (findRun(u, task.runId)?.status === 'active') cancelRun(u, task.runId, storedReason('its task was deleted'));
  store.deleteTask(u, task.id);
  u.touched.run(task.runId);
  u.touched.rest();
  return { project, task, subtasks, dispatches };
}

/**
 * Removes a project without tasks from the record. Its repository is not changed.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where it has tasks.
 */
export function removeProject(u: Unit, id: string): Project {
  const project = getProject(u, id);
  const count = listTasks(u, project.id).length;
  if (count > 0) {
    const state = `in use by ${counted(count, 'tasks')}`;
    throw new KernelError('TASK_STATE', { what: 'project', id, state, wanted: 'removed' });
  }
  store.deleteProject(u, project.id);
  u.touched.rest();
  return project;
}
