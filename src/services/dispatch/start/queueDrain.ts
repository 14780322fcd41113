/** Starting what waits, the first in line over several projects first (`docs/design/portfolios.md#limits`). */
import type { Log } from '../../../host/log';
import { isKernelError, KernelError, problemOf, type ErrorCode } from '../../../kernel/errors/errors';
import type { DispatchId } from '../../../kernel/ids';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { listQueued, QUEUED, setQueuedProblem } from '../../../kernel/queue/service';
import { findRun } from '../../../kernel/run/record/queries';
import type { Dispatcher } from '../dispatcher';
import type { DispatchKernel } from '../kernel';

export interface Waiting {
  readonly kernel: DispatchKernel;
  readonly queued: QueuedDispatch;
}

/** What is over with an event: the release of an account, trust. */
const WAITING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ACCOUNT_HELD', 'ACCOUNT_STOPPED', 'UNTRUSTED']);

/** What blocks for the moment and says nothing about the dispatch itself: no event reports its end. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DATABASE_BUSY',
  'DATABASE_CHANGING',
  'DATABASE_IN_USE',
  'DATABASE_LOADING',
  'DATABASE_READ_ONLY',
  'DATABASE_WRITE_FAILED',
  'KERNEL_CLOSED',
]);

/** Everything that waits in these projects, the first in line first. */
export function lineOf(kernels: readonly DispatchKernel[]): readonly Waiting[] {
  return kernels
    .flatMap((kernel) => kernel.read((r) => listQueued(r)).queued.map((queued) => ({ kernel, queued })))
    .sort((a, b) => a.queued.queuedAtMs - b.queued.queuedAtMs);
}

export interface Round {
  readonly started: readonly DispatchId[];
  /** What something that passes without an event kept from being started, or its problem from being stored. */
  readonly blocked: readonly Blocked[];
}

export interface Blocked extends Waiting {
  readonly error: unknown;
}

/**
 * Starts every dispatch of the line that its limits allow now. One that a limit holds back keeps
 * its place before the later ones of the same portfolio or run; one that fails otherwise keeps its place with the reason, and
 * holds nobody back.
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

/** One whose agent could not be started is a failed dispatch by now, and says so there. Whether it could be stored. */
async function noteProblem(kernel: DispatchKernel, { id }: QueuedDispatch, error: unknown, log: Log): Promise<boolean> {
  log.warn('queued dispatch could not be started', { id, error });
  try {
    await kernel.write((u) => setQueuedProblem(u, id, problemOf(error)));
    return true;
  } catch (failure) {
    log.warn('the problem of a queued dispatch could not be stored', { id, error: failure });
    return false;
  }
}

function portfolioOf(kernel: DispatchKernel, { runId }: QueuedDispatch): string | undefined {
  return runId === null ? undefined : (kernel.read((r) => findRun(r, runId))?.parentRunId ?? undefined);
}
