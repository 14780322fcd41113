/** Where the nodes and lines of a picture are, in pixels at scale 1: upstream left, downstream right. Pure. */
import { Graph, layout as arrange, type EdgeLabel, type GraphLabel, type NodeLabel } from '@dagrejs/dagre';
import type { GraphEdge, GraphPicture } from '../../contract/pages/graph';
import type { Point } from '../geometry';

/** A box by its upper left corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  /** From the border of the upstream node to the border of the downstream one. */
  readonly points: readonly Point[];
  /** The middle of the label. */
  readonly label: Point;
}

export interface Layout {
  /** By node id. */
  readonly nodes: ReadonlyMap<string, Box>;
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** All nodes and labels are of one size, so that a change of state moves nothing. */
export const NODE = { width: 232, height: 78 } as const;
const LABEL = { width: 120, height: 18 } as const;
const BESIDE = 22;
const BETWEEN = 40;
const MARGIN = 16;

/** The same text means the same layout. */
export function layoutKey({ nodes, edges }: GraphPicture): string {
  return JSON.stringify([nodes.map(({ id }) => id), edges.map(({ from, to }) => [from, to])]);
}

/** Projects without a dependency stand below the others, in rows. */
export function layOut(picture: Pick<GraphPicture, 'nodes' | 'edges'>): Layout {
  const linked = new Set(picture.edges.flatMap(({ from, to }) => [from, to]));
  const ids = picture.nodes.map(({ id }) => id);
  const graph = arranged(
    ids.filter((id) => linked.has(id)),
    picture.edges,
  );
  const loose = ids.filter((id) => !linked.has(id));
  return loose.length === 0 ? graph : withRows(graph, loose);
}

function arranged(ids: readonly string[], edges: readonly GraphEdge[]): Layout {
  if (ids.length === 0) return { nodes: new Map(), edges: [], width: 0, height: 0 };
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  // Names of our own: an id may be any text, and the library keeps names as keys of objects.
  const names = new Map(ids.map((id, index) => [id, `node ${index}`]));
  const ends = ({ from, to }: GraphEdge): [string, string] => [names.get(from) ?? '', names.get(to) ?? ''];
  graph.setGraph({ rankdir: 'LR', nodesep: BESIDE, ranksep: BETWEEN, marginx: MARGIN, marginy: MARGIN });
  for (const name of names.values()) graph.setNode(name, { ...NODE });
  for (const edge of edges) graph.setEdge(...ends(edge), { ...LABEL, labelpos: 'c' });
  arrange(graph);
  const nodes = new Map([...names].map(([id, name]) => [id, boxAround(pointOf(graph.node(name)))]));
  const placed = edges.map((edge) => placedEdge(edge, nodes, graph.edge(...ends(edge))));
  const { width = 0, height = 0 } = graph.graph();
  return { nodes, edges: placed, width, height };
}

function placedEdge(edge: GraphEdge, nodes: Layout['nodes'], { points = [], x = 0, y = 0 }: EdgeLabel): PlacedEdge {
  const way = points.map(pointOf);
  const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
  // A line from a node to itself stays as the library draws it.
  const isLoop = from === undefined || to === undefined || from === to;
  return {
    edge,
    points: isLoop ? way : [port(from, way[1]), ...way.slice(1, -1), port(to, way.at(-2))],
    label: { x, y },
  };
}

/** Where a line to or from `next` meets the box: at its left or right side, the higher the further up `next` is. */
function port({ x, y, width, height }: Box, next: Point | undefined): Point {
  const middle = { x: x + width / 2, y: y + height / 2 };
  const rise = Math.tanh(((next?.y ?? middle.y) - middle.y) / (2 * height));
  return { x: (next?.x ?? 0) > middle.x ? x + width : x, y: middle.y + (rise * height) / 3 };
}

function pointOf({ x = 0, y = 0 }: Partial<Point>): Point {
  return { x, y };
}

function boxAround({ x, y }: Point): Box {
  return { x: x - NODE.width / 2, y: y - NODE.height / 2, ...NODE };
}

/** As many columns as the graph above is wide, or about as many as rows where there is none. */
function withRows(graph: Layout, ids: readonly string[]): Layout {
  const column = NODE.width + BESIDE;
  const row = NODE.height + BESIDE;
  const fitting = Math.floor((graph.width - 2 * MARGIN + BESIDE) / column);
  const columns = Math.max(fitting, Math.ceil(Math.sqrt(ids.length)));
  const top = graph.height === 0 ? MARGIN : graph.height + BESIDE;
  const boxes = ids.map((id, index) => {
    const x = MARGIN + (index % columns) * column;
    return [id, { x, y: top + Math.floor(index / columns) * row, ...NODE }] as const;
  });
  const rows = Math.ceil(ids.length / columns);
  return {
    nodes: new Map([...graph.nodes, ...boxes]),
    edges: graph.edges,
    width: Math.max(graph.width, 2 * MARGIN + Math.min(columns, ids.length) * column - BESIDE),
    height: top + rows * row - BESIDE + MARGIN,
  };
}
