/**
 * What the page knows of the board: snapshots and deltas applied in order, never guessed
 * (`docs/design/editor.md#pages`). Pure.
 */
import type { BoardCard, BoardDelta, BoardHead, BoardSnapshot, BoardTask } from '../../../contract/pages/board';

export interface BoardState {
  readonly seq: number;
  readonly head: BoardHead;
  /** In the order of their groups. */
  readonly tasks: ReadonlyMap<string, BoardTask>;
  /** By task: ids of its cards in the order that the kernel keeps. */
  readonly orders: ReadonlyMap<string, readonly string[]>;
  readonly cards: ReadonlyMap<string, BoardCard>;
}

export function stateOf({ seq, head, tasks, orders, cards }: BoardSnapshot): BoardState {
  return {
    seq,
    head,
    tasks: byId(tasks),
    orders: new Map(orders.map(({ taskId, ids }) => [taskId, ids])),
    cards: byId(cards),
  };
}

/** Undefined where a delta is missing before this one: a new snapshot is needed then. */
export function applied(state: BoardState, delta: BoardDelta): BoardState | undefined {
  if (delta.seq !== state.seq + 1) return undefined;
  const { head = state.head, taskIds, gone } = delta;
  const tasks = merged(state.tasks, byId(delta.tasks));
  const orders = merged(state.orders, new Map(delta.orders.map(({ taskId, ids }) => [taskId, ids])));
  const cards = without(merged(state.cards, byId(delta.cards)), gone);
  return {
    seq: delta.seq,
    head,
    tasks: taskIds === undefined ? tasks : inOrder(tasks, taskIds),
    orders: taskIds === undefined ? orders : inOrder(orders, taskIds),
    cards,
  };
}

function byId<T extends { readonly id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function merged<T>(before: ReadonlyMap<string, T>, changes: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return changes.size === 0 ? before : new Map([...before, ...changes]);
}

function without<T>(items: ReadonlyMap<string, T>, ids: readonly string[]): ReadonlyMap<string, T> {
  if (ids.length === 0) return items;
  const left = new Map(items);
  for (const id of ids) left.delete(id);
  return left;
}

function inOrder<T>(items: ReadonlyMap<string, T>, ids: readonly string[]): ReadonlyMap<string, T> {
  return new Map(
    ids.flatMap((id) => {
      const item = items.get(id);
      return item === undefined ? [] : [[id, item] as const];
    }),
  );
}

/** Cards whose position changed, for people who cannot see them move. */
export function restanding(before: BoardState, now: BoardState, delta: BoardDelta): BoardCard[] {
  return delta.cards.filter((card) => {
    const known = before.cards.get(card.id);
    return known !== undefined && known.status !== card.status && now.cards.has(card.id);
  });
}
