/** Operations on portfolios (`docs/design/portfolios.md#creation`). They are canceled as runs: `run/cancel.ts`. */
import type * as z from 'zod';
import { KernelError } from '../errors/errors';
import { because } from '../errors/reasons/problem';
import { parseInput } from '../input';
import { projectNames } from '../text/projectNames';
import { checkChain, isBehind } from '../run/record/chain';
import { isTerminal } from '../run/record/machine';
import type { Run } from '../run/record/model';
import { findRun, getRun } from '../run/record/queries';
import { addRun, newRunId } from '../run/record/runs';
import { runExists, selectChildren, selectReadableChildren } from '../run/record/store';
import type { Reader, Unit } from '../unit';
import type { RunId } from '../ids';
import { movedHomeMetadata, portfolioDatabaseOf } from './home';
import { findCycle, findPath, isComplete, kahnOrder } from './graph';
import {
  createPortfolioInput,
  dependencyEdge,
  type ChildStatus,
  type CreatePortfolioInput,
  type Dependency,
  type DependencyEdge,
  mirrorPortfolioInput,
  type MirrorPortfolioInput,
  type PortfolioOutcome,
} from './model';
import * as store from './store';

/**
 * Creates a portfolio and a child for each project. Only the portfolio has the budget, scope and limit.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function createPortfolio(u: Unit, input: CreatePortfolioInput): PortfolioOutcome {
  const { projects, ...facts } = parseInput(createPortfolioInput, input);
  const id = newRunId(u);
  return addPortfolio(u, { ...facts, id, children: projects.map((projectDir) => ({ id: newRunId(u), projectDir })) });
}

/**
 * The same under given ids, for children that are also created in their projects' own databases
 * (`docs/design/portfolios.md`).
 * @throws KernelError `INVALID_ARGUMENT`, also for an id that is taken.
 */
export function mirrorPortfolio(u: Unit, input: MirrorPortfolioInput): PortfolioOutcome {
  const facts = parseInput(mirrorPortfolioInput, input);
  for (const { id } of [facts, ...facts.children]) {
    if (runExists(u, id))
      throw new KernelError('INVALID_ARGUMENT', {
        argument: 'id',
        problem: because('there is a run {id} already', { id }),
      });
  }
  return addPortfolio(u, facts);
}

type PortfolioFacts = Omit<z.output<typeof mirrorPortfolioInput>, 'metadata'> & { readonly metadata?: string };

function addPortfolio(u: Unit, { children, metadata, phases, ...facts }: PortfolioFacts): PortfolioOutcome {
  const { goal, complexity, budgetWarnPct } = facts;
  const inherited = { goal, complexity, budgetWarnPct, phases: phases === undefined ? null : checkChain(phases) };
  const portfolio = addRun(u, { ...facts, ...inherited, projectDir: '' });
  return {
    portfolio,
    children: children.map((child) => addRun(u, { ...inherited, ...child, metadata, parentRunId: portfolio.id })),
  };
}

/** Oldest first; empty for an unknown run. Throws `ROW_INVALID`. */
export function childrenOf(r: Reader, runId: string): Run[] {
  return selectChildren(r, runId);
}

/** Folders of its children, including those with unreadable rows. */
export function projectsIn(r: Reader, portfolioId: string): readonly string[] {
  return [...store.selectProjects(r, portfolioId)];
}

/** Changes the path of the portfolio's database in the metadata of a child, if it names one. */
export function moveHome(u: Unit, id: RunId, path: string): void {
  const run = findRun(u, id);
  if (run === undefined || run.metadata === null || portfolioDatabaseOf(run) === undefined) return;
  store.updateMetadata(u, id, movedHomeMetadata(run.metadata, path));
  u.touched.run(id);
}

/**
 * Makes the downstream project depend on the upstream project. Both must have a child, unless the run has no children
 * yet.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND` for the portfolio or a project, `DEPENDENCY_EXISTS`,
 * `DEPENDENCY_CYCLE` with the circle it would close, also for a project that would depend on itself.
 */
export function addDependency(u: Unit, portfolioId: string, edge: DependencyEdge): Dependency {
  const { upstream, downstream } = parseInput(dependencyEdge, edge);
  const portfolio = getRun(u, portfolioId);
  const projects = store.selectProjects(u, portfolio.id);
  const unknown = [upstream, downstream].find((project) => projects.size > 0 && !projects.has(project));
  if (unknown !== undefined) throw new KernelError('NOT_FOUND', { what: 'project', id: unknown });
  const edges = store.selectDependencies(u, portfolio.id);
  if (edges.some((known) => known.upstream === upstream && known.downstream === downstream)) {
    const nameOf = projectNames([upstream, downstream]);
    throw new KernelError('DEPENDENCY_EXISTS', {
      portfolioId,
      upstream: nameOf(upstream),
      downstream: nameOf(downstream),
    });
  }
  const back = findPath(edges, downstream, upstream);
  if (back !== undefined) throw circleError(portfolioId, [upstream, ...back]);
  const id = store.insertDependency(u, portfolio.id, { upstream, downstream });
  touch(u, portfolio);
  return { id, portfolioId: portfolio.id, upstream, downstream, createdAt: u.now };
}

/** @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND` for the portfolio or the dependency. */
export function removeDependency(u: Unit, portfolioId: string, edge: DependencyEdge): void {
  const { upstream, downstream } = parseInput(dependencyEdge, edge);
  const portfolio = getRun(u, portfolioId);
  if (store.deleteDependency(u, portfolio.id, { upstream, downstream }) === 0) {
    throw new KernelError('NOT_FOUND', { what: 'dependency', id: `${upstream} → ${downstream}` });
  }
  touch(u, portfolio);
}

/** Oldest first; empty for an unknown run. Throws `ROW_INVALID`. */
export function listDependencies(r: Reader, portfolioId: string): Dependency[] {
  return store.selectDependencies(r, portfolioId);
}

/**
 * Projects that occur in a dependency, upstream first (`docs/design/portfolios.md#dependencies`).
 * @throws KernelError `DEPENDENCY_CYCLE` where another program stored one; `ROW_INVALID`.
 */
export function topologicalOrder(r: Reader, portfolioId: string): readonly string[] {
  const edges = store.selectDependencies(r, portfolioId);
  const order = kahnOrder(edges);
  if (!isComplete(edges, order)) throw circleError(portfolioId, findCycle(edges) ?? []);
  return order;
}

/**
 * The states of the children, oldest first (`docs/design/portfolios.md#authority`); empty for an unknown run. An
 * unreadable child is omitted, and children that depend on it are not ready.
 */
export function portfolioStatus(r: Reader, portfolioId: string): ChildStatus[] {
  const children = selectReadableChildren(r, portfolioId);
  const unread = new Set(projectsIn(r, portfolioId));
  for (const { projectDir } of children) unread.delete(projectDir);
  const edges = store.selectDependencies(r, portfolioId);
  return children.map((child) => {
    const known = isTerminal(child.status) ? [] : blockersOf(child, children, edges);
    const unknown = isTerminal(child.status) ? [] : upstreamsOf(child, edges).filter((project) => unread.has(project));
    const blockers = [...known, ...unknown.map((projectDir) => ({ projectDir, phase: 'unknown' }))];
    return {
      runId: child.id,
      projectDir: child.projectDir,
      phase: child.phase,
      status: child.status,
      ready: blockers.length === 0,
      blockedBy: blockers.map(({ projectDir, phase }) => ({ projectDir, phase })),
    };
  });
}

function upstreamsOf(child: Run, edges: readonly Dependency[]): readonly string[] {
  return edges.filter((edge) => edge.downstream === child.projectDir).map((edge) => edge.upstream);
}

function blockersOf(child: Run, children: readonly Run[], edges: readonly Dependency[]): readonly Run[] {
  return upstreamsOf(child, edges)
    .flatMap((upstream) => children.find((sibling) => sibling.projectDir === upstream) ?? [])
    .filter((upstream) => !isTerminal(upstream.status) && isBehind(upstream, child.phase));
}

/** The whole circle, which ends where it starts. */
export function circleError(portfolioId: string, circle: readonly string[]): KernelError {
  return new KernelError('DEPENDENCY_CYCLE', { portfolioId, path: circle.map(projectNames(circle)).join(' → ') });
}

function touch(u: Unit, portfolio: Run): void {
  u.touched.run(portfolio.id);
  u.touched.rest();
}
