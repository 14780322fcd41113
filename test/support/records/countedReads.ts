/** Counts what is read of a database: rows as they are decoded, and ids that are listed in one cell. */
import type { Query } from '../../../src/kernel/db/sqlite';
import type { Reader } from '../../../src/kernel/unit';

export interface Reads {
  statements: number;
  rows: number;
  /** Items of JSON lists in cells, which a list of ids is read as. */
  listed: number;
}

export function noReads(): Reads {
  return { statements: 0, rows: 0, listed: 0 };
}

/** The reader, which adds to `reads` what it reads. */
export function countedReader<R extends Reader>(r: R, reads: Reads): R {
  const rows: Query['rows'] = (sql, params) => {
    const found = r.db.rows(sql, params);
    reads.statements += 1;
    reads.rows += found.length;
    for (const row of found) for (const value of Object.values(row)) reads.listed += itemsIn(value);
    return found;
  };
  const db: Query = {
    rows,
    leftOut: r.db.leftOut,
    all: (sql, params, codec) => rows(sql, params).map((row) => codec.decode(row)),
    list: (sql, params, codec) => r.db.leftOut.decode(rows(sql, params), codec),
    get: (sql, params, codec) => {
      const [row] = rows(sql, params);
      return row === undefined ? undefined : codec.decode(row);
    },
  };
  return { ...r, db };
}

/** Of a JSON list in a cell. */
export function itemsIn(value: unknown): number {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
  if (typeof text !== 'string' || !text.startsWith('[')) return 0;
  const items: unknown = JSON.parse(text);
  return Array.isArray(items) ? items.length : 0;
}
