/** Dragging a card with the pointer: among the cards of its task in its column, nowhere else (`docs/board.md`). */
import { useEffect, useRef, useState } from 'preact/hooks';
import { blockOf, neighborsAt, type Placed } from '../model/columns';
import type { BoardCard } from '../../../contract/pages/board';

/** A press that moves less is a click. */
const THRESHOLD = 8;
/** So near to the border of the column it scrolls while a card is held. */
const EDGE = 32;
const SCROLL = 10;

export interface Drag {
  readonly id: string;
  /** Where the pointer has the upper border of the card, from the top of the column's list. */
  readonly top: number;
  /** The place among its block that it would take. */
  readonly to: number;
  /** Where the gap is that it would fill. */
  readonly line: number;
}

interface Held {
  readonly id: string;
  readonly pointer: number;
  readonly startY: number;
  /** From the upper border of the card to the pointer. */
  readonly offset: number;
  lastY: number;
}

export interface Dragging {
  readonly list: HTMLElement | null;
  readonly places: readonly Placed[];
  readonly cards: readonly BoardCard[];
  readonly onDrop: (card: BoardCard, between: ReturnType<typeof neighborsAt>) => void;
}

export function useDrag(dragging: Dragging): Drag | undefined {
  const [drag, setDrag] = useState<Drag | undefined>(undefined);
  const now = useRef({ dragging, drag });
  now.current = { dragging, drag };
  const { list } = dragging;
  useEffect(() => {
    if (list === null) return undefined;
    return listen(
      list,
      () => now.current.dragging,
      () => now.current.drag,
      setDrag,
    );
  }, [list]);
  return drag;
}

function listen(
  list: HTMLElement,
  dragging: () => Dragging,
  drag: () => Drag | undefined,
  setDrag: (drag: Drag | undefined) => void,
): () => void {
  let held: Held | undefined;
  let frame = 0;
  const end = (): void => {
    held = undefined;
    cancelAnimationFrame(frame);
    setDrag(undefined);
  };
  const topOf = ({ offset }: Held, clientY: number): number =>
    clientY - list.getBoundingClientRect().top + list.scrollTop - offset;
  const follow = (): void => {
    if (held === undefined) return;
    const box = list.getBoundingClientRect();
    if (held.lastY < box.top + EDGE) list.scrollTop -= SCROLL;
    if (held.lastY > box.bottom - EDGE) list.scrollTop += SCROLL;
    setDrag(dragAt(dragging(), held.id, topOf(held, held.lastY)));
    frame = requestAnimationFrame(follow);
  };
  const onDown = (event: PointerEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const card = target?.closest<HTMLElement>('[data-card]');
    if (event.button !== 0 || card === null || card === undefined || target?.closest('button, .problem') !== null)
      return;
    const { top } = card.getBoundingClientRect();
    const { pointerId, clientY } = event;
    held = {
      id: card.dataset['card'] ?? '',
      pointer: pointerId,
      startY: clientY,
      offset: clientY - top,
      lastY: clientY,
    };
  };
  const onMove = (event: PointerEvent): void => {
    if (held === undefined || event.pointerId !== held.pointer) return;
    held.lastY = event.clientY;
    if (drag() !== undefined || frame !== 0 || Math.abs(event.clientY - held.startY) < THRESHOLD) return;
    list.setPointerCapture(held.pointer);
    frame = requestAnimationFrame(follow);
  };
  // Where it is let go counts, not where it was drawn last.
  const onUp = (event: PointerEvent): void => {
    if (held === undefined || event.pointerId !== held.pointer) return;
    const { cards, onDrop } = dragging();
    const dropped = frame === 0 ? undefined : dragAt(dragging(), held.id, topOf(held, event.clientY));
    end();
    frame = 0;
    const card = cards.find(({ id }) => id === dropped?.id);
    if (card === undefined || dropped === undefined) return;
    const block = blockOf(cards, card.id);
    if (block.indexOf(card) !== dropped.to) onDrop(card, neighborsAt(block, card.id, dropped.to));
  };
  const cancel = (): void => {
    end();
    frame = 0;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || drag() === undefined) return;
    event.stopPropagation();
    cancel();
  };
  list.addEventListener('pointerdown', onDown);
  list.addEventListener('pointermove', onMove);
  list.addEventListener('pointerup', onUp);
  list.addEventListener('pointercancel', cancel);
  window.addEventListener('keydown', onKey, true);
  return () => {
    cancel();
    list.removeEventListener('pointerdown', onDown);
    list.removeEventListener('pointermove', onMove);
    list.removeEventListener('pointerup', onUp);
    list.removeEventListener('pointercancel', cancel);
    window.removeEventListener('keydown', onKey, true);
  };
}

/** Among the other cards of its block, behind all whose middle lies above the middle of the card. */
function dragAt({ places, cards }: Dragging, id: string, wanted: number): Drag | undefined {
  const block = new Set(blockOf(cards, id).map((card) => card.id));
  const own = places.find(({ item }) => item.kind === 'card' && item.id === id);
  const all = places.filter(({ item }) => item.kind === 'card' && block.has(item.id));
  const [first, last] = [all[0], all.at(-1)];
  if (own === undefined || first === undefined || last === undefined) return undefined;
  const top = Math.min(Math.max(wanted, first.top - 8), last.top + last.height - own.height + 8);
  const middle = top + own.height / 2;
  const others = all.filter((place) => place !== own);
  const to = others.filter((place) => place.top + place.height / 2 < middle).length;
  const before = others[to];
  const after = others[to - 1];
  const line = before === undefined ? (after === undefined ? own.top : after.top + after.height) : before.top;
  return { id, top, to, line };
}
