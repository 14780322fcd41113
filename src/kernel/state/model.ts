/**
 * Small JSON documents by key and scope, and sentinels, which limit how often something happens
 * (`docs/design/formats.md#state-entries`).
 */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { decodeUtf8 } from '../text/utf8';

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

/** The original's relay writes 0 for "never" (Q16). */
const expiry = z
  .int()
  .nullable()
  .transform((seconds) => (seconds === 0 ? null : seconds));

export const STATE_ENTRIES = defineTable(
  'state',
  {
    key: column('key', z.string()),
    scopeId: column('scope_id', z.string()),
    /** JSON text, unchanged. */
    payload: column('payload', payloadText),
    updatedAt: column('updated_at', z.int()),
    expiresAt: column('expires_at', expiry),
  },
  'scopeId',
);
export type StateEntry = RowOf<typeof STATE_ENTRIES>;

export const SENTINELS = defineTable(
  'sentinels',
  {
    name: column('name', z.string()),
    scopeId: column('scope_id', z.string()),
    /** Unix seconds. */
    lastFired: column('last_fired', z.int()),
  },
  'name',
);
export type Sentinel = RowOf<typeof SENTINELS>;
