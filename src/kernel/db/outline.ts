/** Lists of ten thousand rows by the few facts that order them, read in one cell so that they cost milliseconds. */
import * as z from 'zod';
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

const outlines = z.array(z.tuple([z.string(), z.string(), z.number(), z.number()]));

/** Reads the one row of `outlineSql`. */
export const outlineCodec = rowCodec<readonly RowOutline[]>(
  'outline',
  z.object({ outline: z.string() }).transform((row) => {
    const rows = outlines.parse(JSON.parse(row.outline));
    return rows.map(([id, status, createdAt, endedAt]) => ({ id, status, createdAt, endedAt }));
  }),
);

/** The statement for a table of ours; `ended` is the expression for the moment a row ended. */
export function outlineSql(table: 'runs' | 'dispatches', ended: string): string {
  // JSON cannot hold every value that a column can.
  const text = (column: string) => `ifnull(CAST(${column} AS TEXT), '')`;
  const whole = (expression: string) => `ifnull(CAST(${expression} AS INTEGER), 0)`;
  return `SELECT json_group_array(json_array(${text('id')}, ${text('status')}, ${whole('created_at')}, ${whole(ended)}))
    AS outline FROM ${table}`;
}
