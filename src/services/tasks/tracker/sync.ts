/**
 * Synchronizes Beads and the record while a window leads: on a timer, and when the record has changed
 * (`docs/design/beads.md`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskSync } from '../../../contract/results/tasks';
import { KernelError } from '../../../kernel/errors/errors';
import { isPushDue } from '../../../kernel/tasks/issue/issuePushes';
import type { Task } from '../../../kernel/tasks/record/model';
import { getTask, listTasks } from '../../../kernel/tasks/service';
import { orphanedPaths, trackedEpic } from '../../../kernel/tasks/issue/tracked';
import { BeadsTracker, beadsTrackerOf } from './beadsTracker';
import { eachAlone } from '../eachAlone';
import { DEFAULT_BD, type TaskDeps } from '../deps';
import { runUpkeep } from '../stageRunner';

/** The default of the setting. */
const INTERVAL_SECONDS = 30;
/** The minimum delay between two rounds, so that refused changes are not sent repeatedly. */
const REST_MS = 1000;

/** `bd`, the record and git: the dependencies of one sync. */
export type SyncDeps = Pick<TaskDeps, 'kernel' | 'log' | 'git' | 'trusted'> & { readonly beadsPath: string };

/**
 * Syncs one task, or all tasks that Beads tracks.
 * @throws KernelError `NOT_FOUND`, also for a task that is not in Beads; `BEADS_MISSING`, `BEADS_TOO_OLD`,
 * `BEADS_FAILED`
 */
export async function syncNow(deps: SyncDeps, taskId?: string): Promise<TaskSync[]> {
  const tasks = deps.kernel.read((r) =>
    taskId === undefined ? listTasks(r).filter(({ id }) => trackedEpic(r, id) !== undefined) : [getTask(r, taskId)],
  );
  const synced: TaskSync[] = [];
  await eachAlone(tasks, async (task) => {
    const place = deps.kernel.read((r) => trackedEpic(r, task.id))?.place;
    if (place === undefined) throw new KernelError('NOT_FOUND', { what: 'issue in Beads for task', id: task.id });
    synced.push({ taskId: task.id, ...(await new BeadsTracker(deps, place, deps.beadsPath).sync(task)) });
  });
  return synced;
}

/** Runs until the signal is aborted. Failures are counted, shown, and retried with growing delays. */
export async function keepSynced(deps: TaskDeps, signal: AbortSignal, onSynced?: () => void): Promise<void> {
  while (!signal.aborted) {
    await syncAll(deps, signal);
    onSynced?.();
    await pause(REST_MS, signal);
    await untilDue(deps, signal);
  }
}

async function syncAll(deps: TaskDeps, signal: AbortSignal): Promise<void> {
  for (const task of tasksInWork(deps)) {
    if (signal.aborted) return;
    await runUpkeep(deps, 'syncIssues', task.id, () => beadsTrackerOf(deps, task).sync(task), signal);
  }
  for (const place of deps.kernel.read(orphanedPaths)) {
    if (signal.aborted) return;
    const tracker = new BeadsTracker(deps, place, deps.settings().beadsPath ?? DEFAULT_BD);
    await runUpkeep(deps, 'sweepIssues', place, () => tracker.sweep(), signal);
  }
}

/** An unfinished plan is read when its planner has ended. */
function tasksInWork({ kernel }: TaskDeps): Task[] {
  return kernel.read((r) =>
    listTasks(r).filter(
      ({ id, status }) =>
        trackedEpic(r, id) !== undefined && (status === 'ACTIVE' || (status === 'DONE' && isPushDue(r, id))),
    ),
  );
}

/** Waits until the interval has passed, or the record has new changes to send. */
async function untilDue(deps: TaskDeps, signal: AbortSignal): Promise<void> {
  const { kernel, settings } = deps;
  const seconds = settings().beadsSyncSeconds ?? INTERVAL_SECONDS;
  const done = new AbortController();
  const known = dueNow(deps);
  const subscription = kernel.onDidChange(() => {
    if (dueNow(deps).some((id) => !known.includes(id))) done.abort();
  });
  try {
    await pause(seconds === 0 ? LONGEST_MS : seconds * 1000, AbortSignal.any([signal, done.signal]));
  } finally {
    subscription.dispose();
  }
}

/** The longest delay of a timer; an extra check is harmless. */
const LONGEST_MS = 2 ** 31 - 1;

function dueNow(deps: TaskDeps): string[] {
  const { kernel } = deps;
  return [
    ...kernel.read(orphanedPaths),
    ...tasksInWork(deps)
      .filter(({ id }) => kernel.read((r) => isPushDue(r, id)))
      .map(({ id }) => id),
  ];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
