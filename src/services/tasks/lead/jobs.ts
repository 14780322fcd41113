/** Repeated jobs while a program leads, each in its own loop. A failed job starts again; the others continue. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../host/clock';
import { problemOf } from '../../../kernel/errors/errors';
import { noteJobFailure, noteJobSuccess, type JobDeps } from '../../failures/jobFailures';
import type { TaskDeps } from '../deps';
import { watchPullRequests } from '../landing/pullRequestWatch';
import { keepTidy } from '../worktree/retention';
import { keepSynced } from '../tracker/sync';

/** Runs until the signal is aborted. A failure for one subject is a stage's; an error that it throws is not. */
type Job = (deps: TaskDeps, signal: AbortSignal, onRound: () => void) => Promise<void>;

const JOBS = {
  tidying: keepTidy,
  syncing: keepSynced,
  pullRequests: watchPullRequests,
} as const satisfies Readonly<Record<string, Job>>;

export type JobName = keyof typeof JOBS;

const JOB_NAMES = Object.keys(JOBS) as readonly JobName[];

/** Between a failure and the next start. */
const PAUSE_MS = 10_000;

/** Starts all of them; each promise resolves once the signal is aborted and its job has ended. */
export function startJobs(deps: TaskDeps, signal: AbortSignal, onRound: (job: JobName) => void): Promise<void>[] {
  return JOB_NAMES.map((name) =>
    startAgain(deps, name, signal, (succeeded) =>
      JOBS[name](deps, signal, () => {
        succeeded();
        onRound(name);
      }),
    ),
  );
}

/**
 * Such a failure concerns the record or a setting, not a subject of a stage.
 * @param job calls `succeeded` after each round
 */
export async function startAgain(
  deps: JobDeps,
  name: JobName,
  signal: AbortSignal,
  job: (succeeded: () => void) => Promise<void>,
  pauseMs = PAUSE_MS,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  const { log } = deps;
  const upkeep = { stage: 'upkeep', subject: name } as const;
  // Another leader may have noted a failure.
  let mayHaveFailed = true;
  const succeeded = (): void => {
    if (mayHaveFailed) void noteJobSuccess(deps, upkeep);
    mayHaveFailed = false;
  };
  while (!isOver()) {
    try {
      await job(succeeded);
      return;
    } catch (error) {
      if (isOver()) return;
      log.error('upkeep restarts later', { job: name, problem: problemOf(error) });
      mayHaveFailed = true;
      await noteJobFailure(deps, upkeep, error, systemClock.nowMs() + pauseMs);
    }
    // After an abort there is nothing to do.
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
