/** SQL of runs and phase events (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import { listRowIds, type PagedTable } from '../../list/recordPages';
import { decodeEach, rowCodec } from '../../db/rows';
import type { SqlParams, SqlValue } from '../../db/sqlTypes';
import type { RunId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import {
  PHASE_EVENTS,
  RUN_STATUSES,
  RUNS,
  type PhaseEvent,
  type PhaseEventType,
  type Run,
  type RunFilter,
  type RunList,
  type RunStatus,
  type SetRunInput,
} from './model';

const active = RUNS.part('id', 'phase');
const { columns: EVENT_COLUMNS } = PHASE_EVENTS;

export function selectRun(r: Reader, id: string): Run | undefined {
  return r.db.get(`SELECT ${RUNS.columns} FROM runs WHERE id = ?`, [id], RUNS);
}

/** The named runs that exist, in no order. */
export function selectRunsAmong(r: Reader, ids: readonly string[]): RunList {
  const sql = `SELECT ${RUNS.columns} FROM runs WHERE id IN (SELECT value FROM json_each(?))`;
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(ids)]), RUNS);
  return { runs: sound, invalid };
}

/** Runs as a list of pages. */
export const RUN_PAGES: PagedTable = {
  name: 'runs',
  endedStatuses: RUN_STATUSES.filter((status) => status !== 'active'),
  endedAt: 'coalesce(completed_at, updated_at)',
};

export function runExists(r: Reader, id: string): boolean {
  return r.db.rows('SELECT 1 FROM runs WHERE id = ?', [id]).length > 0;
}

export function selectCurrent(r: Reader, projectDir: string): Run | undefined {
  return r.db.get(
    `SELECT ${RUNS.columns} FROM runs WHERE status = 'active' AND project_dir = ?
     ORDER BY created_at DESC, rowid DESC LIMIT 1`,
    [projectDir],
    RUNS,
  );
}

/** Ids of the newest active runs, of one project directory or of all. */
export function selectActiveIds(r: Reader, projectDir: string | undefined, limit: number): string[] {
  const sql = `SELECT id FROM runs WHERE status = 'active' AND (?1 IS NULL OR project_dir = ?1)
     ORDER BY created_at DESC, rowid DESC LIMIT ?2`;
  return r.db.rows(sql, [projectDir ?? null, limit]).map(({ id }) => String(id));
}

const OF_PARENT = `SELECT ${RUNS.columns} FROM runs WHERE parent_run_id = ? ORDER BY created_at, rowid`;

/**
 * Children in the order in which they were created (`docs/design/portfolios.md#creation`). @throws KernelError
 * `ROW_INVALID`: gates must not miss any
 */
export function selectChildren(r: Reader, parentId: string): Run[] {
  return r.db.all(OF_PARENT, [parentId], RUNS);
}

/** The same without unreadable rows. */
export function selectReadableChildren(r: Reader, parentId: string): Run[] {
  return r.db.list(OF_PARENT, [parentId], RUNS);
}

/** Newest first, also those of one second (`docs/design/formats.md#runs`). */
export const NEWEST_FIRST = 'ORDER BY created_at DESC, rowid DESC';

export function selectRuns(r: Reader, filter: RunFilter): RunList {
  const { sql, params } = listed(filter);
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(`SELECT ${RUNS.columns} ${sql}`, params), RUNS);
  return { runs: sound, invalid };
}

/** The part of a statement that selects the list. */
export function listed(filter: RunFilter): { readonly sql: string; readonly params: SqlParams } {
  const conditions: string[] = [];
  const params: SqlValue[] = [];
  const require = (condition: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    params.push(value);
  };
  require('status = ?', filter.status);
  require('scope_id = ?', filter.scopeId);
  require('parent_run_id = ?', filter.parentRunId);
  require('project_dir = ?', filter.projectDir);
  require("(project_dir = '') = ?", filter.portfolio === undefined ? undefined : Number(filter.portfolio));
  if (filter.isChild === true) conditions.push('parent_run_id IS NOT NULL');
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const sql = `FROM runs ${where} ${NEWEST_FIRST}`;
  const { page } = filter;
  return page === undefined
    ? { sql, params }
    : { sql: `${sql} LIMIT ? OFFSET ?`, params: [...params, page.limit, page.from] };
}

/** Whether there is any run, or one with a status, readable or not. */
export function hasRuns(r: Reader, status?: RunStatus): boolean {
  const where = status === undefined ? '' : 'WHERE status = ?';
  return r.db.rows(`SELECT 1 FROM runs ${where} LIMIT 1`, status === undefined ? [] : [status]).length > 0;
}

export interface ActiveChild {
  readonly id: RunId;
  readonly phase: string;
  readonly status: 'active';
}

/** Active children; read without the other columns, so that an invalid row does not fail them. */
export function selectActiveChildren(r: Reader, parentId: string): ActiveChild[] {
  const rows = r.db.all(
    `SELECT ${active.columns} FROM runs WHERE parent_run_id = ? AND status = 'active' ORDER BY created_at, rowid`,
    [parentId],
    active,
  );
  return rows.map((row) => ({ ...row, status: 'active' }));
}

/** The values of a new row; other columns have defaults. */
export type NewRun = Pick<
  Run,
  | 'id'
  | 'projectDir'
  | 'goal'
  | 'phase'
  | 'complexity'
  | 'autoAdvance'
  | 'metadata'
  | 'tokenBudget'
  | 'budgetWarnPct'
  | 'maxDispatches'
> & {
  /** Null for the default chain. */
  readonly phases: readonly string[] | null;
  readonly scopeId: string;
  readonly parentRunId: string | null;
};

export function insertRun(u: Unit, run: NewRun): void {
  const times = { createdAt: u.now, updatedAt: u.now };
  u.db.run(...RUNS.insert({ ...run, status: 'active', forceFull: false, ...times }));
}

/** Writes only the given settings. */
export function updateSettings(u: Unit, id: RunId, input: SetRunInput): void {
  const { sql, params } = RUNS.assignments({ ...input, updatedAt: u.now });
  u.db.run(`UPDATE runs SET ${sql.join(', ')} WHERE id = ?`, [...params, id]);
}

/**
 * Moves a run from the phase and status it was read with to others, and returns whether it still had them. Leaving
 * `active` sets `completed_at`, returning to it clears it (`docs/design/formats.md#runs`).
 */
export function compareAndMove(
  u: Unit,
  from: { id: RunId; phase: string; status: RunStatus },
  to: { phase: string; status: RunStatus },
): boolean {
  const changed = u.db.run(
    `UPDATE runs SET phase = ?1, status = ?2, updated_at = ?3,
       completed_at = CASE WHEN ?2 = 'active' THEN NULL ELSE ?3 END
     WHERE id = ?4 AND phase = ?5 AND status = ?6`,
    [to.phase, to.status, u.now, from.id, from.phase, from.status],
  );
  return changed === 1;
}

export interface NewPhaseEvent {
  readonly runId: RunId;
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly type: PhaseEventType;
  readonly gateResult?: string;
  readonly gateTier?: string;
  /** Absent or empty: NULL. */
  readonly reason?: string;
}

/** Writes the event and marks its run as touched. */
export function insertPhaseEvent(u: Unit, event: NewPhaseEvent): void {
  u.touched.run(event.runId);
  u.db.run(...PHASE_EVENTS.insert({ ...event, reason: event.reason || null, createdAt: u.now }));
}

export function selectPhaseEvents(r: Reader, id: string): PhaseEvent[] {
  return r.db.list(`SELECT ${EVENT_COLUMNS} FROM phase_events WHERE run_id = ? ORDER BY id`, [id], PHASE_EVENTS);
}

/** Their ids, oldest first. */
export function selectPhaseEventIds(r: Reader, id: string): readonly number[] {
  return listRowIds(r, 'SELECT id FROM phase_events WHERE run_id = ? ORDER BY id', [id]);
}

/** The named events that exist, oldest first. */
export function selectPhaseEventsAmong(r: Reader, ids: readonly number[]): PhaseEvent[] {
  return r.db.list(
    `SELECT ${EVENT_COLUMNS} FROM phase_events WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    [JSON.stringify(ids)],
    PHASE_EVENTS,
  );
}

/** A page of them, newest first. */
export function selectNewestPhaseEvents(r: Reader, id: string, from: number, limit: number): PhaseEvent[] {
  return r.db.list(
    `SELECT ${EVENT_COLUMNS} FROM phase_events WHERE run_id = ? ORDER BY id DESC LIMIT ? OFFSET ?`,
    [id, limit, from],
    PHASE_EVENTS,
  );
}

const countRow = rowCodec('phase_events', z.object({ n: z.int() }));

export function countPhaseEvents(r: Reader, id: string): number {
  return r.db.get('SELECT count(*) AS n FROM phase_events WHERE run_id = ?', [id], countRow)?.n ?? 0;
}

const marks = PHASE_EVENTS.part('toPhase');
const skippedOfRun = rowCodec('phase_events', z.object({ run_id: z.string(), to_phase: z.string() }), 'run_id');

/** The same for several runs; a run without marks is omitted. */
export function selectSkippedAmong(r: Reader, ids: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sql = `SELECT DISTINCT run_id, to_phase FROM phase_events
     WHERE run_id IN (SELECT value FROM json_each(?)) AND event_type = 'skip'`;
  const skipped = new Map<string, Set<string>>();
  for (const { run_id: id, to_phase: phase } of r.db.all(sql, [JSON.stringify(ids)], skippedOfRun)) {
    skipped.set(id, (skipped.get(id) ?? new Set<string>()).add(phase));
  }
  return skipped;
}

/** Every phase that a move left or entered; phases whose name is not a text are omitted. */
export function selectEntered(r: Reader, id: string): ReadonlySet<string> {
  const moves = "FROM phase_events WHERE run_id = ?1 AND event_type IN ('advance', 'override')";
  const rows = r.db.rows(`SELECT from_phase AS phase ${moves} UNION SELECT to_phase ${moves}`, [id]);
  return new Set(rows.flatMap(({ phase }) => (typeof phase === 'string' ? [phase] : [])));
}

/** Every phase ever marked; marks survive rollbacks (`docs/design/formats.md#advancing`). */
export function selectSkipped(r: Reader, id: string): ReadonlySet<string> {
  const sql = `SELECT DISTINCT ${marks.columns} FROM phase_events WHERE run_id = ? AND event_type = 'skip'`;
  return new Set(r.db.all(sql, [id], marks).map(({ toPhase }) => toPhase));
}
