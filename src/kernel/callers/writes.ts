/**
 * Signed writes as a list, newest first. Signing is separate, because only parts of a window that load late read it.
 */
import * as z from 'zod';
import { listRowIds } from '../list/recordPages';
import { rowCodec } from '../db/rows';
import { runId } from '../ids';
import type { Reader } from '../unit';
import type { SignedWrite, WritesQuery } from './model';
import { hasCallers } from './store';

const DEFAULT_LIMIT = 1000;

const writeCodec = rowCodec<SignedWrite>(
  'signed_writes',
  z
    .object({ id: z.int(), caller: z.string(), operation: z.string(), run_id: runId.nullable(), created_at: z.int() })
    .transform((row) => ({
      id: row.id,
      caller: row.caller,
      operation: row.operation,
      runId: row.run_id,
      createdAt: row.created_at,
    })),
);

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
  const sql = `SELECT id, caller, operation, run_id, created_at FROM signed_writes
     WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`;
  return r.db.list(sql, [JSON.stringify(ids)], writeCodec);
}
