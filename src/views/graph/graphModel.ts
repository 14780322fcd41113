/** What is known of a portfolio as a picture: nodes, edges and all their words (`docs/design/portfolios.md`). Pure. */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { EdgeKind, GraphEdge, GraphNode, GraphPicture, NodeState } from '../../contract/pages/graph';
import { EDGE_KINDS, NODE_STATES } from '../../contract/pages/graph';
import type { KernelError } from '../../kernel/errors/errors';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import type { ChildSnapshot, PortfolioSnapshot, WaitsFor } from '../../services/portfolio/home/model';
import { headline } from '../rows/format';
import { explain } from '../projections/folderRow';
import type { ViewContext } from '../projections/viewContext';

export type GraphContext = Pick<ViewContext, 'l10n' | 'words' | 'nameOf'>;

export function graphPicture(context: GraphContext, portfolio: PortfolioSnapshot): GraphPicture {
  const nodes = [
    ...portfolio.children.map((child) => childNode(context, child)),
    ...strangers(portfolio).map((projectDir) => strangerNode(context, projectDir)),
  ];
  const edges = portfolio.edges.flatMap((edge) => drawnEdges(context, portfolio, edge));
  return {
    title: headline(portfolio.run.goal, 300),
    summary: summaryOf(context, portfolio),
    notices: noticesOf(context, portfolio),
    nodes,
    edges,
    legend: legendOf(context, nodes, edges),
  };
}

/** A picture of a portfolio that cannot be drawn, with the reason. */
export function emptyPicture(title: string, reason: string, tone: 'info' | 'warning'): GraphPicture {
  const notices = reason === '' ? [] : [{ tone, text: reason }];
  return { title, summary: '', notices, nodes: [], edges: [], legend: { statuses: [], edges: [] } };
}

/** The project of a node; undefined where the portfolio has no such node. */
export function projectOfNode(portfolio: PortfolioSnapshot, node: string): string | undefined {
  const child = portfolio.children.find(({ run }) => run.id === node);
  return child?.projectDir ?? strangers(portfolio).find((projectDir) => projectDir === node);
}

/** Projects that a dependency names and that are not in the portfolio; another program may store such. */
function strangers({ children, edges }: PortfolioSnapshot): string[] {
  const known = new Set(children.map(({ projectDir }) => projectDir));
  const named = new Set(edges.flatMap(({ upstream, downstream }) => [upstream, downstream]));
  return [...named].filter((projectDir) => !known.has(projectDir));
}

/** A portfolio may have a project twice, so one dependency may be several lines. */
function drawnEdges(context: GraphContext, portfolio: PortfolioSnapshot, edge: DependencyEdge): GraphEdge[] {
  const idsOf = (projectDir: string): string[] => {
    const children = portfolio.children.filter((child) => child.projectDir === projectDir);
    return children.length === 0 ? [projectDir] : children.map(({ run }) => run.id);
  };
  return idsOf(edge.upstream).flatMap((from) =>
    idsOf(edge.downstream).map((to) => ({ from, to, ...meaningOf(context, portfolio, edge, to) })),
  );
}

function meaningOf(
  { l10n }: GraphContext,
  { children, cycle = [] }: PortfolioSnapshot,
  { upstream, downstream }: DependencyEdge,
  to: string,
): { kind: EdgeKind; label: string } {
  const isInCircle = cycle.some((project, at) => project === upstream && cycle[at + 1] === downstream);
  if (isInCircle) return { kind: 'circle', label: l10n.t('circle') };
  const held = children.find(({ run }) => run.id === to)?.waitsFor.find(({ projectDir }) => projectDir === upstream);
  return held === undefined ? { kind: 'free', label: '' } : { kind: 'holds', label: l10n.t('needs {0}', held.needs) };
}

function stateOf({ run, source, waitsFor }: ChildSnapshot): NodeState {
  if (source.kind === 'unreadable' && !isLoading(source.problem)) return 'unreadable';
  if (run.status !== 'active') return run.status;
  return waitsFor.length > 0 ? 'waiting' : 'active';
}

function childNode(context: GraphContext, child: ChildSnapshot): GraphNode {
  const { l10n, words, nameOf } = context;
  const { run, projectDir, activeDispatches } = child;
  const name = nameOf(projectDir);
  const problem = problemOf(context, child);
  const upstreams = child.upstreams.map(nameOf).join(', ');
  const facts = [
    name,
    l10n.t('phase {0}', run.phase),
    words.run(run.status),
    problem,
    waitingFor(context, child, ({ projectDir: upstream, phase, needs }) =>
      l10n.t('{0} (at {1}, needs {2})', nameOf(upstream), phase, needs),
    ),
    activeDispatches === 0 ? '' : dispatchesAtWork(context, activeDispatches),
    upstreams === '' ? '' : l10n.t('depends on {0}', upstreams),
  ];
  return {
    id: run.id,
    name,
    status: stateOf(child),
    state: `${run.phase} · ${words.run(run.status)}`,
    notice: problem || waitingFor(context, child, ({ projectDir: upstream }) => nameOf(upstream)),
    dispatches: activeDispatches,
    spoken: facts.filter((fact) => fact !== '').join(', '),
  };
}

function strangerNode({ l10n, nameOf }: GraphContext, projectDir: string): GraphNode {
  const name = nameOf(projectDir);
  const state = l10n.t('no run here');
  const notice = l10n.t('not in this portfolio');
  const spoken = l10n.t('{0}, named by a dependency but not in this portfolio', name);
  return { id: projectDir, name, status: 'missing', state, notice, dispatches: 0, spoken };
}

/** Why its record cannot be read; empty where it can. */
function problemOf({ l10n }: GraphContext, { source }: ChildSnapshot): string {
  if (source.kind !== 'unreadable' || isLoading(source.problem)) return '';
  return l10n.t('cannot be read: {0}', explain(l10n, source.problem));
}

/** The upstream projects that it waits for, each described by `describe`; empty if there are none. */
function waitingFor({ l10n }: GraphContext, { waitsFor }: ChildSnapshot, describe: (one: WaitsFor) => string): string {
  return waitsFor.length === 0 ? '' : l10n.t('waits for {0}', waitsFor.map(describe).join(', '));
}

/** A record that is being read for the first time: nothing is wrong with it. */
function isLoading(problem: KernelError): boolean {
  return problem.code === 'DATABASE_LOADING';
}

function dispatchesAtWork({ l10n }: GraphContext, count: number): string {
  return inWords(l10n, '{0} dispatches running', count);
}

function summaryOf({ l10n, words }: GraphContext, { run, children }: PortfolioSnapshot): string {
  const count = (status: NodeState): number => children.filter((child) => stateOf(child) === status).length;
  const waiting = count('waiting');
  const unreadable = count('unreadable');
  return [
    run.phase,
    words.run(run.status),
    inWords(l10n, '{0} of {1} projects completed', count('completed'), children.length),
    ...(waiting === 0 ? [] : [l10n.t('{0} waiting', waiting)]),
    ...(unreadable === 0 ? [] : [l10n.t('{0} cannot be read', unreadable)]),
  ].join(' · ');
}

function noticesOf({ l10n, nameOf }: GraphContext, portfolio: PortfolioSnapshot): GraphPicture['notices'] {
  const { children, cycle, edges, invalid, relay } = portfolio;
  const notices: GraphPicture['notices'] = [];
  if (cycle !== undefined) {
    const way = cycle.map(nameOf).join(' → ');
    const text = l10n.t('Circular dependency: {0}. Remove one of the dependencies.', way);
    notices.push({ tone: 'warning', text });
  }
  if (relay.error !== undefined) {
    notices.push({ tone: 'warning', text: l10n.t('The relay failed: {0}', explain(l10n, relay.error)) });
  }
  if (relay.isPaused) {
    notices.push({
      tone: 'info',
      text: l10n.t('The relay is paused, so projects that are not open may be out of date.'),
    });
  }
  if (invalid.length > 0) {
    notices.push({ tone: 'warning', text: l10n.t('Stored projects that cannot be read: {0}', invalid.length) });
  }
  if (children.length > 0 && edges.length === 0) {
    const how = l10n.t('In the Portfolio view, drag a project onto the project it depends on, or use Add Dependency.');
    notices.push({ tone: 'info', text: `${l10n.t('No dependencies yet.')} ${how}` });
  }
  return notices;
}

function legendOf(
  context: GraphContext,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
): GraphPicture['legend'] {
  const statuses = NODE_STATES.filter((status) => nodes.some((node) => node.status === status));
  const kinds = EDGE_KINDS.filter((kind) => edges.some((edge) => edge.kind === kind));
  return {
    statuses: statuses.map((status) => ({ status, text: stateWords(context)[status] })),
    edges: kinds.map((kind) => ({ kind, text: edgeWords(context)[kind] })),
  };
}

function stateWords({ l10n, words }: GraphContext): Readonly<Record<NodeState, string>> {
  return {
    active: words.run('active'),
    waiting: l10n.t('waits for an upstream project'),
    completed: words.run('completed'),
    cancelled: words.run('cancelled'),
    failed: words.run('failed'),
    unreadable: l10n.t('record cannot be read'),
    missing: l10n.t('not in this portfolio'),
  };
}

function edgeWords({ l10n }: GraphContext): Readonly<Record<EdgeKind, string>> {
  return {
    free: l10n.t('satisfied dependency'),
    holds: l10n.t('dependency that blocks the downstream project'),
    circle: l10n.t('circular dependency'),
  };
}
