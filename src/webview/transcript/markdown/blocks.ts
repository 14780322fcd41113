/** The blocks of a text in Markdown. Line ends inside a paragraph count: people and models mean them. */
import { inlineParts } from './inline';
import type { MarkdownNode, MarkdownPart } from './nodes';

/** With a language, which is not shown, and more, such as a name of a file. */
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/;
const CLOSING_SIGNS = / #+$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const DIVIDER = /^:?-+:?$/;
const BLANK = /^\s*$/;

/** Quotes and lists in each other; what is deeper is text. */
const MOST_DEPTH = 8;

export function markdownBlocks(text: string): readonly MarkdownNode[] {
  return blocksOf(text.replaceAll('\r\n', '\n').split('\n'), 0);
}

function blocksOf(lines: readonly string[], depth: number): MarkdownNode[] {
  const blocks: MarkdownNode[] = [];
  for (let at = 0; at < lines.length;) {
    if (BLANK.test(lines[at] ?? '')) at += 1;
    else {
      const { block, end } = blockAt(lines, at, depth);
      blocks.push(block);
      at = end;
    }
  }
  return blocks;
}

interface Found {
  readonly block: MarkdownNode;
  /** The line after it. */
  readonly end: number;
}

function blockAt(lines: readonly string[], at: number, depth: number): Found {
  const line = lines[at] ?? '';
  const [, fence, more = ''] = FENCE.exec(line) ?? [];
  if (fence !== undefined) return fenced(lines, at, fence, more.trim());
  const [, signs = '', title] = HEADING.exec(line) ?? [];
  if (title !== undefined) {
    return {
      block: {
        tag: 'heading',
        number: signs.length,
        children: inlineParts(title.trimEnd().replace(CLOSING_SIGNS, '')),
      },
      end: at + 1,
    };
  }
  if (RULE.test(line)) return { block: { tag: 'hr', children: [] }, end: at + 1 };
  if (depth < MOST_DEPTH && QUOTE.test(line)) return quote(lines, at, depth);
  if (depth < MOST_DEPTH && ITEM.test(line)) return list(lines, at, depth);
  if (isTable(lines, at)) return table(lines, at);
  let end = at + 1;
  while (end < lines.length && !startsBlock(lines, end, depth)) end += 1;
  return { block: { tag: 'p', children: inlineParts(lines.slice(at, end).join('\n')) }, end };
}

function startsBlock(lines: readonly string[], at: number, depth: number): boolean {
  const line = lines[at] ?? '';
  if ([BLANK, FENCE, HEADING, RULE].some((pattern) => pattern.test(line)) || isTable(lines, at)) return true;
  return depth < MOST_DEPTH && (QUOTE.test(line) || ITEM.test(line));
}

/** Also one that is not closed: its text may still be coming. */
function fenced(lines: readonly string[], at: number, fence: string, more: string): Found {
  const isEnd = (line: string): boolean => {
    const end = line.trim();
    return end.length >= fence.length && end === (fence[0] ?? '').repeat(end.length);
  };
  let end = at + 1;
  while (end < lines.length && !isEnd(lines[end] ?? '')) end += 1;
  const indent = (lines[at] ?? '').search(/\S/);
  const code = lines.slice(at + 1, end).map((line) => line.slice(Math.min(indent, Math.max(0, line.search(/\S|$/)))));
  const title: MarkdownPart[] = more === '' ? [] : [{ tag: 'em', children: [more] }, '\n'];
  return { block: { tag: 'pre', children: [...title, code.join('\n')] }, end: end + 1 };
}

function quote(lines: readonly string[], at: number, depth: number): Found {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] ?? '')) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return { block: { tag: 'blockquote', children: blocksOf(inner, depth + 1) }, end };
}

/** Items of the same kind. What is indented below an item is part of it, and so is text without an empty line. */
function list(lines: readonly string[], at: number, depth: number): Found {
  const [, , sign = ''] = ITEM.exec(lines[at] ?? '') ?? [];
  const kind = sign.slice(-1);
  const items: MarkdownNode[] = [];
  let end = at;
  for (;;) {
    const line = lines[end] ?? '';
    const [whole, lead = '', mark = '', gap = ''] = ITEM.exec(line) ?? [];
    if (whole === undefined || mark.slice(-1) !== kind || RULE.test(line)) break;
    const indent = lead.length + mark.length + (gap.length > 4 || gap === '' ? 1 : gap.length);
    const inner = [line.slice(indent)];
    end += 1;
    while (end < lines.length && continuesItem(lines, end, lead.length, depth)) {
      const next = lines[end] ?? '';
      inner.push(next.slice(Math.min(indent, Math.max(0, next.search(/\S|$/)))));
      end += 1;
    }
    items.push({ tag: 'li', children: blocksOf(inner.map(asBox), depth + 1) });
    const next = nextText(lines, end);
    if (ITEM.test(lines[next] ?? '')) end = next;
  }
  const number = Number.parseInt(sign, 10);
  return { block: Number.isNaN(number) ? { tag: 'ul', children: items } : { tag: 'ol', number, children: items }, end };
}

function continuesItem(lines: readonly string[], at: number, lead: number, depth: number): boolean {
  const line = lines[at] ?? '';
  if (!BLANK.test(line))
    return line.search(/\S/) > lead || !(startsBlock(lines, at, depth) || BLANK.test(lines[at - 1] ?? ''));
  const next = lines[nextText(lines, at)] ?? '';
  return next.search(/\S/) > lead;
}

/** The next line that is not blank. Far ones are of no use to a list. */
function nextText(lines: readonly string[], at: number): number {
  let next = at;
  while (next < at + 3 && BLANK.test(lines[next] ?? 'end')) next += 1;
  return next;
}

function asBox(line: string, index: number): string {
  return index > 0 ? line : line.replace(/^\[([ xX])\] /, (_, sign) => (sign === ' ' ? '☐ ' : '☑ '));
}

function isTable(lines: readonly string[], at: number): boolean {
  const divider = lines[at + 1] ?? '';
  const isDivider = divider.includes('|') && cellsOf(divider).every((cell) => DIVIDER.test(cell));
  return isDivider && (lines[at] ?? '').includes('|');
}

function table(lines: readonly string[], at: number): Found {
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? '').includes('|')) end += 1;
  const [head = [], ...rows] = [lines[at] ?? '', ...lines.slice(at + 2, end)].map(cellsOf);
  const rowOf = (cells: readonly string[], tag: 'th' | 'td'): MarkdownNode => {
    return { tag: 'tr', children: cells.map((cell) => ({ tag, children: inlineParts(cell) })) };
  };
  return { block: { tag: 'table', children: [rowOf(head, 'th'), ...rows.map((row) => rowOf(row, 'td'))] }, end };
}

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
}
