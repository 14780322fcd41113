/** Bars that overlap are drawn below each other. Pure. */
import { mapped, type Steps } from '../../host/turns';

export interface Stretch {
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
}

/**
 * The lane of each stretch, from 0: the first one that is free when it starts. Needs them by their beginning, so that
 * what is added later moves nothing.
 */
export function* packLanes(stretches: readonly Stretch[]): Steps<number[]> {
  const ends: number[] = [];
  return yield* mapped(stretches, ({ from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free < 0 ? ends.length : free;
    // One that takes no time has a lane of its own as well.
    ends[lane] = to === null ? Number.POSITIVE_INFINITY : Math.max(to, from + 1);
    return lane;
  });
}

/** Shorter than this, a stretch without anything is drawn as it is. */
const LEAST_FOLD_SEC = 900;
/** Part of the whole from which on it is worth folding. */
const LEAST_PART = 0.08;

/**
 * The long stretches of the range in which nothing happened: a night, a weekend. What lasts is not nothing.
 * `busy` in any order.
 */
export function quietStretches(
  range: { readonly from: number; readonly to: number },
  busy: readonly Stretch[],
): { from: number; to: number }[] {
  const least = Math.max(LEAST_FOLD_SEC, (range.to - range.from) * LEAST_PART);
  const quiet: { from: number; to: number }[] = [];
  let reached = range.from;
  for (const { from, to } of [...busy].sort((a, b) => a.from - b.from)) {
    if (from - reached >= least) quiet.push({ from: reached, to: from });
    reached = Math.max(reached, to ?? range.to);
  }
  if (range.to - reached >= least) quiet.push({ from: reached, to: range.to });
  return quiet;
}
