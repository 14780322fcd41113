/** What part of the graph is seen, and how large: a point `p` of the graph is shown at `p × scale + (x, y)`. Pure. */
import type { Point } from '../geometry';
import type { Box } from './layout';

export interface Camera extends Point {
  readonly scale: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

const SMALLEST = 0.05;
const LARGEST = 3;
/** Kept free around a node that is brought into sight. */
const MARGIN = 24;

/** Shows everything, in the middle, never larger than it is. */
export function fit(graph: Size, window: Size): Camera {
  const scale = limited(Math.min(1, window.width / graph.width, window.height / graph.height));
  return {
    x: (window.width - graph.width * scale) / 2,
    y: (window.height - graph.height * scale) / 2,
    scale,
  };
}

/** Makes everything `factor` times as large; what is shown at `around` stays there. */
export function zoom(camera: Camera, factor: number, around: Point): Camera {
  const scale = limited(camera.scale * factor);
  const grown = scale / camera.scale;
  return { x: around.x - (around.x - camera.x) * grown, y: around.y - (around.y - camera.y) * grown, scale };
}

/** Moves the graph, but never quite out of sight. */
export function pan({ x, y, scale }: Camera, by: Point, graph: Size, window: Size): Camera {
  return {
    x: between(x + by.x, MARGIN * 2 - graph.width * scale, window.width - MARGIN * 2),
    y: between(y + by.y, MARGIN * 2 - graph.height * scale, window.height - MARGIN * 2),
    scale,
  };
}

/** Moves as little as is needed to have the whole box in sight; its upper left corner where it is too large. */
export function bringIntoSight(camera: Camera, box: Box, window: Size): Camera {
  const { scale } = camera;
  return {
    x: along(camera.x, box.x * scale, box.width * scale, window.width),
    y: along(camera.y, box.y * scale, box.height * scale, window.height),
    scale,
  };

  function along(offset: number, start: number, length: number, room: number): number {
    const highest = MARGIN - start;
    return Math.min(Math.max(offset, highest), Math.max(highest, room - MARGIN - start - length));
  }
}

function limited(scale: number): number {
  return between(Number.isFinite(scale) ? scale : 1, SMALLEST, LARGEST);
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
