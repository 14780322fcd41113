/** A row of a transcript as an element. Texts are only ever set as text. */
import type { TranscriptPageTexts, TranscriptRow, TranscriptStep } from '../../contract/pages/transcript';
import { html } from '../dom';
import { markdownElements } from './markdown/markdownElements';

export interface RowView {
  readonly index: number;
  readonly count: number;
  readonly isOpen: boolean;
  /** Marked where it occurs; empty for none. */
  readonly found: string;
}

const MARKS: Readonly<Record<TranscriptRow['state'], string>> = {
  none: '',
  running: '◌',
  good: '✓',
  bad: '✗',
  dim: '–',
};

/** What people and models write; what a program printed is shown as it is. */
function isMarkdown({ kind }: TranscriptRow): boolean {
  return kind === 'agent' || kind === 'person' || kind === 'thought';
}

export function mayUnfold({ isFolded, body, diffs }: TranscriptRow): boolean {
  return isFolded && (body !== '' || diffs.length > 0);
}

export function rowElement(row: TranscriptRow, view: RowView, texts: TranscriptPageTexts): HTMLElement {
  const { index, count, isOpen, found } = view;
  const isShown = !row.isFolded || isOpen;
  const element = html('article', {
    class: `row ${row.kind} ${row.state}`,
    tabindex: '-1',
    'data-index': String(index),
    'aria-posinset': String(index + 1),
    'aria-setsize': String(count),
    'aria-label': [row.head, row.meta].filter((part) => part !== '').join(', '),
  });
  element.append(headOf(row, isShown));
  if (row.steps.length > 0) element.append(html('ul', { class: 'steps' }, ...row.steps.map(stepElement)));
  if (row.diffs.length > 0 && isShown) {
    element.append(html('div', { class: 'diffs' }, ...row.diffs.map((name, diff) => diffButton(name, diff, texts))));
  }
  if (row.body !== '' && isShown) {
    const body = isMarkdown(row) ? markdownElements(row.body) : [row.body];
    element.append(html('div', { class: 'body' }, ...body));
    if (row.isCut) element.append(html('button', { type: 'button', class: 'secondary word all' }, texts.showAll));
  }
  if (found !== '') mark(element, found);
  return element;
}

function headOf(row: TranscriptRow, isShown: boolean): HTMLElement {
  const parts = [
    html('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[row.state]),
    html('span', { class: 'name' }, row.head),
    ...(row.meta === '' || (row.kind === 'thought' && isShown) ? [] : [html('span', { class: 'meta' }, row.meta)]),
  ];
  if (!mayUnfold(row)) return html('div', { class: 'head' }, ...parts);
  return html(
    'button',
    { type: 'button', class: 'head fold', tabindex: '-1', 'aria-expanded': String(isShown) },
    ...parts,
  );
}

export function stepElement({ text, state, spoken }: TranscriptStep): HTMLElement {
  return html('li', { class: state }, html('span', { class: 'unseen' }, `${spoken}: `), text);
}

function diffButton(name: string, diff: number, texts: TranscriptPageTexts): HTMLElement {
  const words = texts.openDiff.replace('{0}', name);
  return html('button', { type: 'button', class: 'secondary word diff', 'data-diff': String(diff) }, words);
}

/** Marks a text wherever it occurs in one piece. */
function mark(element: HTMLElement, found: string): void {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode() !== null) if (walker.currentNode instanceof Text) nodes.push(walker.currentNode);
  for (const node of nodes) {
    let rest = node;
    let left = MOST_MARKS;
    for (let at = indexIn(rest, found); at !== -1 && left > 0; at = indexIn(rest, found)) {
      const hit = rest.splitText(at);
      rest = hit.splitText(Math.min(found.length, hit.length));
      hit.replaceWith(html('mark', {}, hit.data));
      left -= 1;
    }
  }
}

const MOST_MARKS = 500;

function indexIn({ data }: Text, found: string): number {
  return data.toLowerCase().indexOf(found.toLowerCase());
}
