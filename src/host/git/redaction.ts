/** Removes secrets from the output of programs before it is stored or shown (`docs/design/trust.md#secrets`). */
import { endOf } from '../../kernel/text/storableText';

const HIDDEN = '***';
/** The length of the end of a program's output that a failure shows, in UTF-16 units. */
const MOST_SHOWN = 16_384;

/** Each takes linear time; the first group is kept. */
const SECRETS: readonly RegExp[] = [
  /\b()gh[pousr]_[A-Za-z0-9]{16,}/g,
  /\b()github_pat_[A-Za-z0-9_]{20,}/g,
  /\b()sk-ant-[A-Za-z0-9_-]{10,}/g,
  /\b(authorization:\s*(?:basic|bearer|token)\s+)[^\s"']+/gi,
  // The user and password of an address.
  /([a-z0-9+.-]:\/\/)[^\s/@]+(?=@)/gi,
];

export function redact(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, `$1${HIDDEN}`), text);
}

/**
 * The end of a program's output, without secrets. A longer text is cut between two lines, so that no secret loses the
 * start that identifies it.
 */
export function redactedEnd(text: string): string {
  if (text.length <= MOST_SHOWN) return redact(text);
  const end = endOf(text, MOST_SHOWN);
  const lineEnd = end.search(/[\r\n]/);
  return lineEnd === -1 ? HIDDEN : redact(end.slice(lineEnd));
}
