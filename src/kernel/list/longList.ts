/**
 * A list of any length, a chunk at a time: keys first, then the rows among them. Only late parts of a window read lists so.
 */
import type { Reader } from '../unit';
import { listIds } from './recordPages';
import { decodeEach, type Decoded } from '../db/rows';
import type { RowCodec, SqlParams } from '../db/sqlite';

/** Where the rows are, and in which order. */
interface ListedTable<F, T> {
  readonly name: string;
  readonly columns: string;
  readonly order: string;
  readonly codec: RowCodec<T>;
  /** What of a statement, from `FROM` on, gives the rows of a list in that order. */
  readonly listed: (filter: F) => { readonly sql: string; readonly params: SqlParams };
}

export interface LongList<F, T> {
  /** Keys of the rows of the list, in its order: row ids, since the id of a row may be of any kind. */
  readonly keys: (r: Reader, filter: F) => readonly string[];
  /** Those of the rows with these keys that there are, in the order of the list. */
  readonly at: (r: Reader, keys: readonly string[]) => Decoded<T>;
}

export function longList<F, T>({ name, columns, order, codec, listed }: ListedTable<F, T>): LongList<F, T> {
  const among = `SELECT ${columns} FROM ${name}
     WHERE rowid IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) ${order}`;
  return {
    keys: (r, filter) => {
      const { sql, params } = listed(filter);
      return listIds(r, `SELECT rowid AS id ${sql}`, params);
    },
    at: (r, keys) => decodeEach(r.db.leftOut, r.db.rows(among, [JSON.stringify(keys)]), codec),
  };
}
