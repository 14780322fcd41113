/** SQL of token sums and budgets (`docs/design/formats.md#tokens-and-budgets`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { runId, type RunId } from '../ids';
import type { Reader } from '../unit';
import type { TokenTotals } from './model';
import { sumOf } from './storedAmounts';

export interface Budget {
  readonly runId: RunId;
  readonly tokens: number;
  readonly warnPct: number;
}

const DEFAULT_WARN_PCT = 80;

const totalsCodec = rowCodec<TokenTotals>(
  'dispatches',
  z.object({ input: z.int(), output: z.int(), cache: z.int().nullable() }).transform(({ input, output, cache }) => ({
    inputTokens: input,
    outputTokens: output,
    cacheHits: cache ?? 0,
    cacheHitsReported: cache !== null,
    totalTokens: Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, input + output)),
  })),
  'scope_id',
);

const budgetCodec = rowCodec<Budget>(
  'runs',
  z.object({ id: runId, token_budget: z.int(), budget_warn_pct: z.int().nullable() }).transform((row) => ({
    runId: row.id,
    tokens: row.token_budget,
    warnPct: row.budget_warn_pct ?? DEFAULT_WARN_PCT,
  })),
);

/** Over all dispatches whose scope is the run. */
export function sumTokens(r: Reader, scopeId: string): TokenTotals | undefined {
  return r.db.get(
    `SELECT scope_id, COALESCE(${sumOf('input_tokens')}, 0) AS input,
       COALESCE(${sumOf('output_tokens')}, 0) AS output, ${sumOf('cache_hits')} AS cache
     FROM dispatches WHERE scope_id = ?`,
    [scopeId],
    totalsCodec,
  );
}

/** Active runs that have a budget, oldest first. */
export function selectBudgeted(r: Reader): Budget[] {
  const sql = `SELECT id, token_budget, budget_warn_pct FROM runs
     WHERE status = 'active' AND token_budget > 0 ORDER BY created_at, id`;
  return r.db.list(sql, [], budgetCodec);
}

/** The run's budget, if it has one. */
export function selectBudget(r: Reader, id: string): Budget | undefined {
  return r.db.get(
    'SELECT id, token_budget, budget_warn_pct FROM runs WHERE id = ? AND token_budget > 0',
    [id],
    budgetCodec,
  );
}
