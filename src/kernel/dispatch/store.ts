/** SQL of dispatches, their processes and their events (`docs/design/agents.md`). */
import * as z from 'zod';
import { listIds, type PagedTable } from '../list/recordPages';
import { decodeEach, rowCodec } from '../db/rows';
import type { SqlParams, SqlValue } from '../db/sqlTypes';
import { runId, type DispatchId, type RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { ACTIVE } from './activeCount';
import { isActive } from './machine';
import {
  DEFAULT_SANDBOX,
  DISPATCH_EVENTS,
  DISPATCH_PROCESSES,
  DISPATCH_STATUSES,
  DISPATCHES,
  type CreateDispatchInput,
  type Dispatch,
  type DispatchEvent,
  type DispatchFilter,
  type DispatchList,
  type DispatchProcess,
  type DispatchProgress,
  type DispatchStatus,
  type DispatchTokens,
  type KnownByStarter,
  type ProcessFacts,
  type StorableEnding,
} from './model';

const { columns } = DISPATCHES;
const scoped = DISPATCHES.part('id', 'scopeId');
const runIdCodec = rowCodec<RunId>(
  'runs',
  z.object({ id: runId }).transform((row) => row.id),
);

export function insertDispatch(u: Unit, id: DispatchId, input: CreateDispatchInput): void {
  const { sandbox = DEFAULT_SANDBOX } = input;
  u.db.run(...DISPATCHES.insert({ ...input, id, status: 'spawned', sandbox, createdAt: u.now }));
}

export function selectDispatch(r: Reader, id: string): Dispatch | undefined {
  return r.db.get(`SELECT ${columns} FROM dispatches WHERE id = ?`, [id], DISPATCHES);
}

/** Among the last `count` dispatches, the last of each kind, where it failed after `since` as it was not signed in. */
export function selectNotSignedIn(r: Reader, since: number, count: number): Dispatch[] {
  return r.db.list(
    `SELECT ${columns} FROM dispatches
     WHERE rowid IN (SELECT max(rowid) FROM
                       (SELECT rowid, agent_type FROM dispatches ORDER BY rowid DESC LIMIT ?) GROUP BY agent_type)
       AND completed_at > ?
       AND EXISTS (SELECT 1 FROM dispatch_processes WHERE dispatch_id = dispatches.id AND failure = 'signIn')
     ORDER BY agent_type`,
    [count, since],
    DISPATCHES,
  );
}

/** Dispatches as a list of pages. */
export const DISPATCH_PAGES: PagedTable = {
  name: 'dispatches',
  endedStatuses: DISPATCH_STATUSES.filter((status) => !isActive(status)),
  endedAt: 'coalesce(completed_at, created_at)',
};

/** The named dispatches that exist, in no order. */
export function selectDispatchesAmong(r: Reader, ids: readonly string[]): DispatchList {
  const sql = `SELECT ${columns} FROM dispatches WHERE id IN (SELECT value FROM json_each(?))`;
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(ids)]), DISPATCHES);
  return { dispatches: sound, invalid };
}

/** Ids of all dispatches, readable or not. */
export function selectDispatchIds(r: Reader): readonly string[] {
  return listIds(r, 'SELECT id FROM dispatches', []);
}

/** Ids of a scope's dispatches, newest first, readable or not. */
export function selectScopeIds(r: Reader, scopeId: string): readonly string[] {
  return listIds(r, 'SELECT id FROM dispatches WHERE scope_id = ? ORDER BY created_at DESC, rowid DESC', [scopeId]);
}

/** Ids of a scope's active dispatches, newest first. */
export function selectActiveIds(r: Reader, scopeId: string): string[] {
  const sql = `SELECT id FROM dispatches WHERE ${ACTIVE} AND scope_id = ? ORDER BY created_at DESC, rowid DESC`;
  return r.db.rows(sql, [scopeId]).map(({ id }) => String(id));
}

/** How many dispatches of each scope are active. */
export function countActiveByScope(r: Reader): ReadonlyMap<string, number> {
  const sql = `SELECT scope_id, count(*) AS n FROM dispatches WHERE ${ACTIVE} AND scope_id IS NOT NULL GROUP BY scope_id`;
  return new Map(r.db.rows(sql, []).map((row) => [String(row['scope_id']), Number(row['n'])]));
}

/** Newest first, also those of one second (`docs/design/agents.md#commands-on-dispatches`). */
export const NEWEST_FIRST = 'ORDER BY created_at DESC, rowid DESC';

export function selectDispatches(r: Reader, filter: DispatchFilter): DispatchList {
  const { sql, params } = listed(filter);
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(`SELECT ${columns} ${sql}`, params), DISPATCHES);
  return { dispatches: sound, invalid };
}

/** The part of a statement that selects the list. */
export function listed(filter: DispatchFilter): { readonly sql: string; readonly params: SqlParams } {
  const conditions = ['1'];
  const params: SqlValue[] = [];
  if (filter.active === true) conditions.push(ACTIVE);
  if (filter.active === false) conditions.push(`NOT (${ACTIVE})`);
  if (filter.scopeId !== undefined) {
    conditions.push('scope_id = ?');
    params.push(filter.scopeId);
  }
  if (filter.status !== undefined) {
    conditions.push('status = ?');
    params.push(filter.status);
  }
  const sql = `FROM dispatches WHERE ${conditions.join(' AND ')} ${NEWEST_FIRST}`;
  const { page } = filter;
  return page === undefined
    ? { sql, params }
    : { sql: `${sql} LIMIT ? OFFSET ?`, params: [...params, page.limit, page.from] };
}

/** Whether there is a dispatch at all, readable or not. */
export function hasDispatches(r: Reader): boolean {
  return r.db.rows('SELECT 1 FROM dispatches LIMIT 1', []).length > 0;
}

/** Compare-and-set; the number of rows changed. */
export function updateStarted(u: Unit, id: DispatchId, from: DispatchStatus, pid: number): number {
  return u.db.run("UPDATE dispatches SET status = 'running', pid = ?, started_at = ? WHERE id = ? AND status = ?", [
    pid,
    u.now,
    id,
    from,
  ]);
}

/** Compare-and-set; the number of rows changed. */
export function updateEnded(u: Unit, id: DispatchId, from: DispatchStatus, ending: StorableEnding): number {
  return u.db.run(
    `UPDATE dispatches
     SET status = ?, completed_at = ?, exit_code = COALESCE(?, exit_code),
       verdict_status = COALESCE(?, verdict_status), verdict_summary = COALESCE(?, verdict_summary),
       error_message = COALESCE(?, error_message)
     WHERE id = ? AND status = ?`,
    [
      ending.status,
      u.now,
      ending.exitCode ?? null,
      ending.verdictStatus || null,
      ending.verdictSummary ?? null,
      ending.errorMessage ?? null,
      id,
      from,
    ],
  );
}

export function updateFailure(u: Unit, id: DispatchId, failure: NonNullable<StorableEnding['failure']>): void {
  u.db.run('UPDATE dispatch_processes SET failure = ?, failure_resets_at = ? WHERE dispatch_id = ?', [
    failure.class,
    failure.resetsAt,
    id,
  ]);
}

export function updateProgress(u: Unit, id: DispatchId, progress: DispatchProgress): void {
  u.db.run(
    `UPDATE dispatches
     SET turns = COALESCE(?, turns), commands = COALESCE(?, commands), messages = COALESCE(?, messages)
     WHERE id = ?`,
    [progress.turns ?? null, progress.commands ?? null, progress.messages ?? null, id],
  );
  updateTokens(u, id, progress);
  u.db.run(
    `UPDATE dispatch_processes SET session_id = COALESCE(?, session_id), cost_usd = COALESCE(?, cost_usd)
     WHERE dispatch_id = ?`,
    [progress.sessionId ?? null, progress.costUsd ?? null, id],
  );
}

/** An absent count keeps the stored value, so unknown cache hits stay NULL. */
export function updateTokens(u: Unit, id: DispatchId, tokens: DispatchTokens): void {
  u.db.run(
    `UPDATE dispatches
     SET input_tokens = COALESCE(?, input_tokens), output_tokens = COALESCE(?, output_tokens),
       cache_hits = COALESCE(?, cache_hits)
     WHERE id = ?`,
    [tokens.inputTokens ?? null, tokens.outputTokens ?? null, tokens.cacheHits ?? null, id],
  );
}

export function insertProcess(u: Unit, id: DispatchId, facts: ProcessFacts): void {
  u.db.run(...DISPATCH_PROCESSES.insert({ ...facts, dispatchId: id }));
}

/** Adds what another program did not know that recorded the process first. */
export function completeProcess(
  u: Unit,
  id: DispatchId,
  { account = null, permissions = null, byDefault = null }: KnownByStarter,
): void {
  const sql = `UPDATE dispatch_processes
    SET account = COALESCE(account, ?), permissions = COALESCE(permissions, ?), by_default = COALESCE(by_default, ?)
    WHERE dispatch_id = ?`;
  u.db.run(sql, [account, permissions, byDefault, id]);
}

/**
 * The kind of the first dispatch that ran as the folder's default, if it is one of `kinds`; undefined without one.
 * @param earlier the default of versions that did not record it
 */
export function selectFirstDefault(r: Reader, kinds: readonly string[], earlier: string): string | undefined {
  // The order of the processes comes first, so that the search usually ends with the first row.
  const sql = `SELECT agent_type FROM dispatch_processes p CROSS JOIN dispatches d ON d.id = p.dispatch_id
    WHERE (p.by_default = 1 AND d.agent_type IN (SELECT value FROM json_each(?)))
       OR (p.by_default IS NULL AND d.agent_type = ?)
    ORDER BY p.rowid LIMIT 1`;
  const [row] = r.db.rows(sql, [JSON.stringify(kinds), earlier]);
  return row === undefined ? undefined : String(row['agent_type']);
}

export function selectProcess(r: Reader, id: string): DispatchProcess | undefined {
  const sql = `SELECT ${DISPATCH_PROCESSES.columns} FROM dispatch_processes WHERE dispatch_id = ?`;
  return r.db.get(sql, [id], DISPATCH_PROCESSES);
}

export interface NewDispatchEvent {
  readonly id: DispatchId;
  readonly runId: RunId | undefined;
  readonly from: DispatchStatus;
  readonly to: DispatchStatus;
  readonly reason: string | undefined;
  readonly type?: string;
  readonly createdAt?: number;
}

/** Without a type, it is a change of the status. */
export function insertEvent(
  u: Unit,
  { id, runId, from, to, reason, type = 'status_change', createdAt = u.now }: NewDispatchEvent,
): void {
  const event = { dispatchId: id, runId, fromStatus: from, toStatus: to, reason, type, createdAt };
  u.db.run(...DISPATCH_EVENTS.insert(event));
}

export function selectEvents(r: Reader, id: string): DispatchEvent[] {
  const sql = `SELECT ${DISPATCH_EVENTS.columns} FROM dispatch_events WHERE dispatch_id = ? ORDER BY id`;
  return r.db.list(sql, [id], DISPATCH_EVENTS);
}

export function selectEndedBefore(r: Reader, createdBefore: number): Pick<Dispatch, 'id' | 'scopeId'>[] {
  const sql = `SELECT ${scoped.columns} FROM dispatches WHERE created_at < ? AND NOT (${ACTIVE})`;
  return r.db.list(sql, [createdBefore], scoped);
}

/** Events stay. */
export function deleteEndedBefore(u: Unit, createdBefore: number): number {
  u.db.run(
    `DELETE FROM dispatch_processes WHERE dispatch_id IN
       (SELECT id FROM dispatches WHERE created_at < ? AND NOT (${ACTIVE}))`,
    [createdBefore],
  );
  return u.db.run(`DELETE FROM dispatches WHERE created_at < ? AND NOT (${ACTIVE})`, [createdBefore]);
}

/** The run of this database that a scope names, if any. */
export function selectScopeRun(r: Reader, scopeId: string | null): RunId | undefined {
  return scopeId === null ? undefined : r.db.get('SELECT id FROM runs WHERE id = ?', [scopeId], runIdCodec);
}
