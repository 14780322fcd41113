/** Whether a dispatch fits into the budgets above it, and when it has outgrown them: pure. */
import { amountText } from '../amounts';
import { MEASURES, type Measure, type MeasureUse, type Usage } from '../model';
import { committed, useOfDispatch, type DispatchUse } from '../usage';

/** The owner of a budget: a dispatch, or a run or a portfolio above it. */
export const BUDGET_OWNERS = ['dispatch', 'run', 'portfolio'] as const;
export type BudgetOwner = (typeof BUDGET_OWNERS)[number];

export type Limits = Readonly<Record<Measure, number | null>>;
export const NO_LIMITS: Limits = { tokens: null, cost: null };

/** A budget above a dispatch, with what has been used and reserved of it. */
export interface BudgetLevel {
  readonly owner: Exclude<BudgetOwner, 'dispatch'>;
  readonly id: string;
  readonly limits: Limits;
  readonly usage: Usage;
}

/**
 * Where an amount comes from. `given`: set by the caller; it is the dispatch's own budget. `past`: the median of
 * dispatches of its kind. `guess`: from a setting, where no past dispatches are known; it is reduced to what is left.
 */
export const BASES = ['given', 'past', 'guess'] as const;
export type Basis = (typeof BASES)[number];

/** What a dispatch requests to reserve. */
export type BudgetRequest = Readonly<Record<Measure, { readonly amount: number; readonly basis: Basis }>>;

/** Why a dispatch may not start. */
export interface Shortage {
  readonly owner: BudgetLevel['owner'];
  readonly id: string;
  readonly measure: Measure;
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  /** What the dispatch needs. */
  readonly needed: number;
}

export type Fit =
  | { readonly fits: true; readonly granted: Readonly<Record<Measure, number>> }
  | { readonly fits: false; readonly shortage: Shortage };

/** What each level grants, or the first shortage. */
export function fit(request: BudgetRequest, levels: readonly BudgetLevel[]): Fit {
  const granted: Record<Measure, number> = { tokens: request.tokens.amount, cost: request.cost.amount };
  for (const measure of MEASURES) {
    const { amount, basis } = request[measure];
    for (const { owner, id, limits, usage } of levels) {
      const limit = limits[measure];
      if (limit === null) continue;
      const left = limit - committed(usage[measure]);
      const isShort = amount > 0 && (basis === 'guess' ? left <= 0 : amount > left);
      if (isShort) {
        const { used, reserved } = usage[measure];
        return { fits: false, shortage: { owner, id, measure, limit, used, reserved, needed: amount } };
      }
      granted[measure] = Math.min(granted[measure], Math.max(0, left));
    }
  }
  return { fits: true, granted };
}

/** How much of the shortage's budget is left. */
export function leftOf({ limit, used, reserved }: Shortage): number {
  return Math.max(0, limit - used - reserved);
}

/** Why a running dispatch must not continue. */
export interface Excess {
  readonly owner: BudgetOwner;
  readonly id: string;
  readonly measure: Measure;
  readonly limit: number;
  readonly used: number;
}

/** `run abc has used 1200 tokens of 1000 tokens` */
export function excessText({ owner, id, measure, limit, used }: Excess): string {
  return `${owner} ${id} has used ${amountText(measure, used)} of ${amountText(measure, limit)}`;
}

/**
 * A running dispatch is over budget if its own budget or one above it is used up, or if one above it is fully reserved
 * and the dispatch has used more than its reservation. A dispatch within its reservation is not ended for the usage of
 * others.
 */
export function excessOf(
  id: string,
  own: Limits,
  use: DispatchUse,
  levels: readonly BudgetLevel[],
): Excess | undefined {
  const mine = useOfDispatch(use);
  for (const measure of MEASURES) {
    const limit = own[measure];
    const { used } = mine[measure];
    if (limit !== null && used >= limit) return { owner: 'dispatch', id, measure, limit, used };
    const isBeyond = used > (use.reservation?.[measure] ?? 0);
    const level = levels.find((each) => isOver(each, measure, mine[measure], isBeyond));
    const levelLimit = level?.limits[measure] ?? null;
    if (level === undefined || levelLimit === null) continue;
    return { owner: level.owner, id: level.id, measure, limit: levelLimit, used: level.usage[measure].used };
  }
  return undefined;
}

function isOver({ limits, usage }: BudgetLevel, measure: Measure, mine: MeasureUse, isBeyond: boolean): boolean {
  const limit = limits[measure];
  // A dispatch that uses nothing exhausts nothing.
  if (limit === null || committed(mine) === 0) return false;
  return usage[measure].used >= limit || (isBeyond && committed(usage[measure]) > limit);
}
