/** Tokens and budgets (`spec/kernel.md` §6). */
import type { RunId } from '../ids';

export interface TokenTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number;
  /** Input and output together; what a budget counts. */
  readonly totalTokens: number;
}

/** Where a run stands against its budget. A state, unlike the original's first-crossing flags (Q11). */
export interface BudgetStatus {
  readonly runId: RunId;
  readonly budget: number;
  readonly used: number;
  readonly usagePct: number;
  readonly warnPct: number;
  readonly level: 'ok' | 'warning' | 'exceeded';
}

/** A budget check with the first-crossing flags of the original, which it sets. */
export interface BudgetCheck extends BudgetStatus {
  readonly firstWarning: boolean;
  readonly firstExceeded: boolean;
}
