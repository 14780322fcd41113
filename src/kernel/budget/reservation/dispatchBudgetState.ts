/** The state of one dispatch's own budget. */
import type { Reader } from '../../unit';
import type { BudgetState } from '../model';
import { findReservation, ownLimits } from './reservations';
import type { BudgetOwner } from './room';
import { gaugesOf } from '../budgetState';
import { useOfDispatch } from '../usage';
import { selectUse } from '../useStore';

/** Cost in micro-dollars. */
export interface DispatchBudgetState extends Pick<BudgetState, 'tokens' | 'cost' | 'level'> {
  readonly dispatchId: string;
  /** The owner of the budget that it was ended for, if any. */
  readonly stoppedBy: BudgetOwner | null;
}

/** The share of a dispatch's budget at which it warns, in percent. */
const WARN_PCT = 80;

/** Undefined for an unknown dispatch. Gauges have limits where the dispatch has a budget of its own. */
export function dispatchBudgetState(r: Reader, dispatchId: string): DispatchBudgetState | undefined {
  const use = selectUse(r, dispatchId);
  if (use === undefined) return undefined;
  const limits = ownLimits(r, dispatchId);
  const gauges = gaugesOf({ ...limits, warnPct: WARN_PCT }, useOfDispatch(use));
  return { dispatchId, ...gauges, stoppedBy: findReservation(r, dispatchId)?.stoppedBy ?? null };
}
