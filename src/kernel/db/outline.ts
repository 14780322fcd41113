/** Lists of ten thousand rows by the few facts that order them, read in one cell so that they cost milliseconds. */
import * as z from 'zod';
import { storedJson } from '../input';
import { rowCodec } from './rows';

/** What any program may have stored: the row itself, read whole, decides whether it is sound. */
export interface RowOutline {
  readonly id: string;
  readonly status: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Unix seconds; of a row that has not ended, something meaningless. */
  readonly endedAt: number;
}

type Stored = readonly [id: string, status: string, createdAt: number, endedAt: number];

/** Checked by hand: a schema that is asked for each of ten thousand rows takes most of the time of reading them. */
const outlines = z.custom<readonly Stored[]>((rows) => Array.isArray(rows) && rows.every(isStored));

function isStored(row: unknown): row is Stored {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [id, status, createdAt, endedAt] = row as readonly unknown[];
  return (
    typeof id === 'string' && typeof status === 'string' && typeof createdAt === 'number' && typeof endedAt === 'number'
  );
}

/** Text of any bytes: one row that is not UTF-8 must not hide the others. */
const anyText = z.instanceof(Uint8Array).transform((bytes) => new TextDecoder().decode(bytes));

/** Reads the one row of `outlineSql`. */
export const outlineCodec = rowCodec<readonly RowOutline[]>(
  'outline',
  z.object({ outline: anyText.pipe(storedJson).pipe(outlines) }).transform((row) => {
    return row.outline.map(([id, status, createdAt, endedAt]) => ({ id, status, createdAt, endedAt }));
  }),
);

/** The statement for a table of ours, in the order of its rows; `ended` is the expression for the moment a row ended. */
export function outlineSql(table: 'runs' | 'dispatches', ended: string): string {
  // JSON cannot hold every value that a column can.
  const text = (column: string) => `ifnull(CAST(${column} AS TEXT), '')`;
  const whole = (expression: string) => `ifnull(CAST(${expression} AS INTEGER), 0)`;
  const facts = `json_array(${text('id')}, ${text('status')}, ${whole('created_at')}, ${whole('ended_at')})`;
  return `SELECT CAST(json_group_array(${facts}) AS BLOB) AS outline
    FROM (SELECT id, status, created_at, ${ended} AS ended_at FROM ${table} ORDER BY rowid)`;
}
