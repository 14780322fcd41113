/**
 * Makes foreign text storable, and cuts text. Output of agents, git, checks, Beads, GitHub or models may contain
 * anything; arguments of callers are checked instead (`plainText`). Pure.
 */

declare const storable: unique symbol;

/** Well-formed, without NUL, within a length: SQLite returns it unchanged. */
export type StorableText = string & { readonly [storable]: true };

/** Replaces a NUL and half of a surrogate pair, so that the gap is visible. */
const REPLACEMENT = '\uFFFD';

const ELLIPSIS = '…';

/** How many UTF-16 units around a cut are searched for character boundaries: a text may have megabytes. */
const SEARCHED = 512;

/** A longer character (a letter with many accents) is split, so that the text is not lost. */
const LONGEST_CHARACTER = 64;

/** At most `longest` UTF-16 units from the start of the text. */
export function storableText(text: string, longest: number): StorableText {
  return storableOf(startOf(text, longest));
}

/** At most `longest` UTF-16 units at the end of the text. */
export function storableEnd(text: string, longest: number): StorableText {
  return storableOf(endOf(text, longest));
}

function storableOf(text: string): StorableText {
  return text.replace(/\0|\p{Surrogate}/gu, REPLACEMENT) as StorableText;
}

/** The start of a text, in whole characters as people see them. */
export function startOf(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, boundaryAt(text, Math.max(0, longest), 'before'));
}

/** The end of a text, in whole characters as people see them. */
export function endOf(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(boundaryAt(text, text.length - Math.max(0, longest), 'after'));
}

/** The start of a text with a mark for the cut, which counts toward the length. */
export function shortened(text: string, longest: number, mark = ELLIPSIS): string {
  return text.length <= longest ? text : `${startOf(text, longest - mark.length)}${mark}`;
}

/** The nearest place around `at` where a character ends. */
function boundaryAt(text: string, at: number, side: 'before' | 'after'): number {
  const from = wholePair(text, Math.max(0, at - SEARCHED), 'before');
  const near = text.slice(from, wholePair(text, Math.min(text.length, at + SEARCHED), 'after'));
  const found = characters()
    .segment(near)
    .containing(at - from);
  if (found === undefined) return at;
  const start = from + found.index;
  const end = start + found.segment.length;
  if (start === at || found.segment.length > LONGEST_CHARACTER) return wholePair(text, at, side);
  return side === 'before' ? start : end;
}

/** Not between the halves of a surrogate pair. */
function wholePair(text: string, at: number, side: 'before' | 'after'): number {
  const isInside = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(Math.max(0, at - 1), at + 1)) && at > 0;
  if (!isInside) return at;
  return side === 'before' ? at - 1 : at + 1;
}

let segmenter: Intl.Segmenter | undefined;

/** Created when first needed, because it is expensive. */
function characters(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter;
}
