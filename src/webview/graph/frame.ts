/** A picture and its layout as elements of the page. */
import {
  EDGE_KINDS,
  type GraphNode,
  type GraphPicture,
  type EdgeKind,
  type NodeState,
} from '../../contract/pages/graph';
import { html, part, svg } from '../dom';
import type { Point } from '../geometry';
import type { Box, Layout, PlacedEdge } from './layout';

/** The frame of the graph: heading, notices, legend and the list of the same nodes. */
export function drawFrame(picture: GraphPicture): void {
  part('title').textContent = picture.title;
  part('summary').textContent = picture.summary;
  const notices = picture.notices.map(({ tone, text }) => {
    const sign = tone === 'warning' ? [stateSign('unreadable')] : [];
    return html('p', { class: `notice ${tone}` }, ...sign, html('span', {}, text));
  });
  part('notices').replaceChildren(...notices);
  part('legend').replaceChildren(
    ...picture.legend.statuses.map(({ status, text }) => html('li', {}, stateSign(status), text)),
    ...picture.legend.edges.map(({ kind, text }) => html('li', {}, edgeSign(kind), text)),
  );
  part('list').replaceChildren(...picture.nodes.map(({ spoken }) => html('li', {}, spoken)));
}

/** Keeps the elements of nodes that stay, so that focus stays and what moves can be seen to move. */
export function drawNodes(picture: GraphPicture, layout: Layout, before: ReadonlyMap<string, HTMLButtonElement>) {
  const elements = new Map<string, HTMLButtonElement>();
  for (const node of picture.nodes) {
    const box = layout.nodes.get(node.id);
    if (box === undefined) continue;
    const element = before.get(node.id) ?? html('button', { type: 'button', tabindex: '-1' });
    fillNode(element, node, box);
    elements.set(node.id, element);
  }
  for (const [id, element] of before) if (!elements.has(id)) element.remove();
  const parent = part('nodes');
  let place: Element | null = parent.firstElementChild;
  for (const element of elements.values()) {
    // Moving an element takes the focus from it, so those in their place are left alone.
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  return elements;
}

function fillNode(element: HTMLButtonElement, node: GraphNode, box: Box): void {
  element.className = `node ${node.status}`;
  element.dataset['node'] = node.id;
  element.setAttribute('aria-label', node.spoken);
  element.style.width = `${box.width}px`;
  element.style.height = `${box.height}px`;
  element.style.transform = `translate(${box.x}px, ${box.y}px)`;
  const dispatches = html('span', { class: 'dispatches' }, dispatchSign(), String(node.dispatches));
  element.replaceChildren(
    html(
      'span',
      { class: 'first' },
      stateSign(node.status),
      html('span', { class: 'name', title: node.name }, node.name),
      ...(node.dispatches === 0 ? [] : [dispatches]),
    ),
    html('span', { class: 'state', title: node.state }, node.state),
    html('span', { class: 'what', title: node.spoken }, node.notice),
  );
}

export function drawEdges({ edges, width, height }: Layout): void {
  const surface = part('edges');
  surface.setAttribute('width', String(width));
  surface.setAttribute('height', String(height));
  // What is special is drawn last, over the ordinary lines.
  const ordered = EDGE_KINDS.flatMap((kind) => edges.filter(({ edge }) => edge.kind === kind));
  surface.replaceChildren(arrowheads(EDGE_KINDS), ...ordered.map(line), ...ordered.flatMap(label));
}

function line({ edge, points }: PlacedEdge): SVGElement {
  return svg('path', { class: `edge ${edge.kind}`, d: curve(points), 'marker-end': arrow(edge.kind) });
}

function label({ edge, label: { x, y } }: PlacedEdge): SVGElement[] {
  if (edge.label === '') return [];
  const text = shortened(edge.label);
  const width = 12 + 6.6 * Array.from(text).length;
  const back = { class: 'back', x: x - width / 2, y: y - 9, width, height: 18, rx: 3 };
  const words = svg('text', { x, y: y + 4, 'text-anchor': 'middle' }, text);
  return [svg('g', { class: `label ${edge.kind}` }, svg('title', {}, edge.label), svg('rect', back), words)];
}

const LONGEST_LABEL = 18;

function shortened(text: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  return characters.length > LONGEST_LABEL ? `${characters.slice(0, LONGEST_LABEL - 1).join('')}…` : text;
}

/** A soft line through the points, level where it starts, ends and turns back; it never swings beyond a point. */
function curve(points: readonly Point[]): string {
  const rises = points.slice(1).map(({ x, y }, index) => {
    const before = points[index] ?? { x, y };
    return x === before.x ? 0 : (y - before.y) / (x - before.x);
  });
  // The harmonic mean of the rises on both sides.
  const slopes = points.map((_, index) => {
    const [before = 0, after = 0] = [rises[index - 1], rises[index]];
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
  return points.reduce((path, { x, y }, index) => {
    const before = points[index - 1];
    if (before === undefined) return `M${x} ${y}`;
    const half = (x - before.x) / 2;
    const leaving = before.y + (slopes[index - 1] ?? 0) * half;
    return `${path}C${before.x + half} ${leaving} ${x - half} ${y - (slopes[index] ?? 0) * half} ${x} ${y}`;
  }, '');
}

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

function stateSign(status: NodeState): SVGElement {
  const paths = SHAPES[status].map((d) => svg('path', { d }));
  return svg('svg', { class: `sign ${status}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, ...paths);
}

/** Running dispatches. */
function dispatchSign(): SVGElement {
  const path = svg('path', { d: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9M12.25 1.5v3h-3' });
  return svg('svg', { class: 'sign', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, path);
}

function edgeSign(kind: EdgeKind): SVGElement {
  const line = svg('path', { class: `edge ${kind}`, d: 'M1 8h26', 'marker-end': arrow(kind) });
  return svg('svg', { class: 'line', viewBox: '0 0 36 16', 'aria-hidden': 'true' }, line);
}

const arrow = (kind: EdgeKind): string => `url(#arrow-${kind})`;

/** The arrowheads, which lines refer to. */
function arrowheads(kinds: readonly EdgeKind[]): SVGElement {
  const markers = kinds.map((kind) =>
    svg(
      'marker',
      {
        id: `arrow-${kind}`,
        class: `arrow ${kind}`,
        viewBox: '0 0 10 10',
        refX: 9,
        refY: 5,
        markerWidth: 9,
        markerHeight: 9,
        markerUnits: 'userSpaceOnUse',
        orient: 'auto',
      },
      svg('path', { d: 'M0 0.5L10 5L0 9.5z' }),
    ),
  );
  return svg('defs', {}, ...markers);
}

export { arrow };
