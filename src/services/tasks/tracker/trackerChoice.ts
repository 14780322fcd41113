/** The tracker of a task, by what its record has and by the setting. */
import type { Task } from '../../../kernel/tasks/record/model';
import { trackedEpic } from '../../../kernel/tasks/issue/tracked';
import type { TaskDeps } from '../deps';
import { beadsTrackerOf } from './beadsTracker';
import { NATIVE, type Tracker } from './tracker';

/** A task keeps its tracker, even if the setting changes. */
export function trackerFor(deps: TaskDeps, task: Task): Tracker {
  const isTracked = deps.kernel.read((r) => trackedEpic(r, task.id)) !== undefined;
  const isNew = task.status === 'PLANNING' && deps.settings().tracker === 'beads';
  return isTracked || isNew ? beadsTrackerOf(deps, task) : NATIVE;
}
