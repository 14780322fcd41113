/**
 * Seals of launch records: records of programs without the dispatch's secret are ignored (`docs/design/trust.md`).
 * Shared with the launcher, so it imports nothing but Node.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The text of a sealed record, as it is in its file. `kind` keeps one record from being used as another. */
export function sealed(secret: string, kind: string, record: unknown): string {
  const text = JSON.stringify(record);
  return JSON.stringify({ seal: sealOf(secret, kind, text), record: text });
}

/** The JSON text of a record, if its seal is right; otherwise undefined. */
export function unsealed(secret: string, kind: string, content: string): string | undefined {
  const parts = partsOf(content);
  if (parts === undefined) return undefined;
  const expected = Buffer.from(sealOf(secret, kind, parts.record));
  const found = Buffer.from(parts.seal);
  return found.length === expected.length && timingSafeEqual(found, expected) ? parts.record : undefined;
}

/** One of several values derived from a key, none of which reveals it: hexadecimal digits, by default 64. */
export function derived(key: Buffer, purpose: string, name: string, digits = 64): string {
  return createHmac('sha256', key).update(`${purpose}\0${name}`).digest('hex').slice(0, digits);
}

function sealOf(secret: string, kind: string, text: string): string {
  return createHmac('sha256', secret).update(`${kind}\0${text}`).digest('hex');
}

function partsOf(content: string): { readonly seal: string; readonly record: string } | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || !('seal' in value) || !('record' in value)) return undefined;
    const { seal, record } = value;
    return typeof seal === 'string' && typeof record === 'string' ? { seal, record } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
