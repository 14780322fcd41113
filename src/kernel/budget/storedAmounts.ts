/**
 * SQL of stored amounts, which may be text, negative, or too large for an integer. An impossible amount counts as not
 * reported, so that one row cannot exhaust every budget.
 */
import type { Measure } from './model';

/** A trillion tokens, and a million dollars in micro-dollars. */
const MOST: Readonly<Record<Measure, number>> = { tokens: 1_000_000_000_000, cost: 1_000_000_000_000 };

/** The amount of an expression, or NULL. */
export function storedAmount(measure: Measure, expression: string): string {
  return `(CASE WHEN typeof(${expression}) IN ('integer', 'real') AND ${expression} BETWEEN 0 AND ${MOST[measure]}
    THEN CAST(${expression} AS INTEGER) END)`;
}

/** The sum of a column over all rows, as the nearest safe integer; NULL where each value is NULL. */
export function sumOf(column: string): string {
  const bounded = `min(max(total(${column}), ${Number.MIN_SAFE_INTEGER}), ${Number.MAX_SAFE_INTEGER})`;
  return `(CASE WHEN count(${column}) > 0 THEN CAST(${bounded} AS INTEGER) END)`;
}
