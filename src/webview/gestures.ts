/** Gestures on a picture: drag, wheel, keys, and zoom buttons. Reports the intended action and does not perform it. */
import { part } from './dom';
import type { Direction, Point } from './geometry';

/** What a picture does on a gesture. */
export interface Gestures {
  /** Moves the picture by so many pixels. */
  pan(by: Point): void;
  /** Makes it `factor` times as large around a point of the page, or around a place of the picture's choice. */
  zoom(factor: number, around?: Point): void;
  fit(): void;
  /** Moves the focus. */
  step(direction: Direction): void;
}

export interface GestureOptions {
  /** The axes on which the picture pans. A picture that pans on `x` only scrolls vertically as any page does. */
  readonly axes: 'both' | 'x';
  /** The factor of a key or button. */
  readonly zoomStep: number;
  /** In pixels, for a key. */
  readonly panStep: number;
  /** Enter and Space click what has the focus. For drawn shapes, which have no keys of their own. */
  readonly clicksByKey: boolean;
}

/** A press that moves less, in pixels, is a click. */
const DRAG_FROM = 4;
/** The height of a line, in pixels, for a wheel that counts in lines. */
const LINE = 16;

const STEPS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};
const PANS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: 1, y: 0 },
  ArrowRight: { x: -1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

/** Listens to the picture and to the buttons of its toolbar: `zoom-in`, `zoom-out`, and `fit`. */
export function listenToGestures(picture: HTMLElement, gestures: Gestures, options: GestureOptions): void {
  listenToKeys(picture, gestures, options);
  listenToWheel(picture, gestures, options);
  listenToDrag(picture, gestures, options);
  part('zoom-in').addEventListener('click', () => gestures.zoom(options.zoomStep));
  part('zoom-out').addEventListener('click', () => gestures.zoom(1 / options.zoomStep));
  part('fit').addEventListener('click', () => gestures.fit());
}

function listenToKeys(picture: HTMLElement, gestures: Gestures, options: GestureOptions): void {
  picture.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (actOn(event)) event.preventDefault();
  });

  function actOn({ key, shiftKey, target }: KeyboardEvent): boolean {
    const { axes, zoomStep, panStep } = options;
    const toward = PANS[key];
    const direction = STEPS[key];
    if (shiftKey && toward !== undefined && (axes === 'both' || toward.y === 0))
      gestures.pan({ x: toward.x * panStep, y: toward.y * panStep });
    else if (direction !== undefined) gestures.step(direction);
    else if (key === '+' || key === '=') gestures.zoom(zoomStep);
    else if (key === '-') gestures.zoom(1 / zoomStep);
    else if (key === '0') gestures.fit();
    else if (options.clicksByKey && (key === 'Enter' || key === ' '))
      target?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    else return false;
    return true;
  }
}

/** The wheel pans, sideways with Shift. With Ctrl, which is what pinching on a touchpad sends, it zooms. */
function listenToWheel(picture: HTMLElement, gestures: Gestures, { axes }: GestureOptions): void {
  picture.addEventListener(
    'wheel',
    (event) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
      const { deltaX, deltaY, shiftKey } = event;
      if (event.ctrlKey || event.metaKey) {
        gestures.zoom(Math.exp((-deltaY * unit) / 300), { x: event.clientX, y: event.clientY });
      } else {
        const isSideways = shiftKey || Math.abs(deltaX) > Math.abs(deltaY);
        if (axes === 'x' && !isSideways) return;
        const [x, y] = shiftKey ? [deltaY, 0] : [deltaX, axes === 'x' ? 0 : deltaY];
        gestures.pan({ x: -x * unit, y: -y * unit });
      }
      event.preventDefault();
    },
    { passive: false },
  );
}

function listenToDrag(picture: HTMLElement, gestures: Gestures, { axes }: GestureOptions): void {
  let last: Point | undefined;
  let isDragging = false;
  picture.addEventListener('pointerdown', (event) => {
    if (event.button === 0) last = pointOf(event);
    isDragging = false;
  });
  picture.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const now = pointOf(event);
    const by = { x: now.x - last.x, y: axes === 'x' ? 0 : now.y - last.y };
    if (!isDragging && Math.hypot(by.x, by.y) < DRAG_FROM) return;
    // Not captured before: a captured pointer would take the click away from what is below it.
    if (!isDragging) picture.setPointerCapture(event.pointerId);
    isDragging = true;
    last = now;
    gestures.pan(by);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) picture.addEventListener(end, () => (last = undefined));
  // The click that ends a drag is ignored.
  picture.addEventListener('click', (event) => isDragging && event.detail > 0 && event.stopPropagation(), true);
}

function pointOf({ clientX: x, clientY: y }: PointerEvent): Point {
  return { x, y };
}
