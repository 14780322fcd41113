/** The page of the timeline: draws the pictures it is sent, and requests explanations of items. */
import {
  timelineCommand,
  timelineMemory,
  timelinePageTexts,
  type TimelineCommand,
  type TimelineEvent,
  type TimelineFrame,
  type TimelineItem,
  type TimelineMemory,
} from '../../contract/pages/timeline';
import { Channel } from '../channel';
import { part } from '../dom';
import type { Direction, Point } from '../geometry';
import { listenToGestures, type GestureOptions, type Gestures } from '../gestures';
import { drawBudgets } from './budgets';
import { drawAxis, drawFrame, foldElements, laneHeight, shapeElement, topOf } from './frame';
import { TimeScale, type Camera } from './scale';
import { placeItems, shapesOf, type Placed, type Shape } from './shapes';
import { stepFrom, type Spot } from './steps';

/** How often lasting items are extended. */
const LASTING_MS = 5_000;
const GESTURES: GestureOptions = { axes: 'x', zoomStep: 1.5, panStep: 80, clicksByKey: true };

class TimelineView implements Gestures {
  private readonly timeline = part('timeline');
  private readonly shapes = part('shapes');
  private readonly texts;
  private seq = 0;
  private frame: TimelineFrame | undefined;
  private items = new Map<string, TimelineItem>();
  private lanes: ReadonlyMap<number, readonly Placed[]> = new Map();
  /** What is drawn now, by the id of the first item of each. */
  private drawn = new Map<string, { readonly shape: Shape; readonly element: SVGElement }>();
  /** Undefined while all of it is fitted into the window. */
  private camera: Camera | undefined;
  /** Where the keyboard is. */
  private current: Spot | undefined;
  private asked = '';
  private receivedAt = 0;
  private pending = false;

  constructor(private readonly channel: Channel<TimelineCommand, TimelineEvent, TimelineMemory>) {
    this.texts = channel.texts(timelinePageTexts);
    ({ camera: this.camera, current: this.current } = channel.kept() ?? {});
    this.keep();
    listenToGestures(this.timeline, this, GESTURES);
    part('export').addEventListener('click', () => channel.send({ type: 'export' }));
    this.shapes.addEventListener('click', ({ target }) => this.open(target));
    this.shapes.addEventListener('pointerover', ({ target }) => this.explain(this.shapeOf(target)));
    this.shapes.addEventListener('focusin', ({ target }) => this.arrive(this.shapeOf(target)));
    new ResizeObserver(() => this.look()).observe(this.timeline);
    channel.onCommand((command) => this.receive(command));
    channel.ready();
  }

  zoom(factor: number, around?: Point): void {
    const scale = this.scale();
    if (scale === undefined) return;
    const width = this.width();
    const x = around === undefined ? this.middle(scale) : around.x - this.shapes.getBoundingClientRect().x;
    const zoomed = scale.zoom(factor, x, width);
    const whole = this.fitted();
    this.camera = whole !== undefined && zoomed.camera.scale <= whole.camera.scale * 1.001 ? undefined : zoomed.camera;
    this.look();
  }

  pan(by: Point): void {
    const scale = this.scale();
    if (scale === undefined || this.camera === undefined) return;
    this.camera = scale.moved(-by.x, this.width()).camera;
    this.look();
  }

  fit(): void {
    this.camera = undefined;
    this.look();
  }

  step(direction: Direction): void {
    const scale = this.scale();
    const next = stepFrom(this.lanes, this.current, this.currentShape(), direction);
    if (scale === undefined || next === undefined) return;
    this.current = next;
    const x = scale.place(next.at);
    const width = this.width();
    if (this.camera !== undefined && (x < 20 || x > width - 20)) {
      this.camera = scale.moved(x - width / 2, width).camera;
    }
    this.drawNow();
    this.currentElement()?.focus({ preventScroll: true });
    this.currentElement()?.scrollIntoView({ block: 'nearest' });
  }

  private receive(command: TimelineCommand): void {
    switch (command.type) {
      case 'draw':
        this.items = new Map(command.items.map((item) => [item.id, item]));
        this.show(command.seq, command.frame);
        return;
      case 'change':
        if (command.seq <= this.seq) return;
        if (command.seq !== this.seq + 1) {
          this.channel.ready();
          return;
        }
        for (const id of command.removed) this.items.delete(id);
        for (const item of command.items) this.items.set(item.id, item);
        this.show(command.seq, command.frame);
        return;
      case 'explained':
        if (command.item !== this.asked) return;
        part('what').textContent = command.title;
        part('because').textContent = command.lines.join('\n');
        return;
    }
  }

  private show(seq: number, frame: TimelineFrame): void {
    this.seq = seq;
    this.frame = frame;
    this.receivedAt = performance.now();
    this.lanes = placeItems([...this.items.values()]);
    const isEmpty = frame.lanes.length === 0;
    this.timeline.hidden = isEmpty;
    part('why').hidden = isEmpty;
    for (const footer of document.querySelectorAll('footer')) footer.hidden = isEmpty;
    drawFrame(frame);
    this.current ??= firstSpot(this.lanes);
    if (this.asked !== '') this.channel.send({ type: 'explain', item: this.asked });
    this.look();
    if (frame.isLive) this.goOn(seq);
  }

  /** What lasts grows, without a message about it. */
  private goOn(seq: number): void {
    setTimeout(() => {
      if (this.seq !== seq) return;
      this.look();
      this.goOn(seq);
    }, LASTING_MS);
  }

  private look(): void {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.drawNow();
    });
  }

  private drawNow(): void {
    const { frame } = this;
    const scale = this.scale();
    if (frame === undefined || scale === undefined) return;
    const width = this.width();
    const now = this.now(frame);
    drawAxis(scale, width, document.documentElement.lang);
    drawBudgets(frame, scale, width, now);
    const drawn: typeof this.drawn = new Map();
    for (const [lane, placed] of this.lanes) {
      const place = { y: topOf(frame, lane), height: laneHeight(frame, lane), width, several: this.texts.several };
      for (const shape of shapesOf(placed, scale, { width, now })) {
        const id = shape.held[0]?.item.id ?? '';
        drawn.set(id, { shape, element: shapeElement(shape, this.drawn.get(id)?.element, place) });
      }
    }
    this.drawn = drawn;
    this.place([...foldElements(frame, scale, width), ...[...drawn.values()].map(({ element }) => element)]);
    this.keep();
  }

  /** Puts the elements in, without taking the focus from one that stays. */
  private place(elements: readonly SVGElement[]): void {
    const focused = document.activeElement;
    const hadFocus = focused !== null && this.shapes.contains(focused);
    const wanted = new Set<Element>(elements);
    for (const child of [...this.shapes.children]) if (!wanted.has(child)) child.remove();
    elements.forEach((element, index) => {
      if (this.shapes.children[index] !== element)
        this.shapes.insertBefore(element, this.shapes.children[index] ?? null);
    });
    const stop = this.currentElement();
    for (const { element } of this.drawn.values()) element.setAttribute('tabindex', element === stop ? '0' : '-1');
    if (hadFocus && document.activeElement !== stop) stop?.focus({ preventScroll: true });
  }

  private open(target: EventTarget | null): void {
    const shape = this.shapeOf(target);
    const [first] = shape?.held ?? [];
    if (shape === undefined || first === undefined) return;
    if (shape.held.length === 1) {
      this.channel.send({ type: 'open', item: first.item.id });
      return;
    }
    const last = shape.held.at(-1) ?? first;
    this.current = { lane: shape.lane, at: first.at };
    this.camera = this.scale()?.showing({ from: first.at, to: last.at }, this.width()).camera;
    this.drawNow();
    this.currentElement()?.focus({ preventScroll: true });
  }

  private arrive(shape: Shape | undefined): void {
    const [first] = shape?.held ?? [];
    if (shape === undefined || first === undefined) return;
    const isThere = this.currentShape() === shape;
    if (!isThere) this.current = { lane: shape.lane, at: first.at };
    this.explain(shape);
  }

  private explain(shape: Shape | undefined): void {
    const [first] = shape?.held ?? [];
    if (shape === undefined || first === undefined) return;
    if (shape.held.length > 1) {
      this.asked = '';
      part('what').textContent = this.texts.several.replace('{0}', String(shape.held.length));
      part('because').textContent = shape.held
        .slice(0, 12)
        .map(({ item }) => item.spoken)
        .join('\n');
    } else if (first.item.id !== this.asked) {
      this.asked = first.item.id;
      this.channel.send({ type: 'explain', item: first.item.id });
    }
  }

  private shapeOf(target: EventTarget | null): Shape | undefined {
    const element = target instanceof Element ? target.closest('.shape') : null;
    return [...this.drawn.values()].find((one) => one.element === element)?.shape;
  }

  private currentShape(): Shape | undefined {
    return this.currentDrawn()?.shape;
  }

  private currentElement(): SVGElement | undefined {
    return this.currentDrawn()?.element;
  }

  /** The shape at the keyboard's place, else the one nearest to it. */
  private currentDrawn(): { readonly shape: Shape; readonly element: SVGElement } | undefined {
    const { current } = this;
    const all = [...this.drawn.values()];
    if (current === undefined) return all[0];
    const inLane = all.filter(({ shape }) => shape.lane === current.lane);
    const exact = inLane.find(({ shape }) => shape.held.some(({ at }) => at === current.at));
    return exact ?? inLane[0] ?? all[0];
  }

  private scale(): TimeScale | undefined {
    const { frame, camera } = this;
    if (frame === undefined) return undefined;
    if (camera === undefined) return this.fitted();
    return new TimeScale(this.range(frame), frame.folds, camera).moved(0, this.width());
  }

  private fitted(): TimeScale | undefined {
    return this.frame && TimeScale.fitting(this.range(this.frame), this.frame.folds, this.width());
  }

  private range(frame: TimelineFrame): { from: number; to: number } {
    return { from: frame.range.from, to: this.now(frame) };
  }

  private now({ range, isLive }: TimelineFrame): number {
    return isLive ? range.to + (performance.now() - this.receivedAt) / 1000 : range.to;
  }

  private width(): number {
    return Math.max(100, this.shapes.clientWidth);
  }

  /** Where the eyes are: at the keyboard's place if it is in sight, else in the middle. */
  private middle(scale: TimeScale): number {
    const width = this.width();
    const x = this.current === undefined ? -1 : scale.place(this.current.at);
    return x >= 0 && x <= width ? x : width / 2;
  }

  private keep(): void {
    const { camera, current } = this;
    const memory = { ...(camera === undefined ? {} : { camera }), ...(current === undefined ? {} : { current }) };
    this.channel.keep(memory);
  }
}

function firstSpot(lanes: ReadonlyMap<number, readonly Placed[]>): Spot | undefined {
  const lane = Math.min(...lanes.keys());
  const at = lanes.get(lane)?.[0]?.at;
  return at === undefined ? undefined : { lane, at };
}

export function startTimeline(): void {
  new TimelineView(new Channel({ command: timelineCommand, memory: timelineMemory }));
}
