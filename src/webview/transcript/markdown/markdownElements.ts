/** Markdown as elements, which are made one by one; texts are only ever set as text. Nothing is loaded. */
import { html } from '../../dom';
import { markdownBlocks } from './blocks';
import type { MarkdownPart } from './nodes';

export function markdownElements(text: string): Node[] {
  return markdownBlocks(text).map(elementOf);
}

function elementOf(part: MarkdownPart): Node {
  if (typeof part === 'string') return document.createTextNode(part);
  const { tag, href = '', number = 1 } = part;
  const children = part.children.map(elementOf);
  if (tag === 'a') return html('a', { href, title: href }, ...children);
  if (tag === 'ol') return html('ol', { start: String(number) }, ...children);
  if (tag !== 'heading') return html(tag, {}, ...children);
  // Messages skip levels, so all are directly below the title of the page.
  return html('p', { class: `level${number}`, role: 'heading', 'aria-level': '2' }, ...children);
}
