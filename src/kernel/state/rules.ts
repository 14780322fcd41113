/** Checks of keys and payloads of state. Pure (`docs/design/formats.md#state-entries`). */
import { KernelError } from '../errors/errors';
import { because, type Problem } from '../errors/reasons/problem';
import { isStorableJson } from '../input';

/** All but the last match only the start of the text. */
const SECRET_PATTERNS: readonly RegExp[] = [
  /^(sk|pk|rk|ak)[-_][a-z0-9]{20,}/i,
  /^(ghp|gho|ghu|ghs|ghr)_[a-z0-9_]{30,}/i,
  /^xox[bpras]-[a-z0-9-]{20,}/i,
  /^eyJ[a-z0-9_-]{20,}\.[a-z0-9_-]{20,}\./i,
  /^AKIA[0-9A-Z]{16}/i,
  /^-----BEGIN (RSA |EC |DSA |OPENSSH )?PRIVATE KEY/i,
  /(password|passwd|secret|token|api_key|apikey|api-key|access_key|private_key)\s*[:=]\s*\S{8,}/i,
];

/** Whether the text is probably a credential, or an assignment of one. */
export function looksSecret(text: string): boolean {
  return SECRET_PATTERNS.some((pattern) => pattern.test(text));
}

export const MAX_KEY_BYTES = 200;
export const MAX_PAYLOAD_BYTES = 1_048_576;
export const MAX_DEPTH = 20;
export const MAX_STRING_BYTES = 102_400;
/** Nested arrays and objects do not count. */
export const MAX_ARRAY_SCALARS = 10_000;

/** White space that the original trims from a payload; U+FEFF is not included. */
const SPACE = /\p{White_Space}/u;

const KEY = /^[a-z][a-z0-9_-]*(?:\.[a-z0-9_.:-]+)?$/;

/** Whether this is a valid key. */
export function isStateKey(key: string): boolean {
  return utf8Length(key) <= MAX_KEY_BYTES && KEY.test(key);
}

/** @throws KernelError `INVALID_ARGUMENT` */
export function checkKey(key: string): void {
  if (key === '') throw invalid('key', because('key must not be empty'));
  if (utf8Length(key) > MAX_KEY_BYTES) {
    throw invalid(
      'key',
      because('key too long: {length} chars (max {limit})', { length: key.length, limit: MAX_KEY_BYTES }),
    );
  }
  if (!KEY.test(key)) {
    const shown = JSON.stringify(key);
    throw invalid('key', because('{key} must be lowercase alphanumeric words joined by dots', { key: shown }));
  }
}

/**
 * The payload to store: the given text, trimmed.
 * @throws KernelError `INVALID_ARGUMENT` for text that is not JSON, too large, too deep, or contains a likely secret.
 */
export function checkPayload(text: string): string {
  const payload = withoutOuterSpace(text);
  if (utf8Length(payload) > MAX_PAYLOAD_BYTES) {
    throw invalid('payload', because('payload too large: more than {limit} bytes', { limit: MAX_PAYLOAD_BYTES }));
  }
  // The database would change a lone surrogate.
  if (/\p{Surrogate}/u.test(payload) || !isStorableJson(payload))
    throw invalid('payload', because('invalid JSON payload'));
  checkTokens(payload);
  return payload;
}

/** Without a pattern: one for the end takes quadratic time on a document full of white space. */
function withoutOuterSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** An array or object that is open at the current position. */
interface Container {
  readonly isArray: boolean;
  scalars: number;
}

/** Checks every token of valid JSON; a parsed value would hide all but the last of duplicate keys. */
function checkTokens(json: string): void {
  const open: Container[] = [];
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|[^\s"[\]{},:]+/g)) {
    if (token === '[' || token === '{') {
      open.push({ isArray: token === '[', scalars: 0 });
      if (open.length > MAX_DEPTH)
        throw invalid('payload', because('JSON nesting too deep: >{limit} levels', { limit: MAX_DEPTH }));
    } else if (token === ']' || token === '}') {
      open.pop();
    } else {
      if (token.startsWith('"')) checkString(token);
      countScalar(open.at(-1));
    }
  }
}

function countScalar(container: Container | undefined): void {
  if (container?.isArray !== true) return;
  container.scalars += 1;
  if (container.scalars > MAX_ARRAY_SCALARS) {
    throw invalid('payload', because('array too long: more than {limit} elements', { limit: MAX_ARRAY_SCALARS }));
  }
}

function checkString(token: string): void {
  const text = String(JSON.parse(token));
  if (utf8Length(text) > MAX_STRING_BYTES) {
    throw invalid('payload', because('string too long: more than {limit} bytes', { limit: MAX_STRING_BYTES }));
  }
  // The text itself is not repeated here: the message may reach a log.
  if (looksSecret(text)) {
    throw invalid(
      'payload',
      because('payload contains a likely secret value; store variable names for provenance, not secret values'),
    );
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function invalid(argument: string, problem: Problem<'INVALID_ARGUMENT'>): KernelError {
  return new KernelError('INVALID_ARGUMENT', { argument, problem });
}
