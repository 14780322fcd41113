/** The list of dispatches a chunk at a time: keys first, then the rows among them. Only late parts of a window read it so. */
import { listIds } from '../db/recordPages';
import { decodeEach } from '../db/rows';
import type { Reader } from '../unit';
import type { DispatchFilter, DispatchList } from './model';
import { dispatchCodec } from './rows';
import { COLUMNS, listed, NEWEST_FIRST } from './store';

/** Keys of the rows of the list, in its order: row ids, since the id of a row may be of any kind. */
export function dispatchKeys(r: Reader, filter: DispatchFilter = {}): readonly string[] {
  const { sql, params } = listed(filter);
  return listIds(r, `SELECT rowid AS id ${sql}`, params);
}

/** Those of the rows with these keys that there are, in the order of the list. */
export function dispatchesAt(r: Reader, keys: readonly string[]): DispatchList {
  const sql = `SELECT ${COLUMNS} FROM dispatches
     WHERE rowid IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) ${NEWEST_FIRST}`;
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(keys)]), dispatchCodec);
  return { dispatches: sound, invalid };
}
