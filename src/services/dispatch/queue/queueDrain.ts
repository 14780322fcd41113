/** Starts queued dispatches, the oldest of all projects first (`docs/design/portfolios.md#limits`). */
import type { Log } from '../../../host/log';
import { isKernelError, KernelError, problemOf, type ErrorCode } from '../../../kernel/errors/errors';
import type { DispatchId } from '../../../kernel/ids';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { listQueued, QUEUED, setQueuedProblem } from '../../../kernel/queue/service';
import { findRun } from '../../../kernel/run/record/queries';
import type { Dispatcher } from '../dispatcher';
import type { DispatchKernel } from '../../record/dispatchKernel';

export interface Waiting {
  readonly kernel: DispatchKernel;
  readonly queued: QueuedDispatch;
}

/** Obstacles that end with an event, such as the release of an account or trust. */
const WAITING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ACCOUNT_HELD', 'ACCOUNT_STOPPED', 'UNTRUSTED']);

/** Temporary obstacles that do not concern the dispatch itself and end without an event. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DATABASE_BUSY',
  'DATABASE_CHANGING',
  'DATABASE_IN_USE',
  'DATABASE_LOADING',
  'DATABASE_READ_ONLY',
  'DATABASE_WRITE_FAILED',
  'KERNEL_CLOSED',
]);

/** All queued dispatches of these projects, the oldest first. */
export function lineOf(kernels: readonly DispatchKernel[]): readonly Waiting[] {
  return kernels
    .flatMap((kernel) => kernel.read((r) => listQueued(r)).queued.map((queued) => ({ kernel, queued })))
    .sort((a, b) => a.queued.queuedAtMs - b.queued.queuedAtMs);
}

export interface Round {
  readonly started: readonly DispatchId[];
  /** Dispatches that a temporary obstacle kept from starting, or whose problem could not be stored. */
  readonly blocked: readonly Blocked[];
}

export interface Blocked extends Waiting {
  readonly error: unknown;
}

/**
 * Starts every queued dispatch that its limits allow now. A dispatch that a limit holds back keeps its position before
 * later ones of the same portfolio or run. A dispatch that fails otherwise keeps its position with the reason, and
 * blocks no other.
 */
export async function startWaiting(
  dispatcher: Dispatcher,
  kernels: readonly DispatchKernel[],
  log: Log,
): Promise<Round> {
  const started: DispatchId[] = [];
  const full = new Set<string>();
  const blocked: Blocked[] = [];
  for (const { kernel, queued } of lineOf(kernels)) {
    if (queued.problem !== null || !dispatcher.mayStartUnasked(queued)) continue;
    if (full.has(portfolioOf(kernel, queued) ?? '') || full.has(queued.runId ?? '')) continue;
    try {
      started.push((await dispatcher.startQueued(kernel, queued.id)).id);
    } catch (error) {
      const verdict = judge(error);
      if (verdict === 'windowFull') break;
      if (typeof verdict === 'object') full.add(verdict.full);
      if (verdict === 'failed' && !(await noteProblem(kernel, queued, error, log)))
        blocked.push({ kernel, queued, error });
      if (verdict === 'waiting') log.info('queued dispatch waits', { id: queued.id, error });
      if (verdict === 'passing') {
        blocked.push({ kernel, queued, error });
        log.warn('queued dispatch not started now', { id: queued.id, error });
      }
    }
  }
  return { started, blocked };
}

type Verdict = 'windowFull' | 'taken' | 'waiting' | 'passing' | 'failed' | { readonly full: string };

function judge(error: unknown): Verdict {
  if (!isKernelError(error)) return 'failed';
  if (error.code === 'TOO_MANY_DISPATCHES') return 'windowFull';
  if (KernelError.is(error, 'DISPATCH_LIMIT')) return { full: error.facts.portfolioId };
  if (KernelError.is(error, 'PORTFOLIO_BUDGET')) return { full: error.facts.portfolioId };
  if (KernelError.is(error, 'RUN_BUDGET')) return { full: error.facts.runId };
  if (KernelError.is(error, 'NOT_FOUND') && error.facts.what === QUEUED) return 'taken';
  if (WAITING.has(error.code)) return 'waiting';
  return PASSING.has(error.code) ? 'passing' : 'failed';
}

/**
 * Stores a problem; returns whether that succeeded. A dispatch whose agent could not be started is already recorded as
 * failed.
 */
async function noteProblem(kernel: DispatchKernel, { id }: QueuedDispatch, error: unknown, log: Log): Promise<boolean> {
  log.warn('queued dispatch could not be started', { id, error });
  try {
    await kernel.write((u) => setQueuedProblem(u, id, problemOf(error)));
    return true;
  } catch (failure) {
    log.warn('problem of a queued dispatch not stored', { id, error: failure });
    return false;
  }
}

function portfolioOf(kernel: DispatchKernel, { runId }: QueuedDispatch): string | undefined {
  return runId === null ? undefined : (kernel.read((r) => findRun(r, runId))?.parentRunId ?? undefined);
}
