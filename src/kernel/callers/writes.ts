/**
 * Signed writes as a list, newest first. Signing is separate, because only parts of a window that load late read it.
 */
import { listRowIds } from '../list/recordPages';
import type { Reader } from '../unit';
import { SIGNED_WRITES, type SignedWrite, type WritesQuery } from './model';
import { hasCallers } from './store';

const DEFAULT_LIMIT = 1000;

/** Who changed the record by what. */
export function listWrites(r: Reader, query: WritesQuery = {}): SignedWrite[] {
  return writesAmong(r, writeIds(r, query));
}

/** Ids of the same, for `writesAmong`: a long list is read a chunk at a time. */
export function writeIds(r: Reader, { runId: run, limit = DEFAULT_LIMIT }: WritesQuery = {}): readonly number[] {
  if (!hasCallers(r)) return [];
  const condition = run === undefined ? '' : 'WHERE run_id = ?';
  const sql = `SELECT id FROM signed_writes ${condition} ORDER BY id DESC LIMIT ?`;
  return listRowIds(r, sql, run === undefined ? [limit] : [run, limit]);
}

/** The named writes that exist. */
export function writesAmong(r: Reader, ids: readonly number[]): SignedWrite[] {
  if (ids.length === 0) return [];
  const sql = `SELECT ${SIGNED_WRITES.columns} FROM signed_writes
     WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`;
  return r.db.list(sql, [JSON.stringify(ids)], SIGNED_WRITES);
}
