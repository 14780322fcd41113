/**
 * Snapshots of portfolios from loaded data, without waiting (`docs/design/portfolios.md#authority`). A child comes from
 * its own database, or from the row in the portfolio if that is missing or unreadable.
 */
import type { KernelError } from '../../../kernel/errors/errors';
import { findCycle } from '../../../kernel/portfolio/graph';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import { isBehind } from '../../../kernel/run/record/chain';
import { isTerminal } from '../../../kernel/run/record/machine';
import type { Run, RunList } from '../../../kernel/run/record/model';
import { listRuns } from '../../../kernel/run/record/queries';
import { limitedPortfolioBudgetState } from './budgets';
import type { ChildSnapshot, PortfolioSnapshot, RelayState, WaitsFor } from '../home/model';
import { PortfolioReadings, type ChildReading, type PortfolioRecords } from '../relay/childReadings';

/** All portfolios of the home, newest first, including ended and unreadable ones; none without a record. */
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
 * The snapshot of one portfolio.
 * @throws KernelError `NOT_FOUND`, `ROW_INVALID` for the portfolio itself or its dependencies, or the error of the
 * home's kernel if that cannot be read. `readings`: kept by callers that take many snapshots.
 */
export function portfolioSnapshot(
  home: PortfolioRecords,
  relay: RelayState,
  portfolioId: string,
  readings = new PortfolioReadings(home),
): PortfolioSnapshot {
  const { run, children, invalid, edges, order } = readings.portfolio(portfolioId);
  const seen = inOrder(children, order).map((mirror) => asRelayed(home, relay, readings.child(run.id, mirror)));
  return {
    run,
    children: seen.map((child) => childSnapshot(home, child, seen, edges)),
    invalid,
    edges,
    cycle: cycleBeside(edges, order),
    relay,
    budget: limitedPortfolioBudgetState(home, run.id),
  };
}

/** Children of the ordered projects first; those without dependencies, and those on a cycle, in order of creation. */
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

/** Databases of closed folders are not watched, so the relay has read them last. */
function asRelayed(home: PortfolioRecords, relay: RelayState, child: ChildReading): ChildReading {
  const problem = relay.problems.get(child.run.id);
  if (problem === undefined || child.source.kind !== 'own' || home.isOpen(child.run.projectDir)) return child;
  return { ...child, source: { kind: 'unreadable', problem } };
}

/** The cycle that keeps projects out of the order; only those projects are searched. */
function cycleBeside(edges: readonly DependencyEdge[], order: readonly string[]): readonly string[] | undefined {
  const placed = new Set(order);
  return findCycle(edges.filter(({ upstream, downstream }) => !placed.has(upstream) && !placed.has(downstream)));
}

function childSnapshot(
  home: PortfolioRecords,
  { nextPhase, ...seen }: ChildReading,
  siblings: readonly ChildReading[],
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

/** Why a child cannot be read, after an attempt. Until then its row is used. */
export function problemOfChild({ source }: Pick<ChildSnapshot, 'source'>): KernelError | undefined {
  return source.kind === 'unreadable' && source.problem.code !== 'DATABASE_LOADING' ? source.problem : undefined;
}

/**
 * The rule of the gate: an upstream project that has ended, has no run or lacks the phase blocks no child. An unknown
 * state blocks.
 */
function waitFor(projectDir: string, siblings: readonly ChildReading[], needs: string): readonly WaitsFor[] {
  const upstream = siblings.find(({ run }) => run.projectDir === projectDir);
  if (upstream === undefined || isTerminal(upstream.run.status)) return [];
  const isUnknown = problemOfChild(upstream) !== undefined && upstream.run.phases.includes(needs);
  if (!isUnknown && !isBehind(upstream.run, needs)) return [];
  return [{ projectDir, phase: upstream.run.phase, needs }];
}
