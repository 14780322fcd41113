/**
 * Runs every stage: an error becomes a state of its subject, counted in the record and shown
 * (`docs/design/failures.md#classes`). Stages do not catch their own failures; expected outcomes are values.
 */
import { isKernelError, KernelError, problemOf } from '../../kernel/errors/errors';
import { errorClassOf, passesAt } from '../../kernel/failure/errorClasses';
import { DEFAULT_BACKOFF, delayAfter } from '../../kernel/tasks/stage/backoff';
import {
  clearStageFailure,
  failStage,
  type FailedStage,
  type StageResult,
} from '../../kernel/tasks/upkeep/stageFailures';
import { findStageFailure, stageFailures } from '../../kernel/tasks/upkeep/stageHolds';
import type { StageName } from '../../kernel/tasks/stage/stages';
import { systemClock } from '../../host/clock';
import type { TaskDeps, TaskSettings } from './deps';

export interface StageDeps extends Pick<TaskDeps, 'kernel' | 'log' | 'beforeStage'> {
  /** Defaults to the standard delays, without randomness. */
  readonly settings?: () => Partial<Pick<TaskSettings, 'backoff'>>;
  readonly chance?: () => number;
}

export type StageOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Not run: it failed, and its next try is not due. */
  | { readonly kind: 'resting' }
  /** Its subject was stopped or deleted meanwhile. */
  | { readonly kind: 'gone' }
  | { readonly kind: StageResult };

/** If the record cannot store a failure of upkeep, its loop retries within about this time. */
const UNRECORDED_SECONDS = 60;

/** The delay between tries of a stage grows up to this multiple of the longest delay between attempts. */
const LONGEST_PAUSES = 5;

/**
 * Runs a stage of a subject. Rejects if the signal is aborted, or if the record cannot store the failure: the caller
 * then retries with its own delays.
 */
export async function runStage<T>(
  deps: StageDeps,
  stage: StageName,
  subject: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<StageOutcome<T>> {
  const { kernel, log } = deps;
  const { before, isResting } = kernel.read((r) => {
    const found = findStageFailure(r, stage, subject);
    return { before: found, isResting: found !== undefined && (found.nextAt === null || found.nextAt > r.now) };
  });
  if (isResting) return { kind: 'resting' };
  let value: T;
  try {
    deps.beforeStage?.(stage, subject);
    value = await work();
  } catch (error) {
    if (signal?.aborted === true || KernelError.is(error, 'LEAD_LOST')) throw error;
    return await noteFailure(deps, { stage, subject, error });
  }
  kernel.unrecorded.clear(stage, subject);
  if (before !== undefined) {
    await kernel.write((u) => clearStageFailure(u, stage, subject));
    log.info('stage succeeded after a failure', { stage, subject, tries: before.tries });
  }
  return { kind: 'done', value };
}

/** Like `runStage`, for a loop with its own delays that continues after any failure. */
export async function runUpkeep<T>(
  deps: StageDeps,
  stage: StageName,
  subject: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<StageOutcome<T> | { readonly kind: 'unrecorded' }> {
  try {
    return await runStage(deps, stage, subject, work, signal);
  } catch (error) {
    const reason = problemOf(error);
    deps.log.debug('upkeep continues later', { stage, subject, problem: reason });
    const isOver = signal?.aborted === true || KernelError.is(error, 'LEAD_LOST');
    if (!isOver) {
      const now = Math.floor(systemClock.nowMs() / 1000);
      deps.kernel.unrecorded.note({ stage, subject, reason, now, nextAt: now + UNRECORDED_SECONDS });
    }
    return { kind: 'unrecorded' };
  }
}

/** When failed stages are retried, in milliseconds. */
export function nextTries({ kernel }: Pick<StageDeps, 'kernel'>, stages: readonly StageName[]): number[] {
  return kernel
    .read(stageFailures)
    .flatMap(({ stage, nextAt }) => (stages.includes(stage) && nextAt !== null ? [nextAt * 1000] : []));
}

interface Failure {
  readonly stage: StageName;
  readonly subject: string;
  readonly error: unknown;
}

async function noteFailure(
  { kernel, log, chance, settings }: StageDeps,
  { stage, subject, error }: Failure,
): Promise<{ readonly kind: StageResult | 'gone' }> {
  const backoff = settings?.().backoff ?? DEFAULT_BACKOFF;
  const longest = { ...backoff, capSeconds: backoff.capSeconds * LONGEST_PAUSES };
  const jitter = chance?.() ?? 0;
  const failed: FailedStage = {
    stage,
    subject,
    reason: reasonOf(error),
    code: isKernelError(error) ? error.code : null,
    failure: errorClassOf(error),
    passesAt: passesAt(error),
    pause: (tries) => delayAfter(tries, jitter, longest),
  };
  try {
    const kind = await kernel.write((u) => failStage(u, failed));
    kernel.unrecorded.clear(stage, subject);
    log.warn('stage failed', { stage, subject, code: failed.code, problem: failed.reason, result: kind });
    return { kind };
  } catch (notKept) {
    // A subject that is gone, or no longer in progress, cannot be held.
    if (KernelError.is(notKept, 'NOT_FOUND') || KernelError.is(notKept, 'TASK_STATE')) {
      log.debug('stage ended with its subject', { stage, subject, problem: failed.reason });
      return { kind: 'gone' };
    }
    log.error('stage failure not recorded', { stage, subject, problem: failed.reason, cause: problemOf(notKept) });
    throw error;
  }
}

/** The next planner reads the problem of a plan, so it is stored without our text around it. */
function reasonOf(error: unknown): string {
  return KernelError.is(error, 'PLAN_INVALID') ? error.facts.problem.text : problemOf(error);
}

/** A worktree that a person has locked stays and is checked again later. That is no failure. */
export async function unlessLocked({ log }: Pick<TaskDeps, 'log'>, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!KernelError.is(error, 'WORKTREE_LOCKED')) throw error;
    log.info('worktree kept, because it is locked', { folder: error.facts.path });
  }
}
