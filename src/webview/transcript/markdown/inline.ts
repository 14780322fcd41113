/**
 * Emphasis, code, and links in a line of Markdown, as people and models write it. Time grows with the length of the
 * text, whatever it is. Addresses that are not of the web, images, and HTML stay text.
 */
import type { MarkdownPart, Tag } from './nodes';

const LABEL =
  /!?\[((?:[^[\]\\]|\\[^])*)\]\( ?<?(https?:\/\/[^\s<>()]+(?:\([^\s()]*\)[^\s<>()]*)*)>?(?: "[^"\n]{0,200}")? ?\)/y;
const BRACKETED = /<(https?:\/\/[^\s<>]+)>/y;
const ADDRESS = /https?:\/\/[^\s<>"`|[\]]+/y;
/** What follows an address in a sentence. */
const AFTER_ADDRESS = '.,;:!?*_~)\'"';
const SPACE = /\s|^$/u;
const SIGN = /[\p{P}\p{S}]/u;
const WORD = /[\p{L}\p{N}_]/u;

/** Emphasis that is open at once. */
const MOST_OPEN = 16;
const EMPHASIS: Readonly<Record<string, Tag>> = { '**': 'strong', __: 'strong', '*': 'em', _: 'em', '~~': 'del' };

interface Frame {
  readonly mark: string;
  readonly parts: MarkdownPart[];
}

export function inlineParts(text: string, mayLink = true): readonly MarkdownPart[] {
  return new InlineReader(text, mayLink).read();
}

class InlineReader {
  private readonly frames: [Frame, ...Frame[]] = [{ mark: '', parts: [] }];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly mayLink: boolean,
  ) {}

  read(): readonly MarkdownPart[] {
    const { text } = this;
    const special = /\\|`+|[*_]+|~~|!?\[|<?https?:\/\//g;
    for (let found = special.exec(text); found !== null; found = special.exec(text)) {
      this.add(text.slice(this.at, found.index));
      this.at = found.index;
      this.take(found[0]);
      special.lastIndex = this.at;
    }
    this.add(text.slice(this.at));
    while (this.frames.length > 1) this.flatten();
    return this.frames[0].parts;
  }

  private get top(): Frame {
    return this.frames.at(-1) ?? this.frames[0];
  }

  private add(part: MarkdownPart): void {
    const { parts } = this.top;
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  }

  private keep(text: string): void {
    this.add(text);
    this.at += text.length;
  }

  private take(found: string): void {
    const [first = ''] = found;
    if (first === '\\') this.takeEscape();
    else if (first === '`') this.takeCode(found);
    else if (first in EMPHASIS || found === '~~') this.takeMarks(found);
    else if (first === '!' || first === '[') this.takeLink(found);
    else this.takeAddress(found);
  }

  private takeEscape(): void {
    const next = this.text[this.at + 1] ?? '';
    const isEscape = next <= '~' && SIGN.test(next);
    if (isEscape) this.at += 1;
    this.keep(isEscape ? next : '\\');
  }

  private takeCode(ticks: string): void {
    const start = this.at + ticks.length;
    const runs = /`+/g;
    runs.lastIndex = start;
    let end = runs.exec(this.text);
    while (end !== null && end[0].length !== ticks.length) end = runs.exec(this.text);
    if (end === null) {
      this.keep(ticks);
      return;
    }
    const code = this.text.slice(start, end.index).replaceAll('\n', ' ');
    const isPadded = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
    this.add({ tag: 'code', children: [isPadded ? code.slice(1, -1) : code] });
    this.at = end.index + ticks.length;
  }

  private takeLink(found: string): void {
    const link = this.mayLink ? this.match(LABEL) : null;
    const [whole, label = '', href = ''] = link ?? [];
    if (whole === undefined) {
      this.keep(found);
      return;
    }
    this.add({ tag: 'a', href, children: label.trim() === '' ? [href] : inlineParts(label, false) });
    this.at += whole.length;
  }

  private takeAddress(found: string): void {
    const bracketed = found.startsWith('<') ? this.match(BRACKETED) : null;
    if (!this.mayLink || (found.startsWith('<') && bracketed === null) || this.isAfter(WORD)) {
      this.keep(found);
      return;
    }
    const href = bracketed?.[1] ?? withoutEnd(this.match(ADDRESS)?.[0] ?? '');
    if (href.length <= found.length - (bracketed === null ? 0 : 1)) {
      this.keep(found);
      return;
    }
    this.add({ tag: 'a', href, children: [href] });
    this.at += bracketed?.[0].length ?? href.length;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  private isAfter(pattern: RegExp): boolean {
    return this.at > 0 && pattern.test(this.text[this.at - 1] ?? '');
  }

  /** Signs that may open or close emphasis, by what is next to them. */
  private takeMarks(run: string): void {
    const before = this.text[this.at - 1] ?? '';
    const after = this.text[this.at + run.length] ?? '';
    const opensLeft = !SPACE.test(after) && (!SIGN.test(after) || SPACE.test(before) || SIGN.test(before));
    const closesRight = !SPACE.test(before) && (!SIGN.test(before) || SPACE.test(after) || SIGN.test(after));
    const isInWord = run.startsWith('_') && WORD.test(before) && WORD.test(after);
    const mayOpen = opensLeft && !isInWord;
    let mayClose = closesRight && !isInWord;
    for (let left = run.length; left > 0;) {
      const mark = mayClose ? this.openMark(run, left) : undefined;
      const next = mark ?? run.slice(0, Math.min(2, left));
      left -= next.length;
      if (mark !== undefined) this.close(mark);
      else if (mayOpen && this.frames.length <= MOST_OPEN) {
        this.frames.push({ mark: next, parts: [] });
        mayClose = false;
      } else this.add(next);
    }
    this.at += run.length;
  }

  /** What of the run closes an open emphasis, the innermost one first. */
  private openMark([sign = '']: string, length: number): string | undefined {
    return this.frames.findLast(({ mark }) => mark.startsWith(sign) && mark.length <= length && mark !== '')?.mark;
  }

  private close(mark: string): void {
    while (this.top.mark !== mark) this.flatten();
    const { parts } = this.top;
    this.frames.pop();
    this.add({ tag: EMPHASIS[mark] ?? 'em', children: parts });
  }

  /** What was not closed is text. */
  private flatten(): void {
    const { mark, parts } = this.top;
    this.frames.pop();
    this.add(mark);
    for (const part of parts) this.add(part);
  }
}

function withoutEnd(address: string): string {
  let end = address.length;
  while (end > 0 && AFTER_ADDRESS.includes(address[end - 1] ?? '')) end -= 1;
  return address.slice(0, end);
}
