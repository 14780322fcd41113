/** When usage reaches a budget (`docs/design/formats.md#tokens-and-budgets`). */
import type { BudgetLevel } from './model';

/** `used` and `budget` in tokens; `warnPct` in percent of the budget. A threshold of no token at all never warns. */
export function budgetLevel(used: number, budget: number, warnPct: number): BudgetLevel {
  if (used >= budget) return 'exceeded';
  const threshold = warnThreshold(budget, warnPct);
  return threshold > 0 && used >= threshold ? 'warning' : 'ok';
}

/** Tokens from which on usage is worth a warning. */
export function warnThreshold(budget: number, warnPct: number): number {
  return Math.floor((budget * warnPct) / 100);
}

/** The median of whole amounts, rounded up; undefined of none. */
export function medianOf(amounts: readonly number[]): number | undefined {
  const sorted = [...amounts].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : Math.ceil((low + high) / 2);
}
