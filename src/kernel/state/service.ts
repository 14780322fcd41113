/** Operations on state entries and sentinels (`docs/design/formats.md#state-entries`). */
import * as z from 'zod';
import { KernelError } from '../errors/errors';
import { parseInput, plainText } from '../input';
import type { Reader, Unit } from '../unit';
import type { Sentinel, StateEntry } from './model';
import { checkKey, checkPayload } from './rules';
import * as store from './store';

export { isStateKey } from './rules';

/** Sentinels that last fired longer ago than this, in seconds, are deleted at the next check. */
export const SENTINEL_KEPT_SEC = 604_800;

/** Longest time to live and longest interval: a hundred years, in seconds. */
const MAX_SECONDS = 3_155_760_000;

const setStateInput = z.strictObject({
  key: z.string(),
  /** Any text. */
  scopeId: plainText.max(4096),
  payload: z.string(),
  /** Seconds until the entry expires; absent: never. */
  ttlSec: z.int().positive().max(MAX_SECONDS).optional(),
});
export type SetStateInput = z.input<typeof setStateInput>;

const checkSentinelInput = z.strictObject({
  name: plainText.max(1024),
  scopeId: plainText.max(4096),
  intervalSec: z.int().min(0).max(MAX_SECONDS),
});
export type CheckSentinelInput = z.input<typeof checkSentinelInput>;

const ageInSeconds = z.int().min(0).max(MAX_SECONDS);

/**
 * Stores JSON text under a key and scope, trimmed but otherwise unchanged. Replaces a previous entry.
 * @throws KernelError `INVALID_ARGUMENT` for an invalid key, payload or time to live.
 */
export function setState(u: Unit, input: SetStateInput): void {
  const { key, scopeId, payload, ttlSec } = parseInput(setStateInput, input, 'state');
  checkKey(key);
  const expiresAt = ttlSec === undefined ? null : u.now + ttlSec;
  store.upsertEntry(u, { key, scopeId, payload: checkPayload(payload), expiresAt });
  u.touched.rest();
}

/** The entry, unless it is absent or has expired. Throws `INVALID_ARGUMENT` for an invalid key. */
export function getState(r: Reader, key: string, scopeId: string): StateEntry | undefined {
  checkKey(key);
  return store.selectEntry(r, key, scopeId);
}

/**
 * The parsed payload of an entry, or undefined where it is absent, expired or does not match the schema. For the
 * kernel's own entries, which other programs also write, and which must not cause failures.
 */
export function readState<T>(r: Reader, key: string, scopeId: string, schema: z.ZodType<T>): T | undefined {
  try {
    const entry = getState(r, key, scopeId);
    if (entry === undefined) return undefined;
    return schema.safeParse(JSON.parse(entry.payload)).data;
  } catch (error) {
    if (error instanceof SyntaxError || KernelError.is(error, 'ROW_INVALID')) return undefined;
    throw error;
  }
}

/** The key's unexpired entries by scope. */
export function listState(r: Reader, key: string): StateEntry[] {
  checkKey(key);
  return store.selectEntries(r, key);
}

/** Whether there is an entry that never expires. */
export function isDurableState(r: Reader, key: string, scopeId: string): boolean {
  checkKey(key);
  return store.isDurable(r, key, scopeId);
}

/** Returns whether there was a row to delete, expired or not. */
export function deleteState(u: Unit, key: string, scopeId: string): boolean {
  checkKey(key);
  const deleted = store.deleteEntry(u, key, scopeId) > 0;
  if (deleted) u.touched.rest();
  return deleted;
}

/** Scopes that hold an unexpired entry of the key, sorted. */
export function listStateScopes(r: Reader, key: string): string[] {
  checkKey(key);
  return store.selectScopes(r, key);
}

/** Deletes expired entries and returns their number. */
export function pruneState(u: Unit): number {
  const deleted = store.deleteExpired(u);
  if (deleted > 0) u.touched.rest();
  return deleted;
}

/**
 * Claims the sentinel: true if it had not fired within `intervalSec` (0: ever), which also marks it as fired now; false
 * if the caller must wait. Deletes all sentinels that last fired over seven days ago.
 */
export function checkSentinel(u: Unit, input: CheckSentinelInput): boolean {
  const { name, scopeId, intervalSec } = parseInput(checkSentinelInput, input, 'sentinel');
  const claimed = store.claimSentinel(u, name, scopeId, intervalSec);
  const forgotten = store.deleteSentinelsBefore(u, u.now - SENTINEL_KEPT_SEC);
  if (claimed || forgotten > 0) u.touched.rest();
  return claimed;
}

/** Lets the sentinel fire again immediately. Returns whether it existed. */
export function resetSentinel(u: Unit, name: string, scopeId: string): boolean {
  const deleted = store.deleteSentinel(u, name, scopeId) > 0;
  if (deleted) u.touched.rest();
  return deleted;
}

/** By name and scope. */
export function listSentinels(r: Reader): Sentinel[] {
  return store.selectSentinels(r);
}

/** Deletes sentinels that last fired more than `olderThanSec` seconds ago and returns their number. */
export function pruneSentinels(u: Unit, olderThanSec: number): number {
  const deleted = store.deleteSentinelsBefore(u, u.now - parseInput(ageInSeconds, olderThanSec, 'olderThanSec'));
  if (deleted > 0) u.touched.rest();
  return deleted;
}
