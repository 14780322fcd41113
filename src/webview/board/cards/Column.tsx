/** A column: only the cards in sight are in the document, so thousands of subtasks stay as quick as ten. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BoardCard } from '../../../contract/pages/board';
import { Card } from './Card';
import { inSight, placed, type ColumnContents, type Item, type Placed } from '../model/columns';
import { useBoard } from '../model/context';
import { useDrag } from './drag';
import { fill } from '../model/fill';
import { Measure } from './measure';

/** Between two cards, in pixels. */
const GAP = 6;
/** Drawn above and below the visible cards, so that scrolling shows no gap. */
const AHEAD = 300;
/** Before the page knows its size. */
const FIRST_HEIGHT = 900;

export interface ColumnProps {
  readonly contents: ColumnContents;
  readonly isGrouped: boolean;
  /** The card that the Tab key leads to. */
  readonly current: string | undefined;
  /** The card to bring into sight and give the focus; another object each time. */
  readonly wanted: { readonly id: string } | undefined;
  /** Height of a line and the font, as the theme has them. */
  readonly line: number;
  readonly font: string;
}

export function Column({ contents, isGrouped, current, wanted, line, font }: ColumnProps) {
  const { store, texts } = useBoard();
  const { column, cards, items, total } = contents;
  const [list, setList] = useState<HTMLElement | null>(null);
  const view = useViewport(list);
  const measure = useMemo(
    () => new Measure({ line, width: view.width, font, showsTask: !isGrouped }),
    [line, view.width, font, isGrouped],
  );
  const failed = cards.filter(({ id }) => store.problems.has(id)).map(({ id }) => id);
  const places = useMemo(
    () => placed(items, (item) => measure.heightOf(item, failed.includes(item.id)), GAP),
    [items, measure, failed.join(' ')],
  );
  const drag = useDrag({ list, places, cards, onDrop: (card, between) => store.move(card, between) });
  useWanted(list, places, wanted);
  const end = places.at(-1);
  const name = texts[column];
  const label =
    cards.length === total ? fill(texts.count, name, total) : fill(texts.countOf, name, cards.length, total);
  const { first, last } = inSight(places, view.top - AHEAD, view.top + view.height + AHEAD);
  const kept = places.filter(
    ({ item }, index) => (index >= first && index < last) || item.id === current || item.id === drag?.id,
  );
  const numbers = useMemo(() => new Map(cards.map((card, index) => [card.id, index + 1])), [cards]);
  return (
    <section class={`column ${column}`} aria-labelledby={`column ${column}`}>
      <h2 id={`column ${column}`} aria-label={label}>
        <span>{name}</span>
        <span class="count">{cards.length === total ? total : `${cards.length}/${total}`}</span>
      </h2>
      {cards.length === 0 ? <p class="empty">{total === 0 ? texts.noCards : texts.noMatch}</p> : null}
      <div ref={setList} class="list" hidden={cards.length === 0}>
        <ul aria-label={label} style={{ height: `${end === undefined ? 0 : end.top + end.height}px` }}>
          {kept.map((place) => {
            const { item, top, height } = place;
            if (item.kind === 'heading') return <Heading key={item.id} item={item} top={top} />;
            const isDragged = drag?.id === item.id;
            return (
              <Card
                key={item.id}
                card={item.card}
                folder={store.state?.head.folder ?? ''}
                task={isGrouped ? '' : (store.state?.tasks.get(item.card.taskId)?.title ?? '')}
                top={isDragged ? drag.top : top}
                height={height}
                place={numbers.get(item.id) ?? 0}
                count={cards.length}
                isCurrent={item.id === current}
                isOpen={store.target?.id === item.id}
                isDragged={isDragged}
                asked={askedOf(store, item.card)}
              />
            );
          })}
        </ul>
        {drag === undefined ? null : (
          <div class="drop" style={{ transform: `translateY(${drag.line - GAP / 2 - 1}px)` }} />
        )}
      </div>
    </section>
  );
}

function Heading({ item, top }: { readonly item: Extract<Item, { kind: 'heading' }>; readonly top: number }) {
  const { store } = useBoard();
  const title = store.state?.tasks.get(item.taskId)?.title ?? '';
  return (
    <li class="place heading" style={{ transform: `translateY(${top}px)` }} title={title}>
      {title}
    </li>
  );
}

/** Part of a card's properties, so that it is drawn again when an answer to it comes. */
function askedOf(store: ReturnType<typeof useBoard>['store'], card: BoardCard): string {
  const waits = card.actions.filter((action) => store.isAsked(card.id, action));
  return `${waits.join(' ')} ${store.problems.get(card.id) ?? ''}`;
}

interface Viewport {
  readonly top: number;
  readonly height: number;
  readonly width: number;
}

/** What can be seen of a list, now and whenever it is scrolled or resized. */
function useViewport(list: HTMLElement | null): Viewport {
  const [view, setView] = useState<Viewport>({ top: 0, height: FIRST_HEIGHT, width: 260 });
  useLayoutEffect(() => {
    if (list === null) return undefined;
    const look = (): void => {
      const { scrollTop: top, clientHeight, firstElementChild } = list;
      const width = firstElementChild?.clientWidth ?? 0;
      // A hidden list has no size; it is drawn as if it had one.
      const height = clientHeight === 0 ? FIRST_HEIGHT : clientHeight;
      if (width === 0) return;
      setView((before) =>
        before.top === top && before.height === height && before.width === width ? before : { top, height, width },
      );
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(list);
    list.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      list.removeEventListener('scroll', look);
    };
  }, [list]);
  return view;
}

/** Scrolls to a card, then focuses it. It is drawn by then, because the current card always is. */
function useWanted(list: HTMLElement | null, places: readonly Placed[], wanted: ColumnProps['wanted']): void {
  const done = useRef(wanted);
  useLayoutEffect(() => {
    if (list === null || wanted === undefined || wanted === done.current) return;
    const place = places.find(({ item }) => item.id === wanted.id);
    if (place === undefined) return;
    done.current = wanted;
    const { top, height } = place;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
    document.getElementById(`card ${wanted.id}`)?.focus({ preventScroll: true });
  });
}
