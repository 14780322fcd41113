/** Pictures of portfolios for the graph's page and its layout. */
import {
  EDGE_KINDS,
  NODE_STATES,
  type EdgeKind,
  type GraphEdge,
  type GraphNode,
  type GraphPicture,
} from '../../../src/contract/pages/graph';

export function node(name: string, more: Partial<GraphNode> = {}): GraphNode {
  const given = { id: `run-${name}`, name, status: 'active', state: 'build · active', notice: '' } as const;
  return { ...given, dispatches: 0, spoken: `${name}, phase build, active`, ...more };
}

export function edge(from: string, to: string, kind: EdgeKind = 'free'): GraphEdge {
  const labels = { free: '', holds: 'needs review', circle: 'circle' };
  return { from: `run-${from}`, to: `run-${to}`, kind, label: labels[kind] };
}

export function picture(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphPicture {
  return {
    title: 'Ship single sign-on',
    summary: `build · active · 1 of ${nodes.length} projects completed`,
    notices: [],
    nodes: [...nodes],
    edges: [...edges],
    legend: {
      statuses: NODE_STATES.filter((status) => nodes.some((node) => node.status === status)).map((status) => ({
        status,
        text: status,
      })),
      edges: EDGE_KINDS.filter((kind) => edges.some((edge) => edge.kind === kind)).map((kind) => ({
        kind,
        text: kind,
      })),
    },
  };
}

/** Every standing, every kind of line, a project apart. */
export function fullPicture(): GraphPicture {
  const made = picture(
    [
      node('schema', { status: 'completed', state: 'done · completed' }),
      node('auth', { dispatches: 2 }),
      node('billing', { status: 'failed', state: 'build · failed' }),
      node('api', {
        status: 'waiting',
        notice: 'waits for auth (build), legacy (design)',
        spoken: 'api, phase build, active, waits for auth (build), legacy (design), depends on schema, auth, legacy',
      }),
      node('legacy', { status: 'unreadable', notice: 'cannot be read: The database file is damaged.' }),
      node('web', { status: 'waiting', notice: 'waits for api (build)', dispatches: 1 }),
      node('mobile', { status: 'cancelled', state: 'design · cancelled' }),
      node('search', { notice: '' }),
      node('index', { notice: '' }),
      node('gone', { status: 'missing', state: 'no run here', notice: 'not in this portfolio' }),
      node('docs', {}),
    ],
    [
      ...[edge('schema', 'api'), edge('auth', 'api', 'holds'), edge('legacy', 'api', 'holds')],
      ...[edge('api', 'web', 'holds'), edge('api', 'mobile'), edge('billing', 'web'), edge('gone', 'mobile')],
      ...[edge('search', 'index', 'circle'), edge('index', 'search', 'circle'), edge('auth', 'billing')],
    ],
  );
  const text = 'Circular dependency: search → index → search. Remove one of the dependencies.';
  return { ...made, notices: [{ tone: 'warning', text }] };
}

/** As large as portfolios get: each project waits for up to so many earlier ones, `edges` in all. */
export function largePicture(nodes: number, edges: number): GraphPicture {
  const names = Array.from({ length: nodes }, (_, index) => `project-${index}`);
  const lines = Array.from({ length: edges }, (_, index) => {
    const to = 1 + (index % (nodes - 1));
    const round = Math.floor(index / (nodes - 1));
    return { from: Math.max(0, to - 1 - ((index * 7) % 12) - round), to };
  });
  const distinct = new Map(lines.map(({ from, to }) => [`${from} ${to}`, edge(`project-${from}`, `project-${to}`)]));
  return picture(
    names.map((name) => node(name)),
    [...distinct.values()],
  );
}
