/**
 * Operations on the reservations of dispatches. The amount that a dispatch may use is reserved from the budgets above
 * it in the transaction that records the dispatch, so that concurrent starts never reserve more than the budget.
 */
import { KernelError } from '../../errors/errors';
import { dispatchId as dispatchIdSchema } from '../../ids';
import type { Reader, Unit } from '../../unit';
import { amountText } from '../amounts';
import { reservationMayBecome, type ReservationState, type Measure } from '../model';
import { medianOf } from '../rules';
import * as store from './reservationStore';
import {
  excessOf,
  fit,
  leftOf,
  NO_LIMITS,
  type BudgetLevel,
  type BudgetOwner,
  type Excess,
  type Fit,
  type Limits,
  type Shortage,
  type BudgetRequest,
} from './room';
import { runUsage } from '../budgetState';
import { committed, NO_USAGE, useOfDispatch } from '../usage';
import { selectLimits, selectPast, selectUse, type RunLimits } from '../useStore';

export type { Reservation } from './reservationStore';

/** Amounts set by the caller; a missing one is estimated. */
export type GivenAmounts = Readonly<Partial<Record<Measure, number>>>;

export interface Reserving {
  /** Budgets above the run that are kept in another database. */
  readonly outer?: readonly BudgetLevel[];
  /** False where going over budget only warns. */
  readonly isEnforced: boolean;
}

/** What a dispatch of a kind requests: the given amount, else one from past dispatches, else the configured guess. */
export function budgetRequestFor(
  r: Reader,
  agentType: string,
  given: GivenAmounts,
  guess: Readonly<Record<Measure, number>>,
): BudgetRequest {
  const requested = (measure: Measure): BudgetRequest[Measure] => {
    const set = given[measure];
    if (set !== undefined) return { amount: set, basis: 'given' };
    const past = medianOf(selectPast(r, agentType, measure));
    return past === undefined ? { amount: guess[measure], basis: 'guess' } : { amount: past, basis: 'past' };
  };
  return { tokens: requested('tokens'), cost: requested('cost') };
}

/** The budgets of this database that a run's dispatches must fit into: its own and its portfolio's. */
export function levelsOf(r: Reader, runId: string): readonly BudgetLevel[] {
  const own = selectLimits(r, runId);
  const parentId = own?.parentRunId ?? null;
  const parent = parentId === null ? undefined : selectLimits(r, parentId);
  return [...levelOf(r, 'run', own), ...levelOf(r, 'portfolio', parent)];
}

export function isLimited({ tokens, cost }: Limits): boolean {
  return tokens !== null || cost !== null;
}

/** Whether a dispatch for the run would fit now, as far as this database knows. */
export function fits(r: Reader, runId: string, request: BudgetRequest): Fit {
  return fit(request, levelsOf(r, runId));
}

/**
 * Reserves for a dispatch that has just been recorded.
 * @throws KernelError `RUN_BUDGET`, `PORTFOLIO_BUDGET` where it does not fit.
 */
export function reserve(
  u: Unit,
  dispatchId: string,
  request: BudgetRequest,
  { outer = [], isEnforced }: Reserving,
): void {
  store.insertReservation(u, dispatchId, isEnforced ? grantedOf(request, levelsAbove(u, dispatchId, outer)) : request);
}

/** A shortage as the error that a start is refused with. */
export function budgetRefusal(shortage: Shortage): KernelError {
  const { owner, id, measure, limit, used, reserved, needed } = shortage;
  const words = (amount: number): string => amountText(measure, amount);
  const left = leftOf(shortage);
  const facts = {
    measure,
    used,
    reserved,
    budget: limit,
    needed: words(needed),
    left: words(left),
    of: words(limit),
    missing: words(needed - left),
  };
  switch (owner) {
    case 'run':
      return new KernelError('RUN_BUDGET', { runId: id, ...facts });
    case 'portfolio':
      return new KernelError('PORTFOLIO_BUDGET', { portfolioId: id, ...facts });
  }
}

/** The dispatch has ended: `released` where it never had a process, else `settled`. Repeating it changes nothing. */
export function endReservation(u: Unit, dispatchId: string, to: Exclude<ReservationState, 'reserved'>): void {
  const before = store.selectReservation(u, dispatchId);
  if (before === undefined || !reservationMayBecome(before.state, to)) return;
  store.updateState(u, dispatchId, before.state, to);
}

/** Records that the usage of the dispatch was reported; a zero counts as known then. */
export function noteReported(u: Unit, dispatchId: string): void {
  store.updateReported(u, dispatchId);
}

/**
 * Records the cost of the tokens so far, in micro-dollars, by list prices; a cost reported by the agent takes
 * precedence.
 */
export function notePriced(u: Unit, dispatchId: string, micros: number): void {
  store.updatePriced(u, dispatchId, micros);
}

/** Undefined for a dispatch of another program. */
export function findReservation(r: Reader, dispatchId: string): store.Reservation | undefined {
  return store.selectReservation(r, dispatchId);
}

/** Whether a running dispatch must end under these budgets, and for which one. */
export function budgetExcess(r: Reader, dispatchId: string, levels: readonly BudgetLevel[]): Excess | undefined {
  const use = selectUse(r, dispatchId);
  if (use?.isActive !== true) return undefined;
  return excessOf(dispatchId, ownLimits(r, dispatchId), use, levels);
}

/** The dispatch's own budget. */
export function ownLimits(r: Reader, dispatchId: string): Limits {
  const reservation = store.selectReservation(r, dispatchId);
  if (reservation === undefined) return NO_LIMITS;
  const { basis, tokens, cost } = reservation;
  return { tokens: basis.tokens === 'given' ? tokens : null, cost: basis.cost === 'given' ? cost : null };
}

/** Records which budget a dispatch is ended for. False if one was recorded before. */
export function noteStopped(u: Unit, dispatchId: string, by: BudgetOwner): boolean {
  if (store.updateStopped(u, dispatchId, by) === 0) return false;
  touch(u, dispatchId);
  return true;
}

/**
 * Changes the own budget of a running dispatch; null removes the budget of a measure and keeps its reservation.
 * @throws KernelError `NOT_FOUND` where it has no reservation; `DISPATCH_FINISHED`; `RUN_BUDGET` or `PORTFOLIO_BUDGET`
 * where the new amount does not fit.
 */
export function setDispatchBudget(
  u: Unit,
  dispatchId: string,
  changes: Readonly<Partial<Record<Measure, number | null>>>,
  { outer = [], isEnforced }: Reserving,
): void {
  const before = store.selectReservation(u, dispatchId);
  if (before === undefined) throw new KernelError('NOT_FOUND', { what: 'reservation', id: dispatchId });
  if (before.state !== 'reserved') {
    throw new KernelError('DISPATCH_FINISHED', { dispatchId, status: before.state });
  }
  const use = selectUse(u, dispatchId);
  const held = use === undefined ? NO_USAGE : useOfDispatch(use);
  const changed = (measure: Measure): BudgetRequest[Measure] => {
    const change = changes[measure];
    const kept = { amount: before[measure], basis: before.basis[measure] };
    if (change === undefined) return kept;
    return change === null ? { ...kept, basis: 'guess' } : { amount: change, basis: 'given' };
  };
  // Its reservation or usage is already counted above; only the excess has to fit.
  const more = (measure: Measure): BudgetRequest[Measure] => {
    const { amount, basis } = changed(measure);
    return { amount: Math.max(0, amount - committed(held[measure])), basis };
  };
  const needed = { tokens: more('tokens'), cost: more('cost') };
  if (isEnforced) refuseShort(fit(needed, levelsAbove(u, dispatchId, outer)));
  store.updateAmounts(u, dispatchId, { tokens: changed('tokens'), cost: changed('cost') });
  touch(u, dispatchId);
}

/** Deletes the reservations of dispatches that are deleted. */
export const forgetReservations = store.deleteReservations;

/** The dispatch, and the run that its reservation counts for. */
function touch(u: Unit, id: string): void {
  u.touched.dispatch(dispatchIdSchema.parse(id));
  const run = selectLimits(u, store.selectScope(u, id) ?? '');
  if (run !== undefined) u.touched.run(run.runId);
}

function levelsAbove(r: Reader, dispatchId: string, outer: readonly BudgetLevel[]): readonly BudgetLevel[] {
  const scope = store.selectScope(r, dispatchId) ?? null;
  return scope === null ? outer : [...levelsOf(r, scope), ...outer];
}

/** Empty where the run is missing or has no budget; its dispatches need not be counted then. */
function levelOf(r: Reader, owner: BudgetLevel['owner'], limits: RunLimits | undefined): BudgetLevel[] {
  if (limits === undefined || !isLimited(limits)) return [];
  const { runId, tokens, cost } = limits;
  return [{ owner, id: runId, limits: { tokens, cost }, usage: runUsage(r, runId) }];
}

function grantedOf(request: BudgetRequest, levels: readonly BudgetLevel[]): BudgetRequest {
  const { tokens, cost } = refuseShort(fit(request, levels));
  return { tokens: { ...request.tokens, amount: tokens }, cost: { ...request.cost, amount: cost } };
}

/** @throws KernelError `RUN_BUDGET`, `PORTFOLIO_BUDGET` */
function refuseShort(outcome: Fit): Readonly<Record<Measure, number>> {
  if (outcome.fits) return outcome.granted;
  throw budgetRefusal(outcome.shortage);
}
