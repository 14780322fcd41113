/** The signs for states and lines. Each has a shape of its own; color only repeats it. */
import type { EdgeKind, NodeState } from '../../contract/pages/graph';
import { svg } from '../dom';

const RING = 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z';

/** Lines in a square of 16. */
const SHAPES: Readonly<Record<NodeState, readonly string[]>> = {
  active: [RING, 'M6.5 5.25v5.5L11 8z'],
  waiting: ['M4 2h8M4 14h8M5 2v2.5L8 8l3-3.5V2M5 14v-2.5L8 8l3 3.5V14'],
  completed: [RING, 'M5 8.25l2.25 2.25L11 6'],
  cancelled: [RING, 'M3.75 12.25l8.5-8.5'],
  failed: [RING, 'M5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5'],
  unreadable: ['M8 2L14.5 13.75H1.5z', 'M8 6v4M8 11.5v.75'],
  missing: [RING, 'M6.25 6.5c0-2.4 3.5-2.4 3.5-.2c0 1.5-1.75 1.4-1.75 2.9M8 11v.75'],
};

export function stateSign(status: NodeState): SVGElement {
  const paths = SHAPES[status].map((d) => svg('path', { d }));
  return svg('svg', { class: `sign ${status}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, ...paths);
}

/** Running dispatches. */
export function dispatchSign(): SVGElement {
  const path = svg('path', { d: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9M12.25 1.5v3h-3' });
  return svg('svg', { class: 'sign', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, path);
}

export function edgeSign(kind: EdgeKind): SVGElement {
  const line = svg('path', { class: `edge ${kind}`, d: 'M1 8h26', 'marker-end': arrow(kind) });
  return svg('svg', { class: 'line', viewBox: '0 0 36 16', 'aria-hidden': 'true' }, line);
}

const arrow = (kind: EdgeKind): string => `url(#arrow-${kind})`;

/** The arrowheads, which lines refer to. */
export function arrowheads(kinds: readonly EdgeKind[]): SVGElement {
  const markers = kinds.map((kind) =>
    svg(
      'marker',
      {
        ...{ id: `arrow-${kind}`, class: `arrow ${kind}`, viewBox: '0 0 10 10', refX: 9, refY: 5 },
        ...{ markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' },
      },
      svg('path', { d: 'M0 0.5L10 5L0 9.5z' }),
    ),
  );
  return svg('defs', {}, ...markers);
}

export { arrow };
