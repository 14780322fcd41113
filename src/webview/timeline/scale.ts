/** The position of a moment: time is linear, but stretches without events are shortened. Pure. */
import type { TimelineFrame } from '../../contract/pages/timeline';

/** `scale` in pixels a second; `left`: how many pixels of the whole lie to the left of the window. */
export interface Camera {
  readonly scale: number;
  readonly left: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How wide a folded stretch is drawn, in pixels. */
export const FOLD_WIDTH = 28;
/** Kept free at both ends, so that what happened first and last is seen whole. */
const EDGE = 14;
const LARGEST_SCALE = 400;

export class TimeScale {
  constructor(
    private readonly range: Span,
    private readonly folds: TimelineFrame['folds'],
    readonly camera: Camera,
  ) {}

  /** All of it in a window so many pixels wide. */
  static fitting(range: Span, folds: TimelineFrame['folds'], width: number): TimeScale {
    return new TimeScale(range, folds, { scale: fittingScale(range, folds, width), left: 0 });
  }

  /** Pixels from the left edge of the window. */
  place(at: number): number {
    const { scale, left } = this.camera;
    let x = EDGE - left;
    let from = this.range.from;
    for (const fold of this.folds) {
      if (at <= fold.from) break;
      x += (fold.from - from) * scale;
      if (at < fold.to) return x + (FOLD_WIDTH * (at - fold.from)) / (fold.to - fold.from);
      x += FOLD_WIDTH;
      from = fold.to;
    }
    return x + (at - from) * scale;
  }

  /** The moment that is drawn so many pixels from the left edge of the window. */
  at(x: number): number {
    const { scale } = this.camera;
    let from = this.range.from;
    for (const fold of this.folds) {
      const start = this.place(fold.from);
      if (x <= start) break;
      if (x < start + FOLD_WIDTH) return fold.from + ((x - start) / FOLD_WIDTH) * (fold.to - fold.from);
      from = fold.to;
    }
    return from + (x - this.place(from)) / scale;
  }

  /** The moment itself, or the end of the folded stretch that it is in. */
  afterFold(at: number): number {
    return this.folds.find(({ from, to }) => at > from && at < to)?.to ?? at;
  }

  /** Makes it `factor` times as wide; what is drawn at `x` stays there. Never narrower than the window. */
  zoom(factor: number, x: number, width: number): TimeScale {
    const fixed = this.at(x);
    const least = fittingScale(this.range, this.folds, width);
    const scale = Math.min(Math.max(this.camera.scale * factor, least), Math.max(LARGEST_SCALE, least));
    const grown = new TimeScale(this.range, this.folds, { scale, left: 0 });
    return grown.moved(grown.place(fixed) - x, width);
  }

  /** Moves the window to the right by so many pixels, but never beyond the ends. */
  moved(by: number, width: number): TimeScale {
    const whole = this.place(this.range.to) + this.camera.left + EDGE;
    const left = Math.min(Math.max(0, this.camera.left + by), Math.max(0, whole - width));
    return new TimeScale(this.range, this.folds, { ...this.camera, left });
  }

  /** Shows a span in the middle half of the window. */
  showing({ from, to }: Span, width: number): TimeScale {
    const scale = Math.min(LARGEST_SCALE, width / 2 / Math.max(to - from, 1e-3));
    const near = new TimeScale(this.range, this.folds, { scale, left: 0 });
    return near.moved((near.place(from) + near.place(to)) / 2 - width / 2, width);
  }
}

function fittingScale({ from, to }: Span, folds: TimelineFrame['folds'], width: number): number {
  const folded = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0);
  const room = Math.max(40, width - 2 * EDGE - folds.length * FOLD_WIDTH);
  return room / Math.max(1, to - from - folded);
}
