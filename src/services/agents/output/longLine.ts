/**
 * Shortens a JSON line of any length while its bytes arrive: long texts lose their start, and parts that do not fit are
 * dropped. Small fields, such as tokens and a session, stay. Uses a few megabytes at most.
 */
import { StringDecoder } from 'node:string_decoder';
import { copyOf, endOf } from './bounded';
import { withoutControls } from './report';

/**
 * The length kept of one text, in UTF-16 units: more than a reader keeps of a message, so that the reader cuts it
 * between characters.
 */
const LONGEST_TEXT = 66_560;

/** The length at which a text is cut while it is read, independent of how its bytes arrive. */
const HELD_TEXT = LONGEST_TEXT + 1024;

/** In UTF-16 units of JSON, by depth, so that a long list leaves room for the fields next to it. */
const LONGEST_VALUES = [1_000_000, 500_000, 400_000, 300_000];

/** The values of deeper lists and objects are dropped. */
const MOST_KEPT_LEVELS = 16;
const MOST_LEVELS = 1000;

/** The length of a number or a word such as `true`, and of the text before the object. */
const LONGEST_WORD = 400;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...['"', '\\', '/'].map((sign): [string, string] => [sign, sign]),
  ...Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
]);

interface Level {
  readonly isList: boolean;
  /** The JSON of the items, or of the members with their names. */
  parts: string[];
  length: number;
  /** The name of the next member, as JSON. */
  name: string;
}

/** What may follow, outside of a text or a word. */
type Expected = 'firstItem' | 'firstName' | 'name' | 'colon' | 'value' | 'comma';

type State = 'before' | 'inside' | 'text' | 'word' | 'after' | 'done' | 'broken';

export class LongLine {
  private readonly decoder = new StringDecoder('utf8');
  private readonly levels: Level[] = [];
  private state: State = 'before';
  private expected: Expected = 'value';
  /** The length of the text or word that is being read, or of the text before the object. */
  private read = '';
  /** An incomplete escape. */
  private escape = '';
  private result: string | undefined;

  push(bytes: Buffer): void {
    this.take(this.decoder.write(bytes));
  }

  /** The short line; undefined if this was not a JSON object. */
  end(): string | undefined {
    this.take(this.decoder.end());
    return this.state === 'after' || this.state === 'done' ? this.result : undefined;
  }

  private take(text: string): void {
    let at = 0;
    while (at < text.length && this.state !== 'done' && this.state !== 'broken') {
      if (this.state === 'text') at = this.takeText(text, at);
      else if (this.state === 'word') at = this.takeWord(text, at);
      else {
        if (this.state === 'before') this.takeBefore(text.charAt(at));
        else if (this.state === 'after') this.takeAfter(text.charAt(at));
        else if (!this.takeSign(text.charAt(at))) continue;
        at += 1;
      }
    }
  }

  /** An overwritten progress line may precede the object. */
  private takeBefore(sign: string): void {
    if (sign === '\r') this.read = '';
    else if (sign === '{' && withoutControls(this.read) === '') this.open(false);
    else if (this.read.length < LONGEST_WORD) this.read += sign;
    else if (withoutControls(this.read) === '') this.state = 'broken';
  }

  private takeAfter(sign: string): void {
    if (sign === '\r') this.state = 'done';
    else if (sign.trim() !== '') this.state = 'broken';
  }

  /** False if the character starts a word and must be read again. */
  private takeSign(sign: string): boolean {
    const { expected } = this;
    const takesValue = expected === 'value' || expected === 'firstItem';
    if (sign.trim() === '') return true;
    if (sign === '"' && (takesValue || expected === 'name' || expected === 'firstName')) this.start('text');
    else if ((sign === '{' || sign === '[') && takesValue) this.open(sign === '[');
    else if (sign === ':' && expected === 'colon') this.expected = 'value';
    else if (sign === ',' && expected === 'comma') this.expected = this.levels.at(-1)?.isList ? 'value' : 'name';
    else if (sign === '}' || sign === ']') this.close(sign === ']');
    else if (takesValue && /[-\w]/.test(sign)) {
      this.start('word');
      return false;
    } else this.state = 'broken';
    return true;
  }

  private start(state: 'text' | 'word'): void {
    this.state = state;
    this.read = '';
  }

  private takeText(text: string, at: number): number {
    if (this.escape !== '') return this.takeEscape(text.charAt(at), at);
    const end = nextOf(text, at, /["\\]/g);
    this.addText(text.slice(at, end));
    if (end === text.length) return end;
    if (text.charAt(end) === '\\') this.escape = '\\';
    else {
      this.state = 'inside';
      this.finish(JSON.stringify(endOf(this.read, LONGEST_TEXT)));
    }
    return end + 1;
  }

  private takeEscape(sign: string, at: number): number {
    this.escape += sign;
    const isCode = this.escape.charAt(1) === 'u';
    if (isCode && this.escape.length < 6) return at + 1;
    const unit = isCode ? unitOf(this.escape.slice(2)) : ESCAPES.get(sign);
    this.escape = '';
    if (unit === undefined) this.state = 'broken';
    else this.addText(unit);
    return at + 1;
  }

  private addText(more: string): void {
    this.read += more;
    if (this.read.length > 2 * HELD_TEXT) this.read = endOf(this.read, HELD_TEXT);
  }

  private takeWord(text: string, at: number): number {
    const end = nextOf(text, at, /[^-+.\w]/g);
    this.read += text.slice(at, end);
    if (this.read.length > LONGEST_WORD) this.state = 'broken';
    else if (end < text.length) {
      this.state = isJson(this.read) ? 'inside' : 'broken';
      this.finish(copyOf(this.read));
    }
    return end;
  }

  private open(isList: boolean): void {
    if (this.levels.length === MOST_LEVELS) this.state = 'broken';
    else this.state = 'inside';
    this.levels.push({ isList, parts: [], length: 0, name: '' });
    this.expected = isList ? 'firstItem' : 'firstName';
  }

  private close(isList: boolean): void {
    const isEmpty = this.expected === 'firstItem' || this.expected === 'firstName';
    const level = this.levels.pop();
    if (level?.isList !== isList || !(isEmpty || this.expected === 'comma')) {
      this.state = 'broken';
      return;
    }
    const parts = level.parts.join(',');
    const json = isList ? `[${parts}]` : `{${parts}}`;
    if (this.levels.length > 0) {
      this.expected = 'value';
      this.finish(json);
    } else {
      this.result = json;
      this.state = 'after';
    }
  }

  /** Adds a value to its list or object, or stores it as the name of the next member. */
  private finish(json: string): void {
    const level = this.levels.at(-1);
    if (level === undefined) return;
    if (this.expected === 'name' || this.expected === 'firstName') {
      level.name = json;
      this.expected = 'colon';
      return;
    }
    this.expected = 'comma';
    const depth = this.levels.length - 1;
    if (depth >= MOST_KEPT_LEVELS) return;
    const longest = LONGEST_VALUES[depth] ?? LONGEST_VALUES.at(-1) ?? 0;
    const part = level.isList ? json : `${level.name}:${json}`;
    // The last items of a list are kept, like the last lines of a text.
    while (level.isList && level.parts.length > 0 && level.length + part.length > longest) dropOlder(level);
    if (level.length + part.length > longest) return;
    level.parts.push(part);
    level.length += part.length + 1;
  }
}

/** Removes half of the items at once: removing them singly would move the others each time. */
function dropOlder(level: Level): void {
  level.parts = level.parts.slice(Math.ceil(level.parts.length / 2));
  level.length = level.parts.reduce((sum, { length }) => sum + length + 1, 0);
}

function unitOf(digits: string): string | undefined {
  return /^[0-9a-f]{4}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined;
}

function nextOf(text: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
