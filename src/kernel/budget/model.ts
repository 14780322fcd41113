/** Tokens and budgets (`docs/design/formats.md#tokens-and-budgets`). */
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

/**
 * What happens at a limit. `stop` ends what is over it and starts nothing new; `pause` lets what is running end by itself
 * and starts nothing new; `warn` only says so.
 */
export const AT_LIMIT = ['stop', 'pause', 'warn'] as const;
export type AtLimit = (typeof AT_LIMIT)[number];

export const MEASURES = ['tokens', 'cost'] as const;
/** What a budget counts: tokens, or cost in micro-dollars, which are millionths of a US dollar. */
export type Measure = (typeof MEASURES)[number];

/** How much of one measure dispatches have used and hold. */
export interface MeasureUse {
  /** What counts as used, estimates included. */
  readonly used: number;
  /** What running dispatches hold beyond what they have used. */
  readonly reserved: number;
  /** The part of `used` that nobody reported: reservations of dispatches that ended without telling their usage. */
  readonly estimated: number;
  /** Ended dispatches whose usage is unknown. Those without a reservation count nothing, so `used` is the least. */
  readonly unknown: number;
}
export type Usage = Readonly<Record<Measure, MeasureUse>>;

/** One measure of a run against its limit. */
export interface Gauge extends MeasureUse {
  /** Null for none. */
  readonly limit: number | null;
  readonly level: BudgetLevel;
}

/** What the rest of a task may use, judged by its subtasks that are merged. */
export interface Forecast {
  /** Subtasks that are not merged yet. */
  readonly remaining: number;
  /** Merged subtasks that the medians are taken from. */
  readonly samples: number;
  /** Tokens to the end of the task: the median of a merged subtask for each that remains. */
  readonly tokens: number;
  /** In micro-dollars; null where no merged subtask's cost is known. */
  readonly cost: number | null;
}

/** Where a run stands: its own dispatches and, for a portfolio, those of its children in the same database. */
export interface BudgetState {
  readonly runId: RunId;
  readonly tokens: Gauge;
  readonly cost: Gauge;
  /** The worse of the two. */
  readonly level: BudgetLevel;
  readonly warnPct: number;
  /** Of a run that belongs to a task with subtasks left and some merged. */
  readonly forecast?: Forecast;
}
