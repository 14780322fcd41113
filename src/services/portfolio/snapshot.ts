/**
 * Portfolios as they stand at this moment, from what is loaded: nothing is waited for (design §7). A child is what its
 * own database says, or the row in the portfolio where there is none or it cannot be read.
 */
import path from 'node:path';
import { countActive } from '../../kernel/dispatch/service';
import { runTokens } from '../../kernel/budget/service';
import { isKernelError, KernelError } from '../../kernel/errors';
import type { RunId } from '../../kernel/ids';
import { findCycle, kahnOrder } from '../../kernel/portfolio/graph';
import { portfolioDatabaseOf } from '../../kernel/portfolio/home';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import { readChild, relayMark, type RelayMark } from '../../kernel/portfolio/relay';
import { listDependencies } from '../../kernel/portfolio/service';
import { isBehind, lastPhase, phaseAfter } from '../../kernel/run/chain';
import { isTerminal } from '../../kernel/run/machine';
import type { Run, RunList } from '../../kernel/run/model';
import { findRun, getRun, listRuns, skippedPhases } from '../../kernel/run/service';
import type { Reader } from '../../kernel/unit';
import { refusalOf } from '../kernelState';
import type { ProjectKernel } from '../projectKernel';
import type { ChildSnapshot, PortfolioSnapshot, RelayState, WaitsFor } from './model';

/** Where a portfolio and its children are kept, as far as looking at them goes. */
export interface PortfolioRecords {
  readonly kernel: ProjectKernel;
  childKernel(projectDir: string): ProjectKernel;
  isOpen(projectDir: string): boolean;
}

/** More unrelayed events of one child are not counted. */
const MOST_UNRELAYED = 1000;

/** All portfolios of the home, newest first, ended ones and those that cannot be read too; none while it has no record. */
export function listPortfolios({ kernel }: PortfolioRecords): RunList {
  if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') return { runs: [], invalid: [] };
  return kernel.read((r) => listRuns(r, { portfolio: true }));
}

/** All portfolios of the home that can be read, newest first. */
export function portfolioRuns(home: PortfolioRecords): readonly Run[] {
  return listPortfolios(home).runs;
}

/** Newest first. */
export function activePortfolios(home: PortfolioRecords): readonly Run[] {
  return portfolioRuns(home).filter((run) => run.status === 'active');
}

/**
 * One portfolio as it stands.
 * @throws KernelError `NOT_FOUND`, `ROW_INVALID` for the portfolio itself or its dependencies, or what the state of the
 * home's kernel says where that cannot be read.
 */
export function portfolioSnapshot(home: PortfolioRecords, relay: RelayState, portfolioId: string): PortfolioSnapshot {
  const { run, list, edges } = home.kernel.read((r) => readPortfolio(r, portfolioId));
  const order = kahnOrder(edges);
  const seen = inOrder(list.runs, order).map((mirror) => lookAt(home, run.id, mirror));
  return {
    run,
    children: seen.map((child) => childSnapshot(home, child, seen, edges)),
    invalid: list.invalid,
    edges,
    cycle: cycleBeside(edges, order),
    relay,
  };
}

interface StoredPortfolio {
  readonly run: Run;
  readonly list: RunList;
  readonly edges: readonly DependencyEdge[];
}

function readPortfolio(r: Reader, portfolioId: string): StoredPortfolio {
  const run = getRun(r, portfolioId);
  if (run.projectDir !== '') throw new KernelError('NOT_FOUND', { what: 'portfolio', id: portfolioId });
  const { runs, invalid } = listRuns(r, { parentRunId: run.id });
  const oldestFirst = [...runs].sort((a, b) => a.createdAt - b.createdAt);
  const edges = listDependencies(r, run.id).map(({ upstream, downstream }) => ({ upstream, downstream }));
  return { run, list: { runs: oldestFirst, invalid }, edges };
}

/** Children of the ordered projects first; those without dependencies, and those on a circle, as they were made. */
export function inOrder<T extends Pick<Run, 'projectDir'>>(
  children: readonly T[],
  order: readonly string[],
): readonly T[] {
  const placed = new Set(order);
  return [
    ...order.flatMap((project) => children.filter((child) => child.projectDir === project)),
    ...children.filter((child) => !placed.has(child.projectDir)),
  ];
}

/** The circle that keeps projects out of the order; only those projects are searched. */
function cycleBeside(edges: readonly DependencyEdge[], order: readonly string[]): readonly string[] | undefined {
  const placed = new Set(order);
  return findCycle(edges.filter(({ upstream, downstream }) => !placed.has(upstream) && !placed.has(downstream)));
}

/** A child as its source tells it, with what is read there. */
type Seen = Pick<ChildSnapshot, 'run' | 'source' | 'activeDispatches' | 'tokens' | 'unrelayed'> & {
  /** The phase that advancing would enter; undefined for an ended child and one outside its chain. */
  readonly nextPhase: string | undefined;
};

function lookAt(home: PortfolioRecords, portfolioId: RunId, mirror: Run): Seen {
  const row = home.kernel.read((r) => ({ figures: figuresOf(r, mirror), mark: relayMark(r, portfolioId, mirror) }));
  try {
    const kernel = readableChild(home, mirror, row.mark);
    return (
      kernel?.read((r) => readOwn(r, mirror, row.mark)) ?? { ...row.figures, source: { kind: 'row' }, unrelayed: 0 }
    );
  } catch (error) {
    if (!isKernelError(error)) throw error;
    // What was known last; it still waits for whom it waited.
    return { ...row.figures, source: { kind: 'unreadable', problem: error }, unrelayed: 0 };
  }
}

/**
 * The kernel of a project's own database; undefined where it never had one.
 * @throws KernelError where it cannot be read, or is not there any more.
 */
function readableChild(home: PortfolioRecords, mirror: Run, mark: RelayMark): ProjectKernel | undefined {
  const { projectDir } = mirror;
  if (!path.isAbsolute(projectDir)) {
    throw new KernelError('DATABASE_PATH', { path: projectDir, problem: 'the project of a child must be absolute' });
  }
  const kernel = home.childKernel(projectDir);
  const hadOwn = mark.seen !== undefined || portfolioDatabaseOf(mirror) !== undefined;
  if (kernel.path === home.kernel.path || (kernel.state.kind === 'missing' && !hadOwn)) return undefined;
  if (kernel.state.kind === 'ready' || kernel.state.kind === 'readOnly') return kernel;
  throw refusalOf(kernel.state, kernel.path);
}

/** Undefined where that database never held the child's run. @throws KernelError where it did and does no more. */
function readOwn(r: Reader, mirror: Run, mark: RelayMark): Seen | undefined {
  const { events } = readChild(r, mirror, mark, MOST_UNRELAYED);
  const run = findRun(r, mirror.id);
  return run && { ...figuresOf(r, run), source: { kind: 'own' }, unrelayed: events.length };
}

function figuresOf(r: Reader, run: Run): Pick<Seen, 'run' | 'activeDispatches' | 'tokens' | 'nextPhase'> {
  const scope = run.scopeId ?? run.id;
  const canAdvance = !isTerminal(run.status) && run.phases.includes(run.phase) && run.phase !== lastPhase(run);
  return {
    run,
    activeDispatches: countActive(r, scope),
    tokens: runTokens(r, scope).totalTokens,
    nextPhase: canAdvance ? phaseAfter(run, skippedPhases(r, run.id)) : undefined,
  };
}

function childSnapshot(
  home: PortfolioRecords,
  { nextPhase, ...seen }: Seen,
  siblings: readonly Seen[],
  edges: readonly DependencyEdge[],
): ChildSnapshot {
  const { projectDir } = seen.run;
  const own = edges.filter((edge) => edge.downstream === projectDir);
  const upstreams = [...new Set(own.map((edge) => edge.upstream))];
  return {
    ...seen,
    projectDir,
    isOpen: home.isOpen(projectDir),
    upstreams,
    waitsFor: nextPhase === undefined ? [] : upstreams.flatMap((upstream) => waitFor(upstream, siblings, nextPhase)),
  };
}

/** Why a child cannot be read, once that was tried. Until then its row stands for it. */
export function problemOfChild({ source }: Pick<ChildSnapshot, 'source'>): KernelError | undefined {
  return source.kind === 'unreadable' && source.problem.code !== 'DATABASE_LOADING' ? source.problem : undefined;
}

/**
 * The rule of the gate: an upstream that has ended, has no run or lacks the phase holds nobody up; not knowing where it
 * stands is not passing.
 */
function waitFor(projectDir: string, siblings: readonly Seen[], needs: string): readonly WaitsFor[] {
  const upstream = siblings.find(({ run }) => run.projectDir === projectDir);
  if (upstream === undefined || isTerminal(upstream.run.status)) return [];
  const isUnknown = problemOfChild(upstream) !== undefined && upstream.run.phases.includes(needs);
  if (!isUnknown && !isBehind(upstream.run, needs)) return [];
  return [{ projectDir, phase: upstream.run.phase, needs }];
}
