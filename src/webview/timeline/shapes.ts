/** The visible shapes of the window, with items that are too close together drawn as one. Pure. */
import type { TimelineItem, Tone } from '../../contract/pages/timeline';
import type { TimeScale } from './scale';

/** An item with its moment distinguished from others of the same second. */
export interface Placed {
  readonly item: TimelineItem;
  readonly at: number;
}

export interface Shape {
  /** In the order of time; one, unless they stand too close together. */
  readonly held: readonly Placed[];
  readonly lane: number;
  readonly x: number;
  /** 0 for a sign. */
  readonly width: number;
  readonly tone: Tone;
}

/** Signs closer than this, in pixels, are one. */
const SIGN_ROOM = 15;
/** Bars narrower than this are one with their neighbors. */
const BAR_ROOM = 4;
const LEAST_BAR = 3;

/** What matters most of many. */
const WEIGHTS: Readonly<Record<Tone, number>> = { bad: 5, warning: 4, active: 3, good: 2, neutral: 1, dim: 0 };

/** Items by lane, each by its moment; those of one second next to each other within it. */
export function placeItems(items: readonly TimelineItem[]): ReadonlyMap<number, readonly Placed[]> {
  const lanes = new Map<number, TimelineItem[]>();
  for (const item of items) {
    const lane = lanes.get(item.lane);
    if (lane === undefined) lanes.set(item.lane, [item]);
    else lane.push(item);
  }
  return new Map([...lanes].map(([lane, held]) => [lane, spread(held.sort((a, b) => a.from - b.from))]));
}

function spread(items: readonly TimelineItem[]): Placed[] {
  const placed: Placed[] = [];
  for (let index = 0; index < items.length;) {
    const from = items[index]?.from ?? 0;
    let end = index;
    while (items[end]?.from === from) end += 1;
    const count = end - index;
    items.slice(index, end).forEach((item, nth) => {
      placed.push({ item, at: item.kind === 'mark' ? from + nth / count : from });
    });
    index = end;
  }
  return placed;
}

/** The shapes of one lane in a window so many pixels wide. `now`: up to where what lasts is drawn. */
export function shapesOf(
  lane: readonly Placed[],
  scale: TimeScale,
  window: { readonly width: number; readonly now: number },
): Shape[] {
  const shapes: Shape[] = [];
  for (let index = firstInSight(lane, scale, window.now); index < lane.length; index += 1) {
    const placed = lane[index];
    if (placed === undefined) break;
    const x = scale.place(placed.at);
    if (x > window.width + SIGN_ROOM) break;
    const { item } = placed;
    const isBar = item.kind === 'bar';
    const width = isBar ? Math.max(LEAST_BAR, scale.place(item.to ?? window.now) - x) : 0;
    const before = shapes.at(-1);
    if (before !== undefined && isOne(before, x, width, isBar))
      shapes[shapes.length - 1] = joined(before, placed, x + width);
    else shapes.push({ held: [placed], lane: item.lane, x, width, tone: item.tone });
  }
  return shapes;
}

function isOne(before: Shape, x: number, width: number, isBar: boolean): boolean {
  if (!isBar) return x - before.x < SIGN_ROOM;
  return width <= BAR_ROOM && before.width <= BAR_ROOM * before.held.length && x - before.x - before.width < BAR_ROOM;
}

function joined(before: Shape, placed: Placed, end: number): Shape {
  const { tone } = placed.item;
  return {
    ...before,
    held: [...before.held, placed],
    width: placed.item.kind === 'bar' ? end - before.x : 0,
    tone: WEIGHTS[tone] > WEIGHTS[before.tone] ? tone : before.tone,
  };
}

/** Bars of a lane do not overlap, so what ends by time starts by time. */
function firstInSight(lane: readonly Placed[], scale: TimeScale, now: number): number {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const placed = lane[middle];
    if (placed === undefined) break;
    const end = placed.item.kind === 'bar' ? (placed.item.to ?? now) : placed.at;
    if (scale.place(end) < -SIGN_ROOM) low = middle + 1;
    else high = middle;
  }
  return low;
}
