/** Gestures on the graph: drag, wheel, keys. Reports the intended action and does not perform it. */
import type { Point } from './layout';
import type { Direction } from './steps';

export interface Meanings {
  /** Moves the graph by so many pixels. */
  pan(by: Point): void;
  /** Makes it `factor` times as large around a point of the window, or its middle. */
  zoom(factor: number, around?: Point): void;
  fit(): void;
  step(direction: Direction): void;
}

const ZOOM_STEP = 1.25;
const PAN_STEP = 60;
/** A hand that presses a node may tremble. */
const DRAG_FROM = 4;
/** A line of a wheel that counts in lines. */
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
  ArrowLeft: { x: PAN_STEP, y: 0 },
  ArrowRight: { x: -PAN_STEP, y: 0 },
  ArrowUp: { x: 0, y: PAN_STEP },
  ArrowDown: { x: 0, y: -PAN_STEP },
};

export function listenToKeys(graph: HTMLElement, meanings: Meanings): void {
  graph.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (meaningOf(event)) event.preventDefault();
  });

  function meaningOf({ key, shiftKey }: KeyboardEvent): boolean {
    const by = PANS[key];
    const direction = STEPS[key];
    if (shiftKey && by !== undefined) meanings.pan(by);
    else if (direction !== undefined) meanings.step(direction);
    else if (key === '+' || key === '=') meanings.zoom(ZOOM_STEP);
    else if (key === '-') meanings.zoom(1 / ZOOM_STEP);
    else if (key === '0') meanings.fit();
    else return false;
    return true;
  }
}

export function listenToButtons(
  buttons: Readonly<Record<'in' | 'out' | 'fit', HTMLElement>>,
  meanings: Meanings,
): void {
  buttons.in.addEventListener('click', () => meanings.zoom(ZOOM_STEP));
  buttons.out.addEventListener('click', () => meanings.zoom(1 / ZOOM_STEP));
  buttons.fit.addEventListener('click', () => meanings.fit());
}

/** The wheel moves; with Ctrl, which is what pinching on a touchpad sends, it zooms. */
export function listenToWheel(graph: HTMLElement, meanings: Meanings): void {
  graph.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
      if (event.ctrlKey || event.metaKey) {
        const box = graph.getBoundingClientRect();
        const around = { x: event.clientX - box.x, y: event.clientY - box.y };
        meanings.zoom(Math.exp((-event.deltaY * unit) / 300), around);
      } else {
        const [x, y] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
        meanings.pan({ x: -x * unit, y: -y * unit });
      }
    },
    { passive: false },
  );
}

export function listenToDrag(graph: HTMLElement, meanings: Meanings): void {
  let last: Point | undefined;
  let isDragging = false;
  graph.addEventListener('pointerdown', (event) => {
    if (event.button === 0) last = { x: event.clientX, y: event.clientY };
    isDragging = false;
  });
  graph.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const by = { x: event.clientX - last.x, y: event.clientY - last.y };
    if (!isDragging && Math.hypot(by.x, by.y) < DRAG_FROM) return;
    // Captured only now: a captured pointer would take the click away from the node below it.
    if (!isDragging) graph.setPointerCapture(event.pointerId);
    isDragging = true;
    last = { x: event.clientX, y: event.clientY };
    meanings.pan(by);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) graph.addEventListener(end, () => (last = undefined));
  // The click that ends a drag is none.
  graph.addEventListener('click', (event) => isDragging && event.detail > 0 && event.stopPropagation(), true);
}
