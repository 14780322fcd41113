/** What the gate of a task's run needs to know about the task. */
import type { Reader } from '../../unit';
import type { TaskStatus } from './machine';
import type { Subtask } from './model';
import { hasTasks, selectRunsOfTasks, selectTaskOfRun } from './store';
import { countSubtasks, selectUnmerged } from './subtaskStore';

/** The status and progress of a run's task. */
export interface TaskGateFacts {
  readonly status: TaskStatus;
  readonly unmerged: Unmerged;
}

/** Unmerged subtasks: their number, and the first of them. */
export interface Unmerged {
  readonly count: number;
  readonly first: readonly Pick<Subtask, 'number' | 'title' | 'status'>[];
}

const MOST_NAMED = 20;

/** Undefined for a run that belongs to no task. */
export function taskGateFacts(r: Reader, runId: string): TaskGateFacts | undefined {
  // A database of a later version is not migrated, and may have no tasks.
  const task = hasTasks(r) ? selectTaskOfRun(r, runId) : undefined;
  if (task === undefined) return undefined;
  const { all, merged } = countSubtasks(r, task.id);
  const first = merged < all ? selectUnmerged(r, task.id, MOST_NAMED) : [];
  return { status: task.status, unmerged: { count: all - merged, first } };
}

/** The named runs that belong to tasks. */
export function runsOfTasks(r: Reader, runIds: readonly string[]): ReadonlySet<string> {
  return new Set(hasTasks(r) ? selectRunsOfTasks(r, runIds) : []);
}
