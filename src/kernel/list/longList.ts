/** Lists of any length, read in chunks: keys first, then rows by key. Only parts of a window that load late use it. */
import type { Reader } from '../unit';
import { listIds } from './recordPages';
import { decodeEach, type Decoded } from '../db/rows';
import type { TablePart } from '../db/defineTable';
import type { SqlParams } from '../db/sqlTypes';

/** The source and order of the rows. */
interface ListedTable<F, T> {
  readonly table: TablePart<T> & { readonly name: string };
  readonly order: string;
  /** The part of a statement from `FROM` on that gives the rows of the list in order. */
  readonly listed: (filter: F) => { readonly sql: string; readonly params: SqlParams };
}

export interface LongList<F, T> {
  /** Keys of the rows of the list, in its order: row ids, since the id column may hold any value. */
  readonly keys: (r: Reader, filter: F) => readonly string[];
  /** The rows with these keys that exist, in the order of the list. */
  readonly at: (r: Reader, keys: readonly string[]) => Decoded<T>;
}

export function longList<F, T>({ table, order, listed }: ListedTable<F, T>): LongList<F, T> {
  const among = `SELECT ${table.columns} FROM ${table.name}
     WHERE rowid IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) ${order}`;
  return {
    keys: (r, filter) => {
      const { sql, params } = listed(filter);
      return listIds(r, `SELECT rowid AS id ${sql}`, params);
    },
    at: (r, keys) => decodeEach(r.db.leftOut, r.db.rows(among, [JSON.stringify(keys)]), table),
  };
}
