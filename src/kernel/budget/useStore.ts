/** SQL of reservations and usage of dispatches, and of the budgets of runs. */
import * as z from 'zod';
import { listIds } from '../list/recordPages';
import { rowCodec } from '../db/rows';
import { runId, type RunId } from '../ids';
import type { Reader } from '../unit';
import { RESERVATION_STATES, type Measure } from './model';
import { storedAmount, sumOf } from './storedAmounts';
import type { DispatchUse, UseGroup } from './usage';

/** A run's limits; null for none. */
export interface RunLimits {
  readonly runId: RunId;
  readonly parentRunId: string | null;
  readonly tokens: number | null;
  /** In micro-dollars. */
  readonly cost: number | null;
  readonly warnPct: number;
}

const DEFAULT_WARN_PCT = 80;

const amount = z.int().min(0);

/** A dispatch `d` with its process `p` and its reservation `r`. A count above zero was reported. */
const tokensIn = (column: string): string => storedAmount('tokens', `COALESCE(${column}, 0)`);
const TOKENS = `(${tokensIn('d.input_tokens')} + ${tokensIn('d.output_tokens')})`;
/** What has been reported of each measure, or NULL. */
const REPORTED: Readonly<Record<Measure, string>> = {
  tokens: `CASE WHEN r.is_reported = 1 OR ${TOKENS} > 0 THEN ${TOKENS} END`,
  cost: `COALESCE(${storedAmount('cost', 'round(p.cost_usd * 1000000)')}, ${storedAmount('cost', 'r.priced_micros')})`,
};
const USE_COLUMNS = `d.id AS id, d.status IN ('spawned', 'running') AS is_active, r.state AS state,
  ${storedAmount('tokens', 'r.tokens')} AS held_tokens, ${storedAmount('cost', 'r.cost_micros')} AS held_cost,
  ${REPORTED.tokens} AS tokens, ${REPORTED.cost} AS cost`;
const BESIDE = `LEFT JOIN dispatch_processes AS p ON p.dispatch_id = d.id
  LEFT JOIN budget_reservations AS r ON r.dispatch_id = d.id`;

const useRow = z.object({
  is_active: z.int(),
  state: z.enum(RESERVATION_STATES).nullable(),
  held_tokens: amount.nullable(),
  held_cost: amount.nullable(),
  tokens: amount.nullable(),
  cost: amount.nullable(),
});
const useCodec = rowCodec<DispatchUse>('dispatches', useRow.transform(useIn));

const groupCodec = rowCodec<UseGroup>(
  'dispatches',
  useRow.extend({ n: z.int() }).transform((row) => ({ use: useIn(row), count: row.n })),
);

const limitsCodec = rowCodec<RunLimits>(
  'runs',
  z
    .object({
      id: runId,
      parent_run_id: z.string().nullable(),
      token_budget: z.int().nullable(),
      budget_warn_pct: z.int().nullable(),
      cost_micros: z.int().nullable(),
    })
    .transform((row) => ({
      runId: row.id,
      parentRunId: row.parent_run_id,
      tokens: row.token_budget !== null && row.token_budget > 0 ? row.token_budget : null,
      cost: row.cost_micros,
      warnPct: row.budget_warn_pct ?? DEFAULT_WARN_PCT,
    })),
);

/** With the moment at which the dispatch ended; null while it runs, and where no moment is stored. */
export interface TimedUse {
  readonly endedAt: number | null;
  readonly use: DispatchUse;
}

const timedUseCodec = rowCodec<TimedUse>(
  'dispatches',
  useRow
    .extend({ completed_at: z.int().nullable().catch(null) })
    .transform((row) => ({ endedAt: row.completed_at, use: useIn(row) })),
);
const subtaskUseCodec = rowCodec<{ readonly subtaskId: string; readonly use: DispatchUse }>(
  'agent_runs',
  useRow.extend({ subtask_id: z.string() }).transform((row) => ({ subtaskId: row.subtask_id, use: useIn(row) })),
);
const countCodec = rowCodec<number>(
  'subtasks',
  z.object({ n: z.int() }).transform(({ n }) => n),
);

/** Those of the named runs that have a budget. */
export function selectLimitedAmong(r: Reader, runIds: readonly string[]): string[] {
  const sql = `SELECT runs.id AS id FROM runs LEFT JOIN budget_limits ON budget_limits.run_id = runs.id
     WHERE runs.id IN (SELECT value FROM json_each(?)) AND (token_budget IS NOT NULL OR cost_micros IS NOT NULL)`;
  return r.db.rows(sql, [JSON.stringify(runIds)]).map(({ id }) => String(id));
}

export function selectLimits(r: Reader, id: string): RunLimits | undefined {
  return r.db.get(
    `SELECT runs.id AS id, parent_run_id, token_budget, budget_warn_pct, cost_micros
     FROM runs LEFT JOIN budget_limits ON budget_limits.run_id = runs.id WHERE runs.id = ?`,
    [id],
    limitsCodec,
  );
}

const runIdCodec = rowCodec<RunId>(
  'runs',
  z.object({ id: runId }).transform(({ id }) => id),
);

/** Active runs with a limit of any measure, oldest first. */
export function selectLimited(r: Reader): RunId[] {
  return r.db.list(
    `SELECT runs.id AS id FROM runs LEFT JOIN budget_limits ON budget_limits.run_id = runs.id
     WHERE runs.status = 'active' AND (token_budget > 0 OR cost_micros IS NOT NULL) ORDER BY created_at, id`,
    [],
    runIdCodec,
  );
}

/**
 * Of the dispatches of a run and, for a portfolio, of its children in this database. SQL sums the usage of ended ones:
 * there may be thousands.
 */
export function selectUseGroups(r: Reader, id: string): UseGroup[] {
  return r.db.all(
    `SELECT min(id) AS id, is_active, state, ${sumOf('held_tokens')} AS held_tokens, ${sumOf('held_cost')} AS held_cost,
       ${sumOf('tokens')} AS tokens, ${sumOf('cost')} AS cost, count(*) AS n
     FROM (SELECT ${USE_COLUMNS} FROM dispatches AS d ${BESIDE}
       WHERE d.scope_id IN (SELECT ?1 UNION ALL SELECT id FROM runs WHERE parent_run_id = ?1))
     GROUP BY is_active, state, held_tokens IS NULL, held_cost IS NULL, tokens IS NULL, cost IS NULL,
       CASE WHEN is_active THEN id END`,
    [id],
    groupCodec,
  );
}

/** Ids of the same dispatches in the order in which they ended; running ones are last. */
export function selectUseIds(r: Reader, id: string): readonly string[] {
  const sql = `SELECT d.id AS id FROM dispatches AS d
     WHERE d.scope_id IN (SELECT ?1 UNION ALL SELECT id FROM runs WHERE parent_run_id = ?1)
     ORDER BY d.completed_at IS NULL, d.completed_at, d.id`;
  return listIds(r, sql, [id]);
}

/** Of the named dispatches that exist, in the order in which they ended. */
export function selectTimedUses(r: Reader, dispatchIds: readonly string[]): TimedUse[] {
  return r.db.all(
    `SELECT ${USE_COLUMNS}, d.completed_at AS completed_at FROM dispatches AS d ${BESIDE}
     WHERE d.id IN (SELECT value FROM json_each(?))
     ORDER BY d.completed_at IS NULL, d.completed_at, d.id`,
    [JSON.stringify(dispatchIds)],
    timedUseCodec,
  );
}

export function selectUse(r: Reader, dispatchId: string): DispatchUse | undefined {
  return r.db.get(`SELECT ${USE_COLUMNS} FROM dispatches AS d ${BESIDE} WHERE d.id = ?`, [dispatchId], useCodec);
}

/** Of the attempts at the merged subtasks of the run's task. */
export function selectMergedUses(r: Reader, id: string): { readonly subtaskId: string; readonly use: DispatchUse }[] {
  return r.db.list(
    `SELECT agent_runs.subtask_id AS subtask_id, ${USE_COLUMNS}
     FROM tasks JOIN subtasks ON subtasks.task_id = tasks.id AND subtasks.status = 'MERGED'
       JOIN agent_runs ON agent_runs.subtask_id = subtasks.id
       JOIN dispatches AS d ON d.id = agent_runs.dispatch_id ${BESIDE}
     WHERE tasks.run_id = ?`,
    [id],
    subtaskUseCodec,
  );
}

/** Subtasks of the run's task that are not merged; 0 for a run without a task. */
export function countRemaining(r: Reader, id: string): number {
  const sql = `SELECT count(*) AS n FROM tasks JOIN subtasks ON subtasks.task_id = tasks.id
    WHERE tasks.run_id = ? AND subtasks.status <> 'MERGED'`;
  return r.db.get(sql, [id], countCodec) ?? 0;
}

/** How many past dispatches an estimate uses. */
const MOST_SAMPLES = 20;

/** What the newest dispatches of a kind that completed have used, as far as it was reported. */
export function selectPast(r: Reader, agentType: string, measure: Measure): number[] {
  return r.db.list(
    `SELECT n FROM (
       SELECT ${REPORTED[measure]} AS n, d.created_at AS created_at
       FROM dispatches AS d ${BESIDE} WHERE d.agent_type = ? AND d.status = 'completed')
     WHERE n IS NOT NULL ORDER BY created_at DESC LIMIT ${MOST_SAMPLES}`,
    [agentType],
    countCodec,
  );
}

function useIn(row: z.infer<typeof useRow>): DispatchUse {
  const { state, held_tokens: tokens, held_cost: cost } = row;
  return {
    isActive: row.is_active === 1,
    reservation: state === null || tokens === null || cost === null ? undefined : { state, tokens, cost },
    reported: { tokens: row.tokens, cost: row.cost },
  };
}
