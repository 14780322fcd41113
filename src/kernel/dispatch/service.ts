/** Operations on dispatches (`docs/design/agents.md`). The dispatcher handles their processes. */
import * as z from 'zod';
import { endReservation, forgetReservations, notePriced, noteReported } from '../budget/reservation/reservations';
import { KernelError } from '../errors/errors';
import { dispatchId, type DispatchId, type RunId } from '../ids';
import { parseInput } from '../input';
import type { RunGuard } from '../run/record/guard';
import { STATE_KEYS } from '../state/keys';
import { readState } from '../state/service';
import type { Reader, Unit } from '../unit';
import { refuseBeyond } from './limit';
import { isActive, mayBecome } from './machine';
import {
  createDispatchInput,
  dispatchEnding,
  dispatchProgress,
  dispatchTokens,
  processFacts,
  type CreateDispatchInput,
  type Dispatch,
  type DispatchEnding,
  type DispatchEvent,
  type DispatchFilter,
  type DispatchList,
  type DispatchProcess,
  type DispatchProgress,
  type DispatchStatus,
  type DispatchTokens,
  type ProcessFacts,
} from './model';
import { selectHolders, selectPortfolioLimit } from './limitStore';
import * as store from './store';

export { countActive } from './activeCount';

/** What the relay stores for a portfolio: a number inside a JSON string (`docs/design/portfolios.md#relay`). */
const relayedCount = z
  .string()
  .regex(/^[+-]?\d+$/)
  .transform(Number)
  .pipe(z.int());

/** The holder of slots that are known only from the relay's count. */
const ELSEWHERE = 'other databases';

const ageInSeconds = z.int().min(0);

/**
 * Records a dispatch that is about to start, as `spawned`.
 * @throws KernelError `INVALID_ARGUMENT`; `DISPATCH_LIMIT` where the limit of the run's portfolio is reached.
 */
export function createDispatch(u: Unit, input: CreateDispatchInput): Dispatch {
  const facts = parseInput(createDispatchInput, input, 'dispatch');
  if (facts.scopeId !== undefined) refuseBeyondLimit(u, facts.scopeId);
  const id = dispatchId.parse(u.newId());
  store.insertDispatch(u, id, facts);
  const dispatch = getDispatch(u, id);
  touch(u, dispatch);
  return dispatch;
}

/**
 * Records that the process of a `spawned` dispatch runs.
 * @throws KernelError `NOT_FOUND`, `INVALID_ARGUMENT`; `DISPATCH_FINISHED` or `STALE` where it is past `spawned`.
 */
export function markRunning(u: Unit, id: string, facts: ProcessFacts): Dispatch {
  const started = parseInput(processFacts, facts, 'process');
  const before = getDispatch(u, id);
  moveTo(u, before, 'running', undefined, (from) => store.updateStarted(u, before.id, from, started.pid));
  store.insertProcess(u, before.id, started);
  return getDispatch(u, before.id);
}

/**
 * The same for a process that another program may have found and recorded first: then only what that one did not know is
 * added, whatever has become of the dispatch.
 */
export function recordProcess(u: Unit, id: string, facts: ProcessFacts): Dispatch {
  const { pid, startToken, host, ...others } = parseInput(processFacts, facts, 'process');
  const dispatch = getDispatch(u, id);
  const known = store.selectProcess(u, dispatch.id);
  const isKnown = dispatch.pid === pid && known?.startToken === startToken && known.host === host;
  if (!isKnown) return markRunning(u, id, facts);
  store.completeProcess(u, dispatch.id, others);
  touch(u, dispatch);
  return dispatch;
}

/**
 * Stores figures of an active dispatch. False, and nothing stored, where it has ended.
 * @throws KernelError `NOT_FOUND`, `INVALID_ARGUMENT`
 */
export function recordProgress(u: Unit, id: string, progress: DispatchProgress): boolean {
  const figures = parseInput(dispatchProgress, progress, 'progress');
  const dispatch = getDispatch(u, id);
  if (!isActive(dispatch.status)) return false;
  storeFigures(u, dispatch.id, figures);
  touch(u, dispatch);
  return true;
}

/**
 * Ends an active dispatch. Its ending is never changed. No text or figure keeps it from ending: texts are made
 * storable, and figures that cannot be stored are omitted.
 * @throws KernelError `NOT_FOUND`, `INVALID_ARGUMENT`; `DISPATCH_FINISHED` where it has already ended.
 */
export function endDispatch(u: Unit, id: string, ending: DispatchEnding): Dispatch {
  const facts = parseInput(dispatchEnding, ending, 'ending');
  const before = getDispatch(u, id);
  moveTo(u, before, facts.status, facts.errorMessage, (from) => store.updateEnded(u, before.id, from, facts));
  if (facts.progress !== undefined) storeFigures(u, before.id, facts.progress);
  if (facts.failure !== undefined) store.updateFailure(u, before.id, facts.failure);
  endReservation(u, before.id, facts.neverStarted === true ? 'released' : 'settled');
  return getDispatch(u, before.id);
}

/**
 * Sets token counts to absolute values, in any status; an absent count keeps its value.
 * @throws KernelError `NOT_FOUND`; `INVALID_ARGUMENT` for an invalid count or none.
 */
export function setTokens(u: Unit, id: string, tokens: DispatchTokens): Dispatch {
  const counts = parseInput(dispatchTokens, tokens, 'tokens');
  const dispatch = getDispatch(u, id);
  store.updateTokens(u, dispatch.id, counts);
  if (reportsUse(counts)) noteReported(u, dispatch.id);
  touch(u, dispatch);
  return getDispatch(u, dispatch.id);
}

/** @throws KernelError `NOT_FOUND`, `ROW_INVALID` */
export function getDispatch(r: Reader, id: string): Dispatch {
  const dispatch = findDispatch(r, id);
  if (dispatch === undefined) throw new KernelError('NOT_FOUND', { what: 'dispatch', id });
  return dispatch;
}

/** @throws KernelError `ROW_INVALID` */
export function findDispatch(r: Reader, id: string): Dispatch | undefined {
  return store.selectDispatch(r, id);
}

const RECENT_DISPATCHES = 200;

/**
 * The last dispatches of their kinds, where each failed after `since` (Unix seconds) because its agent was not signed
 * in. Of the recent ones only, so that it stays cheap.
 */
export function notSignedIn(r: Reader, since: number): Dispatch[] {
  return store.selectNotSignedIn(r, since, RECENT_DISPATCHES);
}

/** When its agent started, in milliseconds; null where that is not known. */
export function startedMsOf(r: Reader, id: string | null): number | null {
  const startedAt = id === null ? null : (findDispatch(r, id)?.startedAt ?? null);
  return startedAt === null ? null : startedAt * 1000;
}

/** Newest first; unreadable rows are listed separately. */
export function listDispatches(r: Reader, filter: DispatchFilter = {}): DispatchList {
  return store.selectDispatches(r, filter);
}

/** Dispatches as a list of pages. */
export const DISPATCH_PAGES = store.DISPATCH_PAGES;

/** The named dispatches that exist, in no order: for a page of a long list. */
export function findDispatches(r: Reader, ids: readonly string[]): DispatchList {
  return store.selectDispatchesAmong(r, ids);
}

/** Ids of all dispatches, readable or not. */
export function dispatchIds(r: Reader): readonly string[] {
  return store.selectDispatchIds(r);
}

/** Ids of the dispatches of a scope, readable or not, newest first. */
export function dispatchIdsOf(r: Reader, scopeId: string): readonly string[] {
  return store.selectScopeIds(r, scopeId);
}

/** Ids of the active dispatches of a scope, newest first. */
export function activeIdsOf(r: Reader, scopeId: string): readonly string[] {
  return store.selectActiveIds(r, scopeId);
}

/** How many dispatches of each scope are active; a scope without any is omitted. */
export function countActiveByScope(r: Reader): ReadonlyMap<string, number> {
  return store.countActiveByScope(r);
}

/** The relay's count of active dispatches in the projects of a portfolio's children; 0 where there is none. */
export function relayedActive(r: Reader, portfolioId: string): number {
  return readState(r, STATE_KEYS.activeDispatchCount, portfolioId, relayedCount) ?? 0;
}

/** Readable dispatches that are `spawned` or `running`, newest first. */
export function activeDispatches(r: Reader): readonly Dispatch[] {
  return store.selectDispatches(r, { active: true }).dispatches;
}

/** Whether there is a dispatch at all, readable or not. */
export function hasDispatches(r: Reader): boolean {
  return store.hasDispatches(r);
}

/** Facts of the process, if it was started. Dispatches of other programs have none. */
export function dispatchProcess(r: Reader, id: string): DispatchProcess | undefined {
  return store.selectProcess(r, id);
}

/** The kind of the first dispatch that ran as the folder's default (`docs/design/agents.md#the-default-kind`). */
export function firstDefaultKind(r: Reader, kinds: readonly string[], earlier: string): string | undefined {
  return store.selectFirstDefault(r, kinds, earlier);
}

/** Status changes and decisions, oldest first; they outlive the dispatch. */
export function dispatchEvents(r: Reader, id: string): DispatchEvent[] {
  return store.selectEvents(r, id);
}

/**
 * Deletes ended dispatches created more than `olderThanSeconds` ago, keeping their events, and returns their number.
 */
export function pruneDispatches(u: Unit, olderThanSeconds: number): number {
  const createdBefore = u.now - parseInput(ageInSeconds, olderThanSeconds, 'olderThanSeconds');
  const ended = store.selectEndedBefore(u, createdBefore);
  for (const each of ended) touch(u, each);
  const ids = ended.map(({ id }) => id);
  forgetReservations(u, ids);
  return store.deleteEndedBefore(u, createdBefore);
}

/** Makes one transition: the compare-and-set and its event, together. */
function moveTo(
  u: Unit,
  before: Dispatch,
  to: DispatchStatus,
  reason: string | undefined,
  update: (from: DispatchStatus) => number,
): void {
  if (!mayBecome(before.status, to)) throw refusal(before, to);
  if (update(before.status) === 0) throw refusal(getDispatch(u, before.id), to);
  const runId = touch(u, before);
  store.insertEvent(u, { id: before.id, runId, from: before.status, to, reason });
}

function storeFigures(u: Unit, id: DispatchId, figures: DispatchProgress): void {
  store.updateProgress(u, id, figures);
  if (reportsUse(figures)) noteReported(u, id);
  if (figures.pricedCostMicros !== undefined) notePriced(u, id, figures.pricedCostMicros);
}

function reportsUse({ inputTokens, outputTokens }: DispatchTokens): boolean {
  return inputTokens !== undefined || outputTokens !== undefined;
}

function refusal(dispatch: Dispatch, to: DispatchStatus): KernelError {
  const { id, status } = dispatch;
  if (!isActive(status)) return new KernelError('DISPATCH_FINISHED', { dispatchId: id, status });
  return new KernelError('STALE', { what: 'dispatch', id, expected: `ready to be ${to}`, found: status });
}

/** Marks the dispatch and its run as touched; returns that run, if it is in this database. */
export function touch(u: Unit, dispatch: Pick<Dispatch, 'id' | 'scopeId'>): RunId | undefined {
  u.touched.dispatch(dispatch.id);
  const run = store.selectScopeRun(u, dispatch.scopeId);
  if (run !== undefined) u.touched.run(run);
  return run;
}

/**
 * Limits the dispatches of a portfolio's children together (`docs/design/portfolios.md#limits`). Those of this database
 * are counted; the relay's count, at most one interval old, counts those of the children's own databases.
 */
function refuseBeyondLimit(r: Reader, scopeId: string): void {
  const portfolio = selectPortfolioLimit(r, scopeId);
  if (portfolio === undefined) return;
  const holders = selectHolders(r, portfolio.id);
  const here = holders.reduce((sum, { active }) => sum + active, 0);
  const relayed = relayedActive(r, portfolio.id);
  const others = relayed > here ? [{ projectDir: ELSEWHERE, active: relayed - here }] : [];
  refuseBeyond({ portfolioId: portfolio.id, limit: portfolio.limit }, [...holders, ...others]);
}

/** A run that is rolled back does not need the work of the phases it left. */
export const DISPATCH_GUARD: RunGuard = {
  rolledBack: (u, dispatches, errorMessage) => {
    for (const id of dispatches) endDispatch(u, id, { status: 'cancelled', errorMessage });
  },
};
