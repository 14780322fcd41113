/**
 * Keeps Beads and the record in step while a window leads: on a timer, and when the record has gone on
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
import { runUpkeep } from '../work/stageRunner';

/** Where no setting says otherwise. */
const INTERVAL_SECONDS = 30;
/** Between two rounds, so that what is refused is not sent again and again. */
const REST_MS = 1000;

/** `bd`, the record and git: all that one look into Beads needs. */
export type SyncDeps = Pick<TaskDeps, 'kernel' | 'log' | 'git' | 'trusted'> & { readonly beadsPath: string };

/**
 * Syncs one task, or every one that Beads tracks.
 * @throws KernelError `NOT_FOUND`, also for a task that is not in Beads; `BEADS_MISSING`, `BEADS_TOO_OLD`, `BEADS_FAILED`
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

/** Works until the signal is aborted. What fails is counted and shown, and is tried again with growing pauses. */
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

/** A plan that is being written is read when its planner has ended. */
function tasksInWork({ kernel }: TaskDeps): Task[] {
  return kernel.read((r) =>
    listTasks(r).filter(
      ({ id, status }) =>
        trackedEpic(r, id) !== undefined && (status === 'ACTIVE' || (status === 'DONE' && isPushDue(r, id))),
    ),
  );
}

/** Until the interval has passed, or the record has something to tell that it had not before. */
async function untilDue(deps: TaskDeps, signal: AbortSignal): Promise<void> {
  const { kernel, settings } = deps;
  const seconds = settings().beadsSyncSeconds ?? INTERVAL_SECONDS;
  const done = new AbortController();
  const told = dueNow(deps);
  const subscription = kernel.onDidChange(() => {
    if (dueNow(deps).some((id) => !told.includes(id))) done.abort();
  });
  try {
    await pause(seconds === 0 ? LONGEST_MS : seconds * 1000, AbortSignal.any([signal, done.signal]));
  } finally {
    subscription.dispose();
  }
}

/** As long as a timer can be: it is looked again then, which is harmless. */
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
