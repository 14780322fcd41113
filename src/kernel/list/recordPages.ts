/**
 * Runs and dispatches in lists of any length: SQL counts and orders them, and ids are read a page at a time. No row is
 * decoded here, so unreadable rows are listed like others.
 */
import * as z from 'zod';
import { storedJson } from '../input';
import type { Reader } from '../unit';
import type { SqlParams } from '../db/sqlTypes';
import { rowCodec } from '../db/rows';

/** A table of rows that are open until they end. */
export interface PagedTable {
  readonly name: 'runs' | 'dispatches';
  /** Rows with any other status are open. */
  readonly endedStatuses: readonly string[];
  /** The SQL expression for the moment a row ended. */
  readonly endedAt: string;
}

/** A part of a filtered list. */
export interface ListPage {
  /** Number of rows of the list before this part. */
  readonly from: number;
  readonly limit: number;
}

export interface EndedRow {
  readonly id: string;
  /** Unix seconds. */
  readonly endedAt: number;
}

/** Number of rows that ended in a time span. */
export interface EndedCount {
  readonly span: number;
  readonly count: number;
}

/** Local days start on a quarter of an hour in every time zone. */
export const SPAN_SECONDS = 900;
/** The span of times outside the calendar, which any program may have stored. */
export const UNKNOWN_SPAN = -1;
const LAST_SECOND = 253_402_300_799;

/** Text of any bytes: an id that is not UTF-8 must not hide the others. */
const anyText = z.instanceof(Uint8Array).transform((bytes) => new TextDecoder().decode(bytes));
/** A list in one cell, each item with a number. */
const pageCodec = rowCodec<readonly (readonly [key: string, value: number])[]>(
  'page',
  z
    .object({ page: anyText.pipe(storedJson).pipe(z.array(z.tuple([z.string(), z.number()]))) })
    .transform(({ page }) => page),
);

const idCodec = rowCodec<readonly (string | number)[]>(
  'page',
  z
    .object({ page: anyText.pipe(storedJson).pipe(z.array(z.union([z.string(), z.number()]))) })
    .transform(({ page }) => page),
);

/** The ids that a statement selects as `id`, in its order, in one cell: thousands of rows would take too long. */
export function listIds(r: Reader, sql: string, params: SqlParams): readonly string[] {
  return listCell(r, text('id'), sql, params).map(String);
}

/** The same for a table with integer ids. */
export function listRowIds(r: Reader, sql: string, params: SqlParams): readonly number[] {
  return listCell(r, whole('id'), sql, params).map(Number);
}

/** SQLite keeps the order of a subquery that an aggregate reads directly. */
function listCell(r: Reader, id: string, sql: string, params: SqlParams): readonly (string | number)[] {
  return r.db.get(`SELECT CAST(json_group_array(${id}) AS BLOB) AS page FROM (${sql})`, params, idCodec) ?? [];
}

export interface RowCounts {
  readonly open: number;
  /** Newest span first; times outside the calendar last. */
  readonly ended: readonly EndedCount[];
}

/**
 * Numbers of open rows, and of ended rows by time span. The spans come in one cell: SQLite takes several times longer
 * to group thousands of rows than to read them.
 */
export function countRows(r: Reader, table: PagedTable): RowCounts {
  const counts = new Map<number, number>();
  let open = Number(r.db.rows(`SELECT count(*) AS n FROM ${table.name}`, [])[0]?.['n']);
  const sql = `SELECT group_concat(${spanOf(table)}) AS spans FROM ${table.name} WHERE ${isEnded(table)}`;
  const spans = r.db.rows(sql, [])[0]?.['spans'];
  for (const span of typeof spans === 'string' ? spans.split(',').map(Number) : []) {
    counts.set(span, (counts.get(span) ?? 0) + 1);
    open -= 1;
  }
  const ended = Array.from(counts, ([span, count]) => ({ span, count })).sort((a, b) => b.span - a.span);
  return { open, ended };
}

/**
 * Ids of the newest open rows; of those created in one second, the last created first. Rows are mostly stored in the
 * order of creation, so few are newer than the oldest of the last stored ones, and only these are sorted.
 */
export function openIds(r: Reader, table: PagedTable, limit: number): readonly string[] {
  const made = whole('created_at');
  const open = `FROM ${table.name} WHERE NOT ${isEnded(table)}`;
  const sql = `SELECT id ${open}
    AND ${made} >= (SELECT min(made) FROM (SELECT ${made} AS made ${open} ORDER BY rowid DESC LIMIT ?1))
    ORDER BY ${made} DESC, rowid DESC LIMIT ?1`;
  return listIds(r, sql, [limit]);
}

/** Rows that ended in the spans from `first` to `last`, latest first. */
export function endedRows(
  r: Reader,
  table: PagedTable,
  { first, last }: { readonly first: number; readonly last: number },
  limit: number,
): readonly EndedRow[] {
  const sql = `SELECT CAST(json_group_array(json_array(id, ended)) AS BLOB) AS page FROM (
    SELECT ${text('id')} AS id, ${whole(table.endedAt)} AS ended FROM ${table.name}
    WHERE ${isEnded(table)} AND ${spanOf(table)} BETWEEN ? AND ?
    ORDER BY ended DESC, rowid DESC LIMIT ?)`;
  return (r.db.get(sql, [first, last, limit], pageCodec) ?? []).map(([id, endedAt]) => ({ id, endedAt }));
}

function isEnded({ endedStatuses }: PagedTable): string {
  return `status IN (${endedStatuses.map((status) => `'${status}'`).join(', ')})`;
}

/** As SQL. */
function spanOf({ endedAt }: PagedTable): string {
  const ended = whole(endedAt);
  return `CASE WHEN ${ended} BETWEEN 0 AND ${LAST_SECOND} THEN ${ended} / ${SPAN_SECONDS} ELSE ${UNKNOWN_SPAN} END`;
}

/** JSON cannot represent every column value. */
function text(column: string): string {
  return `ifnull(CAST(${column} AS TEXT), '')`;
}

function whole(expression: string): string {
  return `ifnull(CAST(${expression} AS INTEGER), 0)`;
}
