/** The tokens of a statement of the schema in a normal form, so that statements can be compared. */
import { refuse } from '../database/refusal';
import { shortened, startOf } from '../../kernel/text/storableText';
import { because } from '../../kernel/errors/reasons/problem';

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  /** Names in lower case and without quotes, texts in single quotes. */
  readonly text: string;
  /** A quoted name is not a keyword. */
  readonly quoted: boolean;
}

const BLANK = /(?:[ \t\n\f\r]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const TEXT = /'(?:[^']|'')*'/y;
const NAME = /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y;
// Not a "/" that starts a comment: one without an end is refused immediately.
const SIGN = /<>|<=|>=|!=|==|\/(?!\*)|[-+*%(),.;=<>]/y;

/** @throws KernelError `DATABASE_REFUSED`, without the path, for tokens that do not occur in our statements. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  while (at < sql.length) {
    if (take(BLANK) !== undefined) continue;
    const token = readToken(take);
    if (token === undefined)
      refuse(because('its schema has a statement that cannot be read: {sql}', { sql: shown(sql) }));
    tokens.push(token);
  }
  return tokens;
}

function readToken(take: (pattern: RegExp) => string | undefined): Token | undefined {
  const word = take(WORD);
  // A blob looks like a word before a text; our schemas do not contain any.
  if (word !== undefined) return { kind: 'word', text: word.toLowerCase(), quoted: false };
  const name = take(NAME);
  if (name !== undefined) return { kind: 'word', text: unquoted(name).toLowerCase(), quoted: true };
  const text = take(TEXT);
  if (text !== undefined) return { kind: 'text', text, quoted: false };
  const number = take(NUMBER);
  if (number !== undefined) return { kind: 'number', text: number, quoted: false };
  const sign = take(SIGN);
  return sign === undefined ? undefined : { kind: 'sign', text: sign, quoted: false };
}

function unquoted(name: string): string {
  const inner = name.slice(1, -1);
  const quote = name.slice(-1);
  return quote === ']' ? inner : inner.replaceAll(quote + quote, quote);
}

/** The start of a statement, for a message. */
export function shown(sql: string): string {
  const line = startOf(sql, 200).replace(/[\s\x00-\x1f\x7f]+/g, ' ');
  return shortened(line, 80);
}
