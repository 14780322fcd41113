/** Gestures on the timeline: drag, wheel, keys. Reports the intended action and does not perform it. */

import type { Direction } from './steps';

export interface Meanings {
  /** Makes it `factor` times as wide around a place of the window, or where the eyes are. */
  zoom(factor: number, x?: number): void;
  /** Moves the window so many pixels to the right. */
  move(by: number): void;
  fit(): void;
  step(direction: Direction): void;
}

const ZOOM_STEP = 1.5;
const MOVE_STEP = 80;
/** A hand that presses something may tremble. */
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

export function listenToKeys(timeline: HTMLElement, meanings: Meanings): void {
  timeline.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (meaningOf(event)) event.preventDefault();
  });

  function meaningOf({ key, shiftKey, target }: KeyboardEvent): boolean {
    const direction = STEPS[key];
    if (shiftKey && key === 'ArrowLeft') meanings.move(-MOVE_STEP);
    else if (shiftKey && key === 'ArrowRight') meanings.move(MOVE_STEP);
    else if (direction !== undefined) meanings.step(direction);
    else if (key === '+' || key === '=') meanings.zoom(ZOOM_STEP);
    else if (key === '-') meanings.zoom(1 / ZOOM_STEP);
    else if (key === '0') meanings.fit();
    else if (key === 'Enter' || key === ' ') press(target);
    else return false;
    return true;
  }
}

/** What is drawn has no keys of its own. */
function press(target: EventTarget | null): void {
  target?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}

export function listenToButtons(
  buttons: Readonly<Record<'in' | 'out' | 'fit', HTMLElement>>,
  meanings: Meanings,
): void {
  buttons.in.addEventListener('click', () => meanings.zoom(ZOOM_STEP));
  buttons.out.addEventListener('click', () => meanings.zoom(1 / ZOOM_STEP));
  buttons.fit.addEventListener('click', () => meanings.fit());
}

/** The wheel goes through the lanes; sideways, or with Shift, it moves; with Ctrl, which pinching sends, it zooms. */
export function listenToWheel(timeline: HTMLElement, meanings: Meanings): void {
  timeline.addEventListener(
    'wheel',
    (event) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE;
      if (event.ctrlKey || event.metaKey) {
        const shapes = timeline.querySelector('#shapes')?.getBoundingClientRect();
        meanings.zoom(Math.exp((-event.deltaY * unit) / 300), event.clientX - (shapes?.x ?? 0));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        meanings.move((event.shiftKey ? event.deltaY : event.deltaX) * unit);
      } else {
        return;
      }
      event.preventDefault();
    },
    { passive: false },
  );
}

export function listenToDrag(timeline: HTMLElement, meanings: Meanings): void {
  let last: number | undefined;
  let isDragging = false;
  timeline.addEventListener('pointerdown', (event) => {
    if (event.button === 0) last = event.clientX;
    isDragging = false;
  });
  timeline.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const by = event.clientX - last;
    if (!isDragging && Math.abs(by) < DRAG_FROM) return;
    // Captured only now: a captured pointer would take the click away from what is below it.
    if (!isDragging) timeline.setPointerCapture(event.pointerId);
    isDragging = true;
    last = event.clientX;
    meanings.move(-by);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) timeline.addEventListener(end, () => (last = undefined));
  // The click that ends a drag is none.
  timeline.addEventListener('click', (event) => isDragging && event.detail > 0 && event.stopPropagation(), true);
}
