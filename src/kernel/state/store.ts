/** SQL of state entries and sentinels (`docs/design/formats.md#state-entries`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { Reader, Unit } from '../unit';
import { decodeUtf8 } from '../text/utf8';
import type { Sentinel, StateEntry } from './model';

/**
 * An entry is visible until it expires. The original's relay writes 0 for "never" (Q16); no real expiry is that old.
 */
const VISIBLE = '(expires_at IS NULL OR expires_at = 0 OR expires_at > ?)';

/** Some programs store payloads as BLOB (Q17); the bytes are the same. */
const payloadText = z.union([
  z.string(),
  z.instanceof(Uint8Array).transform((bytes, context) => {
    // A NUL is refused in a text, so also in a BLOB that is read as one.
    const text = bytes.includes(0) ? undefined : decodeUtf8(bytes);
    if (text !== undefined) return text;
    context.addIssue({ code: 'custom', message: 'it is not UTF-8 text' });
    return z.NEVER;
  }),
]);

const entryCodec = rowCodec<StateEntry>(
  'state',
  z
    .object({
      key: z.string(),
      scope_id: z.string(),
      payload: payloadText,
      updated_at: z.int(),
      expires_at: z.int().nullable(),
    })
    .transform((row) => ({
      key: row.key,
      scopeId: row.scope_id,
      payload: row.payload,
      updatedAt: row.updated_at,
      expiresAt: row.expires_at === 0 ? null : row.expires_at,
    })),
  'scope_id',
);

const scopeCodec = rowCodec<string>(
  'state',
  z.object({ scope_id: z.string() }).transform((row) => row.scope_id),
  'scope_id',
);

const sentinelCodec = rowCodec<Sentinel>(
  'sentinels',
  z
    .object({ name: z.string(), scope_id: z.string(), last_fired: z.int() })
    .transform((row) => ({ name: row.name, scopeId: row.scope_id, lastFired: row.last_fired })),
  'name',
);

export function selectEntry(r: Reader, key: string, scopeId: string): StateEntry | undefined {
  return r.db.get(
    `SELECT key, scope_id, payload, updated_at, expires_at FROM state
     WHERE key = ? AND scope_id = ? AND ${VISIBLE}`,
    [key, scopeId, r.now],
    entryCodec,
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
    `SELECT key, scope_id, payload, updated_at, expires_at FROM state
     WHERE key = ? AND ${VISIBLE} ORDER BY scope_id`,
    [key, r.now],
    entryCodec,
  );
}

export function upsertEntry(u: Unit, entry: Omit<StateEntry, 'updatedAt'>): void {
  u.db.run(
    `INSERT INTO state (key, scope_id, payload, updated_at, expires_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key, scope_id) DO UPDATE
     SET payload = excluded.payload, updated_at = excluded.updated_at, expires_at = excluded.expires_at`,
    [entry.key, entry.scopeId, entry.payload, u.now, entry.expiresAt],
  );
}

export function deleteEntry(u: Unit, key: string, scopeId: string): number {
  return u.db.run('DELETE FROM state WHERE key = ? AND scope_id = ?', [key, scopeId]);
}

export function selectScopes(r: Reader, key: string): string[] {
  return r.db.list(
    `SELECT scope_id FROM state WHERE key = ? AND ${VISIBLE} ORDER BY scope_id`,
    [key, r.now],
    scopeCodec,
  );
}

export function deleteExpired(u: Unit): number {
  return u.db.run('DELETE FROM state WHERE expires_at <> 0 AND expires_at <= ?', [u.now]);
}

/** Fires the sentinel if it never fired or fired at least `intervalSec` ago; 0 means once only. */
export function claimSentinel(u: Unit, name: string, scopeId: string, intervalSec: number): boolean {
  const changed = u.db.run(
    `INSERT INTO sentinels (name, scope_id, last_fired) VALUES (?, ?, ?)
     ON CONFLICT (name, scope_id) DO UPDATE SET last_fired = excluded.last_fired
     WHERE sentinels.last_fired = 0 OR (? > 0 AND excluded.last_fired - sentinels.last_fired >= ?)`,
    [name, scopeId, u.now, intervalSec, intervalSec],
  );
  return changed > 0;
}

export function deleteSentinel(u: Unit, name: string, scopeId: string): number {
  return u.db.run('DELETE FROM sentinels WHERE name = ? AND scope_id = ?', [name, scopeId]);
}

export function selectSentinels(r: Reader): Sentinel[] {
  return r.db.list('SELECT name, scope_id, last_fired FROM sentinels ORDER BY name, scope_id', [], sentinelCodec);
}

export function deleteSentinelsBefore(u: Unit, firedBefore: number): number {
  return u.db.run('DELETE FROM sentinels WHERE last_fired < ?', [firedBefore]);
}
