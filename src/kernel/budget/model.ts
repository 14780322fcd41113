/** Tokens and budgets (`docs/design/formats.md#tokens-and-budgets`). */
import type { RunId } from '../ids';

export interface TokenTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number;
  /** False where no dispatch of the run reported cache hits; `cacheHits` is then 0. */
  readonly cacheHitsReported: boolean;
  /** Input and output together; what a budget counts. */
  readonly totalTokens: number;
}

export const BUDGET_LEVELS = ['ok', 'warning', 'exceeded'] as const;
export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** The budget state of a run, unlike the first-crossing flags of the original (Q11). */
export interface BudgetStatus {
  readonly runId: RunId;
  readonly budget: number;
  readonly used: number;
  readonly usagePct: number;
  readonly warnPct: number;
  readonly level: BudgetLevel;
}

/** A budget check that sets the first-crossing flags of the original. */
export interface BudgetCheck extends BudgetStatus {
  readonly firstWarning: boolean;
  readonly firstExceeded: boolean;
}

/**
 * What happens at a limit. `stop` ends dispatches over it and starts no new ones; `pause` lets running dispatches
 * finish and starts no new ones; `warn` only warns.
 */
export const AT_LIMIT = ['stop', 'pause', 'warn'] as const;
export type AtLimit = (typeof AT_LIMIT)[number];

export const MEASURES = ['tokens', 'cost'] as const;
/** What a budget counts: tokens, or cost in micro-dollars, which are millionths of a US dollar. */
export type Measure = (typeof MEASURES)[number];

/** How much of one measure dispatches have used and reserved. */
export interface MeasureUse {
  /** Used amount, including estimates. */
  readonly used: number;
  /** What running dispatches have reserved beyond what they have used. */
  readonly reserved: number;
  /** The estimated part of `used`: reservations of dispatches that ended without reporting their usage. */
  readonly estimated: number;
  /** Ended dispatches whose usage is unknown. Those without a reservation count as 0, so `used` is a minimum. */
  readonly unknown: number;
}
export type Usage = Readonly<Record<Measure, MeasureUse>>;

/** One measure of a run against its limit. */
export interface Gauge extends MeasureUse {
  /** Null for none. */
  readonly limit: number | null;
  readonly level: BudgetLevel;
}

/** What the rest of a task will use, estimated from its merged subtasks. */
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

/** The budget state of a run: of its own dispatches and, for a portfolio, of its children's in the same database. */
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

/**
 * `reserved` while the dispatch is or may be running; `settled` once it has ended; `released` where it never had a
 * process and so used nothing.
 */
export const RESERVATION_STATES = ['reserved', 'settled', 'released'] as const;
export type ReservationState = (typeof RESERVATION_STATES)[number];

export const NEXT_RESERVATION_STATES: Readonly<Record<ReservationState, readonly ReservationState[]>> = {
  reserved: ['settled', 'released'],
  settled: [],
  released: [],
};

export function reservationMayBecome(from: ReservationState, to: ReservationState): boolean {
  return NEXT_RESERVATION_STATES[from].includes(to);
}
