/**
 * Untrusted Markdown as safe HTML: no HTML of its own, no pictures, links to the web and to mail only. What would take
 * long to read as Markdown is shown with less of it, or as it is.
 */
import { micromark } from 'micromark';

/** A picture would be fetched from elsewhere, which the page's policy refuses; its description is kept as a link. */
const PICTURES = 'labelStartImage';
/** Their cost grows with the square of their number. */
const EMPHASIS_AND_LINKS = ['attention', 'labelStartLink', 'labelEnd'];

/** In UTF-16 units. */
const MOST_MARKDOWN = 32_000;
const MOST_MARKS = 1000;
/** Quotes and lists within one another that start in one line: more than a person reads. */
const DEEP = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])){12}/m;
/** Parts of lists: each costs the more the more there are. */
const ITEM = /^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]/gm;
const MOST_ITEMS = 600;

export function safeHtml(markdown: string): string {
  const items = markdown.length > MOST_MARKDOWN ? 0 : countOf(ITEM, markdown);
  if (markdown.length > MOST_MARKDOWN || items > MOST_ITEMS || DEEP.test(markdown)) return plainHtml(markdown);
  const isHeavy = countOf(/[*_[\]]/g, markdown) > MOST_MARKS;
  const without = isHeavy ? [PICTURES, ...EMPHASIS_AND_LINKS] : [PICTURES];
  return micromark(markdown, { extensions: [{ disable: { null: without } }] });
}

function countOf(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function plainHtml(text: string): string {
  return `<pre>${text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)}</pre>`;
}
