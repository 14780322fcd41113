/** SQL of state entries and sentinels (`docs/design/formats.md#state-entries`). */
import type { Reader, Unit } from '../unit';
import { SENTINELS, STATE_ENTRIES, type Sentinel, type StateEntry } from './model';

/**
 * An entry is visible until it expires. The original's relay writes 0 for "never" (Q16); no real expiry is that old.
 */
const VISIBLE = '(expires_at IS NULL OR expires_at = 0 OR expires_at > ?)';

const scopes = STATE_ENTRIES.part('scopeId');

export function selectEntry(r: Reader, key: string, scopeId: string): StateEntry | undefined {
  return r.db.get(
    `SELECT ${STATE_ENTRIES.columns} FROM state
     WHERE key = ? AND scope_id = ? AND ${VISIBLE}`,
    [key, scopeId, r.now],
    STATE_ENTRIES,
  );
}

/** Whether there is a row that never expires. */
export function isDurable(r: Reader, key: string, scopeId: string): boolean {
  const rows = r.db.rows(
    'SELECT 1 FROM state WHERE key = ? AND scope_id = ? AND (expires_at IS NULL OR expires_at = 0)',
    [key, scopeId],
  );
  return rows.length > 0;
}

export function selectEntries(r: Reader, key: string): StateEntry[] {
  return r.db.list(
    `SELECT ${STATE_ENTRIES.columns} FROM state
     WHERE key = ? AND ${VISIBLE} ORDER BY scope_id`,
    [key, r.now],
    STATE_ENTRIES,
  );
}

export function upsertEntry(u: Unit, entry: Omit<StateEntry, 'updatedAt'>): void {
  const [insert, params] = STATE_ENTRIES.insert({ ...entry, updatedAt: u.now });
  u.db.run(
    `${insert} ON CONFLICT (key, scope_id) DO UPDATE
     SET payload = excluded.payload, updated_at = excluded.updated_at, expires_at = excluded.expires_at`,
    params,
  );
}

export function deleteEntry(u: Unit, key: string, scopeId: string): number {
  return u.db.run('DELETE FROM state WHERE key = ? AND scope_id = ?', [key, scopeId]);
}

export function selectScopes(r: Reader, key: string): string[] {
  const sql = `SELECT ${scopes.columns} FROM state WHERE key = ? AND ${VISIBLE} ORDER BY scope_id`;
  return r.db.list(sql, [key, r.now], scopes).map(({ scopeId }) => scopeId);
}

export function deleteExpired(u: Unit): number {
  return u.db.run('DELETE FROM state WHERE expires_at <> 0 AND expires_at <= ?', [u.now]);
}

/** Fires the sentinel if it never fired or fired at least `intervalSec` ago; 0 means once only. */
export function claimSentinel(u: Unit, name: string, scopeId: string, intervalSec: number): boolean {
  const [insert, params] = SENTINELS.insert({ name, scopeId, lastFired: u.now });
  const changed = u.db.run(
    `${insert} ON CONFLICT (name, scope_id) DO UPDATE SET last_fired = excluded.last_fired
     WHERE sentinels.last_fired = 0 OR (? > 0 AND excluded.last_fired - sentinels.last_fired >= ?)`,
    [...params, intervalSec, intervalSec],
  );
  return changed > 0;
}

export function deleteSentinel(u: Unit, name: string, scopeId: string): number {
  return u.db.run('DELETE FROM sentinels WHERE name = ? AND scope_id = ?', [name, scopeId]);
}

export function selectSentinels(r: Reader): Sentinel[] {
  return r.db.list(`SELECT ${SENTINELS.columns} FROM sentinels ORDER BY name, scope_id`, [], SENTINELS);
}

export function deleteSentinelsBefore(u: Unit, firedBefore: number): number {
  return u.db.run('DELETE FROM sentinels WHERE last_fired < ?', [firedBefore]);
}
