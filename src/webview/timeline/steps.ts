/** Keyboard navigation: along a lane, or to the nearest item in the next one. Pure. */
import type { Direction } from '../geometry';
import type { Placed, Shape } from './shapes';

/** A place that something is at. */
export interface Spot {
  readonly lane: number;
  readonly at: number;
}

/** `shape`: what is drawn there; the step leads out of all that it holds. Undefined where there is nothing. */
export function stepFrom(
  lanes: ReadonlyMap<number, readonly Placed[]>,
  from: Spot | undefined,
  shape: Shape | undefined,
  direction: Direction,
): Spot | undefined {
  const order = [...lanes.keys()].sort((a, b) => a - b);
  const lane = from?.lane ?? order[0];
  if (lane === undefined) return undefined;
  const here = lanes.get(lane) ?? [];
  const at = from?.at ?? here[0]?.at ?? 0;
  switch (direction) {
    case 'right': {
      const last = shape?.held.at(-1)?.at ?? at;
      return spotOf(
        lane,
        here.find((placed) => placed.at > last),
      );
    }
    case 'left': {
      const first = shape?.held[0]?.at ?? at;
      return spotOf(
        lane,
        here.findLast((placed) => placed.at < first),
      );
    }
    case 'first':
      return spotOf(lane, here[0]);
    case 'last':
      return spotOf(lane, here.at(-1));
    case 'up':
    case 'down': {
      const next = order[order.indexOf(lane) + (direction === 'down' ? 1 : -1)];
      return next === undefined ? undefined : spotOf(next, nearest(lanes.get(next) ?? [], at));
    }
  }
}

function spotOf(lane: number, placed: Placed | undefined): Spot | undefined {
  return placed && { lane, at: placed.at };
}

function nearest(placed: readonly Placed[], at: number): Placed | undefined {
  return placed.reduce<Placed | undefined>((best, one) => {
    return best === undefined || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best;
  }, undefined);
}
