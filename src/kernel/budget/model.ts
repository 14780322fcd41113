/** Tokens and budgets (`spec/kernel.md` §6). */
import type { RunId } from '../ids';

export interface TokenTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number;
  /** False where no dispatch of the run reported cache hits; `cacheHits` is then 0 for want of a figure. */
  readonly cacheHitsReported: boolean;
  /** Input and output together; what a budget counts. */
  readonly totalTokens: number;
}

export const BUDGET_LEVELS = ['ok', 'warning', 'exceeded'] as const;
export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** Where a run stands against its budget. A state, unlike the original's first-crossing flags (Q11). */
export interface BudgetStatus {
  readonly runId: RunId;
  readonly budget: number;
  readonly used: number;
  readonly usagePct: number;
  readonly warnPct: number;
  readonly level: BudgetLevel;
}

/** A budget check with the first-crossing flags of the original, which it sets. */
export interface BudgetCheck extends BudgetStatus {
  readonly firstWarning: boolean;
  readonly firstExceeded: boolean;
}
