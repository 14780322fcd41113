/**
 * The number of active dispatches. Separate from their store, because each program that opens a record asks for it
 * first.
 */
import type { Reader } from '../unit';

/** Written as in the partial index `idx_dispatches_status`, so that SQLite uses the index. */
export const ACTIVE = "status IN ('spawned','running')";

/** All that are active, or those of one scope. */
export function countActive(r: Reader, scopeId?: string): number {
  const scoped = scopeId === undefined ? '' : 'AND scope_id = ?';
  const params = scopeId === undefined ? [] : [scopeId];
  const [row] = r.db.rows(`SELECT count(*) AS n FROM dispatches WHERE ${ACTIVE} ${scoped}`, params);
  return Number(row?.['n'] ?? 0);
}
