/**
 * Operations on the queue of dispatches that wait for a limit (`docs/design/portfolios.md#limits`). A queued dispatch
 * leaves the queue in the transaction that records it as a dispatch, so that exactly one window starts it, once.
 */
import { findDispatch } from '../dispatch/service';
import { KernelError, lacksTables } from '../errors/errors';
import { because } from '../errors/reasons/problem';
import type { DispatchId } from '../ids';
import { parseInput } from '../input';
import type { RunGuard } from '../run/record/guard';
import { getRun } from '../run/record/queries';
import type { Reader, Unit } from '../unit';
import { enqueueInput, type EnqueueInput, type QueuedDispatch, type QueueList } from './model';
import * as store from './store';

/** The name of queued dispatches in `NOT_FOUND`. */
export const QUEUED = 'queued dispatch';

/**
 * Adds a dispatch to the end of the queue.
 * @throws KernelError `INVALID_ARGUMENT`, also for an id that is taken; `NOT_FOUND` for the run.
 */
export function enqueue(u: Unit, input: EnqueueInput): QueuedDispatch {
  const { runId, ...facts } = parseInput(enqueueInput, input, 'dispatch');
  if (runId !== undefined) getRun(u, runId);
  const { id } = facts;
  if (findDispatch(u, id) !== undefined || isQueued(u, id)) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'id',
      problem: because('there is a dispatch {id} already', { id }),
    });
  }
  store.insertQueued(u, { ...facts, runId: runId ?? null, problem: null });
  touch(u);
  return getQueued(u, id);
}

/** In queue order, with unreadable rows separately. */
export function listQueued(r: Reader): QueueList {
  return store.selectQueue(r);
}

/** @throws KernelError `ROW_INVALID` */
export function findQueued(r: Reader, id: string): QueuedDispatch | undefined {
  return store.selectQueued(r, id);
}

/** Whether any dispatch is queued, readable or not. A record of an older version that is only read has no queue. */
export function hasQueued(r: Reader): boolean {
  try {
    return store.hasQueued(r);
  } catch (error) {
    if (lacksTables(error)) return false;
    throw error;
  }
}

/** Whether it is in the queue, readable or not. */
export function isQueued(r: Reader, id: string): boolean {
  return store.isQueued(r, id);
}

/** @throws KernelError `NOT_FOUND`, `ROW_INVALID` */
export function getQueued(r: Reader, id: string): QueuedDispatch {
  const queued = findQueued(r, id);
  if (queued === undefined) throw new KernelError('NOT_FOUND', { what: QUEUED, id });
  return queued;
}

/**
 * Removes a dispatch from the queue, readable or not: to start it in the same transaction, or to discard it.
 * @throws KernelError `NOT_FOUND` where another program removed it first.
 */
export function leaveQueue(u: Unit, id: string): void {
  if (store.deleteQueued(u, id) === 0) throw new KernelError('NOT_FOUND', { what: QUEUED, id });
  touch(u);
}

/** Removes all dispatches of a canceled run from the queue, readable or not. */
export const QUEUE_GUARD: RunGuard = {
  cancelled: (u, runId) => {
    if (store.deleteQueuedOf(u, runId) > 0) touch(u);
  },
};

/**
 * Records why a queued dispatch could not be started, or with null that it may be tried again. Does nothing if it has
 * left the queue.
 */
export function setQueuedProblem(u: Unit, id: DispatchId, problem: string | null): void {
  if (store.updateProblem(u, id, problem) > 0) touch(u);
}

function touch(u: Unit): void {
  u.touched.rest();
}
