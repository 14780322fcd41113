/** A picture and its layout as elements of the page. */
import { EDGE_KINDS, type GraphNode, type GraphPicture } from '../../contract/pages/graph';
import { html, part, svg } from '../dom';
import type { Point } from '../geometry';
import type { Box, Layout, PlacedEdge } from './layout';
import { arrow, arrowheads, dispatchSign, edgeSign, stateSign } from './signs';

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
