/**
 * What a page was sent, and what it still needs: snapshots and deltas with sequence numbers
 * (`docs/design/editor.md#pages`). Pure.
 */
import type { BoardCard, BoardDelta, BoardSnapshot, BoardTask, BoardView } from '../../contract/pages/board';
import type { Board, TaskPart } from './boardModel';

export class BoardFeed {
  private seq = 0;
  private sent: Board | undefined;

  /** Everything, for a page that knows nothing or has missed something. */
  snapshot(board: Board, view: BoardView): BoardSnapshot {
    this.seq += 1;
    this.sent = board;
    const { head, parts } = board;
    return {
      type: 'snapshot',
      seq: this.seq,
      head,
      view,
      tasks: parts.map(({ task }) => task),
      orders: parts.map(({ order }) => order),
      cards: parts.flatMap(({ cards }) => cards),
    };
  }

  /** What changed since; undefined where nothing did, or where no snapshot was sent. */
  delta(board: Board): BoardDelta | undefined {
    const { sent } = this;
    if (sent === undefined) return undefined;
    const changes = differences(sent, board);
    if (changes === undefined) return undefined;
    this.seq += 1;
    this.sent = board;
    return { type: 'delta', seq: this.seq, ...changes };
  }
}

type Changes = Omit<BoardDelta, 'type' | 'seq'>;

function differences(before: Board, now: Board): Changes | undefined {
  const known = new Map(before.parts.map((part) => [part.task.id, part]));
  const changed = now.parts.filter((part) => known.get(part.task.id) !== part);
  const isInOrder = sameTexts(idsOf(before.parts), idsOf(now.parts));
  const isHeadSame = isEqual(before.head, now.head);
  if (isInOrder && isHeadSame && changed.length === 0) return undefined;
  const parts = changed.map((part) => partChanges(known.get(part.task.id), part));
  const present = new Set(idsOf(now.parts));
  const left = before.parts.filter(({ task }) => !present.has(task.id));
  return {
    ...(isHeadSame ? {} : { head: now.head }),
    ...(isInOrder ? {} : { taskIds: idsOf(now.parts) }),
    tasks: parts.flatMap(({ task }) => task),
    orders: parts.flatMap(({ order }) => order),
    cards: parts.flatMap(({ cards }) => cards),
    gone: [...parts.flatMap(({ gone }) => gone), ...left.flatMap(({ order }) => order.ids)],
  };
}

interface PartChanges {
  readonly task: BoardTask[];
  readonly order: TaskPart['order'][];
  readonly cards: BoardCard[];
  readonly gone: string[];
}

function partChanges(before: TaskPart | undefined, now: TaskPart): PartChanges {
  if (before === undefined) return { task: [now.task], order: [now.order], cards: [...now.cards], gone: [] };
  const task = isEqual(before.task, now.task) ? [] : [now.task];
  if (before.order === now.order) {
    const cards = now.cards.filter((card, index) => !isEqual(before.cards[index], card));
    return { task, order: [], cards, gone: [] };
  }
  const known = new Map(before.cards.map((card) => [card.id, card]));
  const present = new Set(now.order.ids);
  return {
    task,
    order: sameTexts(before.order.ids, now.order.ids) ? [] : [now.order],
    cards: now.cards.filter((card) => !isEqual(known.get(card.id), card)),
    gone: before.order.ids.filter((id) => !present.has(id)),
  };
}

const idsOf = (parts: readonly TaskPart[]): string[] => parts.map(({ task }) => task.id);

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

/** Plain data made by the same code, so equal data is equal text. */
function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
