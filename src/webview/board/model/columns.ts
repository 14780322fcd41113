/** Which cards are in which column, in which order, and how high they are. Pure. */
import { COLUMN_OF, COLUMNS, type BoardCard, type BoardView, type Column } from '../../../contract/pages/board';
import type { BoardState } from './state';

/** What a column shows one below the other. */
export type Item =
  | { readonly kind: 'card'; readonly id: string; readonly card: BoardCard }
  /** The task that the cards below are of. */
  | { readonly kind: 'heading'; readonly id: string; readonly taskId: string };

export interface ColumnContents {
  readonly column: Column;
  readonly items: readonly Item[];
  readonly cards: readonly BoardCard[];
  /** Cards in the column whatever the filters say. */
  readonly total: number;
}

/** Orders that the person has made and the kernel has not yet, by task. */
export type Overrides = ReadonlyMap<string, readonly string[]>;

export function columnsOf(state: BoardState, view: BoardView, overrides: Overrides): ColumnContents[] {
  const cards = new Map<Column, BoardCard[]>(COLUMNS.map((column) => [column, []]));
  const totals = new Map<Column, number>();
  const words = wordsOf(view.text);
  for (const [taskId, kept] of state.orders) {
    const title = (state.tasks.get(taskId)?.title ?? '').toLowerCase();
    for (const id of overrides.get(taskId) ?? kept) {
      const card = state.cards.get(id);
      if (card === undefined) continue;
      const column = COLUMN_OF[card.status];
      totals.set(column, (totals.get(column) ?? 0) + 1);
      if (view.taskId !== '' && view.taskId !== taskId) continue;
      if (matches(card, title, words)) cards.get(column)?.push(card);
    }
  }
  return COLUMNS.filter((column) => view.columns.includes(column)).map((column) => {
    const own = cards.get(column) ?? [];
    return { column, cards: own, items: itemsOf(own, view.grouped), total: totals.get(column) ?? 0 };
  });
}

function itemsOf(cards: readonly BoardCard[], grouped: boolean): Item[] {
  return cards.flatMap((card, index): Item[] => {
    const item: Item = { kind: 'card', id: card.id, card };
    const isFirst = cards[index - 1]?.taskId !== card.taskId;
    const heading: Item = { kind: 'heading', id: `task ${card.taskId}`, taskId: card.taskId };
    return grouped && isFirst ? [heading, item] : [item];
  });
}

/** Each word has to occur somewhere. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function matches(card: BoardCard, task: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${card.title} ${card.reason} ${card.facts.join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word) || task.includes(word));
}

/** The task cards in sight: those done only where asked for. */
export function tasksInSight(state: BoardState, { done }: BoardView) {
  const all = [...state.tasks.values()];
  return {
    open: all.filter(({ status }) => status !== 'done'),
    done: done ? doneOf(all) : [],
    doneCount: doneOf(all).length,
  };
}

function doneOf<T extends { readonly status: string }>(tasks: readonly T[]): T[] {
  return tasks.filter(({ status }) => status === 'done');
}

/** The cards that a card can be moved among: those of its task in its column, which stand together. */
export function blockOf(cards: readonly BoardCard[], id: string): readonly BoardCard[] {
  const taskId = cards.find((card) => card.id === id)?.taskId;
  return cards.filter((card) => card.taskId === taskId);
}

/** Between which of its block a card stands if it is moved to place `to`, counted from 0 without it. */
export function neighborsAt(block: readonly BoardCard[], id: string, to: number) {
  const others = block.filter((card) => card.id !== id);
  return { after: others[to - 1]?.id ?? null, before: others[to]?.id ?? null };
}

/** The order of a whole task with a card between two others: what the kernel will answer. */
export function reordered(
  ids: readonly string[],
  id: string,
  { after, before }: { readonly after: string | null; readonly before: string | null },
): string[] {
  const others = ids.filter((other) => other !== id);
  const at = before === null ? (after === null ? others.length : others.indexOf(after) + 1) : others.indexOf(before);
  return [...others.slice(0, at), id, ...others.slice(at)];
}

export interface Placed {
  readonly item: Item;
  /** In pixels from the top of the column. */
  readonly top: number;
  readonly height: number;
}

/** One item below the other, with a gap between. */
export function placed(items: readonly Item[], heightOf: (item: Item) => number, gap: number): Placed[] {
  let top = 0;
  return items.map((item) => {
    const height = heightOf(item);
    const one = { item, top, height };
    top += height + gap;
    return one;
  });
}

/** The places that can be seen between two heights. They are in order, so the first is found by halving. */
export function inSight(places: readonly Placed[], from: number, to: number): { first: number; last: number } {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = places[middle];
    if (place !== undefined && place.top + place.height < from) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < places.length && (places[last]?.top ?? 0) <= to) last += 1;
  return { first: low, last };
}
