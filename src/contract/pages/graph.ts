/**
 * The dependency graph of a portfolio as its panel draws it, and the messages between the panel's page and the
 * extension (`docs/design/editor.md`). Both sides parse what they receive. The extension puts everything into words, so
 * the page needs no translation and knows nothing of runs.
 */
import * as z from 'zod/mini';

/**
 * How a project stands. `waiting`: an upstream project holds it back; `unreadable`: its record cannot be read;
 * `missing`: a dependency names it, but it is not in the portfolio.
 */
export const NODE_STATES = ['active', 'waiting', 'completed', 'cancelled', 'failed', 'unreadable', 'missing'] as const;
export type NodeState = (typeof NODE_STATES)[number];
const status = z.enum(NODE_STATES);

/**
 * What a line means. `free`: the downstream project may continue; `holds`: it has to wait; `circle`: the dependency closes
 * a circle, which another program stored.
 */
export const EDGE_KINDS = ['free', 'holds', 'circle'] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];
const edgeKind = z.enum(EDGE_KINDS);

const graphNode = z.strictObject({
  /** Unique in the picture and the same in every picture of the portfolio. */
  id: z.string(),
  name: z.string(),
  status,
  /** Phase and status in words. */
  state: z.string(),
  /** What it waits for, or its problem; empty if there is none. */
  notice: z.string(),
  /** Running dispatches. */
  dispatches: z.int(),
  /** All of it in a sentence, for screen readers and on hover. */
  spoken: z.string(),
});
export type GraphNode = z.infer<typeof graphNode>;

const graphEdge = z.strictObject({
  /** Id of the upstream node. */
  from: z.string(),
  /** Id of the downstream node. */
  to: z.string(),
  kind: edgeKind,
  /** Why the line is not an ordinary one; empty for one that is. */
  label: z.string(),
});
export type GraphEdge = z.infer<typeof graphEdge>;

const graphPicture = z.strictObject({
  /** The portfolio's goal, or what to show instead of a graph. */
  title: z.string(),
  /** Its phase and status and how far its projects are. */
  summary: z.string(),
  /** Sentences about the whole: a circle, no dependency yet, a relay that does not work. */
  notices: z.array(z.strictObject({ tone: z.enum(['info', 'warning']), text: z.string() })),
  /** Upstream first. */
  nodes: z.array(graphNode),
  edges: z.array(graphEdge),
  /** The signs that occur in this picture. */
  legend: z.strictObject({
    statuses: z.array(z.strictObject({ status, text: z.string() })),
    edges: z.array(z.strictObject({ kind: edgeKind, text: z.string() })),
  }),
});
export type GraphPicture = z.infer<typeof graphPicture>;

/** What the extension tells the page. `seq` grows with every picture that a panel is sent. */
export const graphCommand = z.strictObject({ type: z.literal('draw'), seq: z.int(), picture: graphPicture });
export type GraphCommand = z.infer<typeof graphCommand>;

/** What the page tells the extension: the person chose a node of picture `seq`. */
export const graphEvent = z.strictObject({ type: z.literal('reveal'), seq: z.int(), node: z.string() });
export type GraphEvent = z.infer<typeof graphEvent>;

/** How the person left the page. */
export const graphMemory = z.strictObject({
  /** Absent while the whole graph is fitted into the panel. */
  camera: z.optional(z.strictObject({ x: z.number(), y: z.number(), scale: z.number() })),
  /** The node that the keyboard was on. */
  current: z.optional(z.string()),
});
export type GraphMemory = z.infer<typeof graphMemory>;

/** The texts of the page itself, in the editor's language. */
export interface GraphPageTexts {
  readonly graph: string;
  /** How the keyboard works. */
  readonly keys: string;
  readonly toolbar: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly legend: string;
  readonly list: string;
  readonly loading: string;
}
