/** Where an arrow key leads from a node: along a dependency, or to the neighbor above or below. Pure. */
import type { Direction } from '../geometry';
import type { Layout } from './layout';

/** The node to go to; the same one where the way ends, the first one from a node that is not there. */
export function step({ nodes, edges }: Layout, from: string, direction: Direction): string | undefined {
  const ids = [...nodes.keys()];
  if (direction === 'first' || !nodes.has(from)) return ids[0];
  switch (direction) {
    case 'last':
      return ids.at(-1);
    case 'right':
      return closest(
        edges.filter(({ edge }) => edge.from === from).map(({ edge }) => edge.to),
        () => true,
      );
    case 'left':
      return closest(
        edges.filter(({ edge }) => edge.to === from).map(({ edge }) => edge.from),
        () => true,
      );
    case 'up':
      return closest(ids, (dy) => dy < 0);
    case 'down':
      return closest(ids, (dy) => dy > 0);
  }

  /** Of the candidates, the one whose middle is nearest; a column further away weighs more than a row. */
  function closest(candidates: readonly string[], isWanted: (dy: number) => boolean): string {
    const start = nodes.get(from);
    let best = { id: from, distance: Number.POSITIVE_INFINITY };
    for (const id of candidates) {
      const box = nodes.get(id);
      if (start === undefined || box === undefined || id === from || !isWanted(box.y - start.y)) continue;
      const distance = Math.abs(box.y - start.y) + 4 * Math.abs(box.x - start.x);
      if (distance < best.distance) best = { id, distance };
    }
    return best.id;
  }
}
