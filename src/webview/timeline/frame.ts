/** Shapes and axis as elements of the page. Elements stay while what they show stays. */
import type { TimelineFrame, Sign, Tone } from '../../contract/pages/timeline';
import { html, part, svg } from '../dom';
import type { TimeScale } from './scale';
import type { Shape } from './shapes';
import { ticksOf } from './ticks';

const HEIGHTS = { bar: 24, marks: 26 } as const;
/** Less room than this, in pixels, shows nothing of a name. */
const LEAST_LABEL = 18;

/** What stands around the timeline. */
export function drawFrame(frame: TimelineFrame): void {
  part('title').textContent = frame.title;
  part('summary').textContent = frame.summary;
  part('notices').replaceChildren(
    ...frame.notices.map(({ tone, text }) => html('p', { class: `notice ${tone}` }, text)),
  );
  part('legend').replaceChildren(
    ...frame.legend.map(({ sign, tone, text }) => html('li', {}, legendSign(sign, tone), text)),
  );
  const labels = frame.lanes.map(({ label, height }) => html('div', { class: `lane ${height}` }, label));
  part('labels').replaceChildren(...labels);
  part('shapes').setAttribute('height', String(topOf(frame, frame.lanes.length)));
}

/** Pixels from the upper edge of the lanes. */
export function topOf({ lanes }: TimelineFrame, lane: number): number {
  return lanes.slice(0, lane).reduce((top, { height }) => top + HEIGHTS[height], 0);
}

export function drawAxis(scale: TimeScale, width: number, language: string): void {
  const ticks = ticksOf(scale, width, language).flatMap(({ x, text }) => [
    svg('line', { x1: x, x2: x, y1: 16, y2: 22 }),
    svg('text', { x: x + 4, y: 14 }, text),
  ]);
  part('axis').replaceChildren(...ticks);
}

export function foldElements(frame: TimelineFrame, scale: TimeScale, width: number): SVGElement[] {
  // Below all lanes, so that nothing lies on it.
  const y = topOf(frame, frame.lanes.length) + 10;
  return frame.folds.flatMap(({ from, to, text }) => {
    const x = scale.place(from);
    const end = scale.place(to);
    if (end < 0 || x > width) return [];
    const band = svg('rect', { class: 'fold', x, y: 0, width: end - x, height: '100%' }, svg('title', {}, text));
    const middle = (x + end) / 2;
    return [band, svg('text', { class: 'fold-text', x: middle, y, transform: `rotate(90 ${middle} ${y})` }, text)];
  });
}

/** The element of a shape, made or brought up to date. */
export function shapeElement(
  shape: Shape,
  old: SVGElement | undefined,
  place: { readonly y: number; readonly height: number; readonly width: number; readonly several: string },
): SVGElement {
  const element = old ?? svg('g', { role: 'button', tabindex: -1 });
  const [only] = shape.held;
  const isOne = shape.held.length === 1;
  const name = isOne ? (only?.item.spoken ?? '') : place.several.replace('{0}', String(shape.held.length));
  element.setAttribute('class', `shape ${shape.tone}`);
  element.setAttribute('aria-label', name);
  element.replaceChildren(...(shape.width > 0 ? bar(shape, place) : [sign(shape, place)]));
  return element;
}

function bar(shape: Shape, { y, height, width }: { y: number; height: number; width: number }): SVGElement[] {
  const [only] = shape.held;
  const item = only?.item.kind === 'bar' && shape.held.length === 1 ? only.item : undefined;
  // A bar that starts before the window keeps its name in sight.
  const start = Math.max(shape.x, 0) + 6;
  const room = Math.min(shape.x + shape.width, width) - start - 4;
  const box = { x: shape.x, y: y + 3, width: shape.width, height: height - 6, rx: 3 };
  const rect = svg('rect', { ...box, class: item?.to === null ? 'tone open' : 'tone' });
  if (item === undefined || room < LEAST_LABEL) return [rect];
  const label = svg('text', { x: 0, y: height / 2 + 4 }, item.label);
  return [rect, svg('svg', { class: 'label', x: start, y, width: room, height }, label)];
}

function sign(shape: Shape, { y, height }: { y: number; height: number }): SVGElement {
  const [only] = shape.held;
  const middle = `translate(${shape.x} ${y + height / 2})`;
  if (shape.held.length > 1) {
    const count = shape.held.length > 99 ? '99+' : String(shape.held.length);
    const width = 12 + count.length * 7;
    return svg(
      'g',
      { transform: middle },
      svg('rect', { class: 'tone', x: -7, y: -9, width, height: 18, rx: 9 }),
      svg('text', { x: -7 + width / 2, y: 4, 'text-anchor': 'middle' }, count),
    );
  }
  const path = only?.item.kind === 'mark' ? signPath(only.item.sign) : '';
  return svg(
    'g',
    { transform: middle },
    svg('rect', { class: 'target', x: -9, y: -11, width: 18, height: 22 }),
    svg('path', { class: 'tone', d: path }),
  );
}

export function laneHeight({ lanes }: TimelineFrame, lane: number): number {
  return HEIGHTS[lanes[lane]?.height ?? 'bar'];
}

/** Within a square of 14, around its middle. */
const PATHS: Readonly<Record<Sign, string>> = {
  advance: 'M-4 -5.5 L6 0 L-4 5.5 Z',
  skip: 'M-5.5 -5 L0 0 L-5.5 5 Z M0.5 -5 L6 0 L0.5 5 Z',
  pause: 'M-4.5 -5.5 h3 v11 h-3 Z M1.5 -5.5 h3 v11 h-3 Z',
  block: 'M-2.6 -6.3 h5.2 l3.7 3.7 v5.2 l-3.7 3.7 h-5.2 l-3.7 -3.7 v-5.2 Z',
  cancel: 'M-5.5 -3.5 l2 -2 l3.5 3.5 l3.5 -3.5 l2 2 l-3.5 3.5 l3.5 3.5 l-2 2 l-3.5 -3.5 l-3.5 3.5 l-2 -2 l3.5 -3.5 Z',
  set: 'M-3 -3 h6 v6 h-6 Z',
  rollback: 'M4 -5.5 L-6 0 L4 5.5 Z',
  override: 'M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z',
  allow: 'M-6.5 0.5 l2 -2 l2.5 2.5 l5 -5.5 l2 2 l-7 7.5 Z',
  deny: 'M-6 -2 h12 v4 h-12 Z',
  artifact: 'M-4.5 -6 h6 l3 3 v9 h-9 Z',
  other: 'M0 -4 a4 4 0 1 0 0.01 0 Z',
};

function signPath(sign: Sign): string {
  return PATHS[sign];
}

/** For the legend: a sign, or the color of a bar. */
function legendSign(sign: Sign | undefined, tone: Tone): SVGElement {
  const shape =
    sign === undefined
      ? svg('rect', { x: -7, y: -4, width: 14, height: 8, rx: 2, class: `tone ${tone}` })
      : svg('path', { d: signPath(sign), class: `tone ${tone}` });
  return svg('svg', { class: 'sign', viewBox: '-8 -8 16 16', 'aria-hidden': 'true', focusable: 'false' }, shape);
}
