/**
 * Cancels a portfolio with its children and agents, over the databases of its children (`docs/design/portfolios.md`).
 */
import { getDispatch } from '../../kernel/dispatch/service';
import type { Dispatch } from '../../kernel/dispatch/model';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import type { DispatchId } from '../../kernel/ids';
import { isTerminal, nextStatus } from '../../kernel/run/record/machine';
import type { Run } from '../../kernel/run/record/model';
import { cancelRun, PORTFOLIO_CANCELLED } from '../../kernel/run/cancel';
import { activeDispatchesOf } from '../../kernel/run/rollback';
import { getRun } from '../../kernel/run/record/queries';
import type { ProjectKernel } from '../record/projectKernel';
import { readChildren, readPortfolio, type ChildAuthority, type PortfolioKernels } from './home/authority';
import { cyclePortfolio } from './relay/relays';

/** What a cancel would end: active children and their agents. */
export interface CancelPlan {
  readonly portfolio: Run;
  readonly children: readonly {
    readonly run: Run;
    /** Active dispatches; unknown if there is a problem. */
    readonly dispatches: readonly Dispatch[];
    /** Why the child's own database cannot be read. */
    readonly problem?: KernelError;
  }[];
}

export interface CancelledChild {
  readonly run: Run;
  /** Why the child, or one of its agents, could not be ended in its own database. */
  readonly problem?: KernelError;
}

export interface PortfolioCancelOutcome {
  readonly portfolio: Run;
  readonly children: readonly CancelledChild[];
}

/** Ends the processes of obsolete dispatches of a record, and records it. */
export type EndDispatches = (kernel: ProjectKernel, ids: readonly DispatchId[], reason: string) => Promise<void>;

/** @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, or why the portfolio cannot be read. */
export async function planPortfolioCancel(home: PortfolioKernels, portfolioId: string): Promise<CancelPlan> {
  const { portfolio, children } = await readActive(home, portfolioId);
  return { portfolio, children: children.map((child) => ({ ...child, dispatches: activeOf(child) })) };
}

/**
 * Cancels the active children in their authoritative databases, then the portfolio with its remaining rows, and ends
 * the agents last, because one of them may be the caller. A child that cannot be canceled in its own database does not
 * block the others. A failure leaves the portfolio active, so that the step can be repeated.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, and as `write` of the portfolio's database.
 */
export async function cancelPortfolioRun(
  home: PortfolioKernels,
  portfolioId: string,
  endDispatches: EndDispatches,
): Promise<PortfolioCancelOutcome> {
  const { children } = await readActive(home, portfolioId);
  const agents = children.map((child) => activeOf(child).map(({ id }) => id));
  const cancelled: CancelledChild[] = [];
  for (const child of children) cancelled.push(await cancelChild(home, child));
  try {
    await cyclePortfolio(home, portfolioId);
    await home.kernel.write((u) => void cancelRun(u, portfolioId));
  } finally {
    for (const [index, child] of children.entries()) {
      const ids = agents[index] ?? [];
      if (ids.length === 0 || cancelled[index]?.problem !== undefined) continue;
      const problem = await problemOf(() => endDispatches(child.kernel, ids, PORTFOLIO_CANCELLED));
      if (problem !== undefined) cancelled[index] = { run: child.run, problem };
    }
  }
  return { portfolio: home.kernel.read((r) => getRun(r, portfolioId)), children: cancelled };
}

/** The portfolio to cancel, with its active children. */
async function readActive(
  home: PortfolioKernels,
  portfolioId: string,
): Promise<{ readonly portfolio: Run; readonly children: readonly ChildAuthority[] }> {
  const portfolio = await readPortfolio(home, portfolioId);
  nextStatus(portfolio, 'cancel');
  const children = await readChildren(home, portfolioId);
  return { portfolio, children: children.filter(({ run }) => !isTerminal(run.status)) };
}

function activeOf({ kernel, run, problem }: ChildAuthority): readonly Dispatch[] {
  if (problem !== undefined) return [];
  return kernel.read((r) => activeDispatchesOf(r, run.id).map((id) => getDispatch(r, id)));
}

/** Rows without their own record are canceled with the portfolio, in its transaction. */
async function cancelChild(home: PortfolioKernels, { kernel, run, problem }: ChildAuthority): Promise<CancelledChild> {
  if (problem !== undefined) return { run, problem };
  if (kernel === home.kernel) return { run: { ...run, status: 'cancelled' } };
  const failure = await problemOf(() => kernel.write((u) => void cancelRun(u, run.id, PORTFOLIO_CANCELLED)));
  // Another program ended it first, which is the requested result.
  if (failure !== undefined && !KernelError.is(failure, 'RUN_TERMINAL')) return { run, problem: failure };
  return { run: kernel.read((r) => getRun(r, run.id)) };
}

/** The problem; bugs are thrown. */
async function problemOf(step: () => Promise<void>): Promise<KernelError | undefined> {
  try {
    await step();
    return undefined;
  } catch (error) {
    if (isKernelError(error)) return error;
    throw error;
  }
}
