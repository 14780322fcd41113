/** Advancing a portfolio, its ready children first, over their databases (`docs/design/portfolios.md`). */
import { isKernelError, type KernelError } from '../../kernel/errors/errors';
import type { GateReport, GateTier, OtherRun, AdvanceOutcome } from '../../kernel/gate/model';
import { foreseeGate } from '../../kernel/gate/service';
import { hasToMove, planChildren, otherRunOf, upstreamsAmong, type AdvanceStep } from '../../kernel/gate/advancePlan';
import { kahnOrder } from '../../kernel/portfolio/graph';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import { listDependencies } from '../../kernel/portfolio/service';
import { phaseAfter } from '../../kernel/run/record/chain';
import { nextStatus } from '../../kernel/run/record/machine';
import type { Run } from '../../kernel/run/record/model';
import { advanceRun } from '../../kernel/run/advance';
import { getRun, skippedPhases } from '../../kernel/run/record/queries';
import { readChildren, readPortfolio, type ChildAuthority, type PortfolioKernels } from './home/authority';
import { defined } from '../../kernel/defined';
import { cyclePortfolio } from './relay/relays';
import { inOrder } from './snapshot/snapshot';

export type { AdvanceStep };

export interface AdvancePlan {
  readonly portfolio: Run;
  readonly toPhase: string;
  /** Upstream first. Each child is judged as if the previous ones had moved. */
  readonly children: readonly AdvanceStep[];
  /** The portfolio's gate after these moves. */
  readonly gate: GateReport;
}

export interface AdvancedChild {
  readonly run: Run;
  readonly outcome?: AdvanceOutcome;
  /** Why the child's database could not be read or written. */
  readonly problem?: KernelError;
}

export interface PortfolioAdvanceOptions {
  readonly tier: GateTier;
  /** Whether children that are behind go first. */
  readonly children: boolean;
  /** For the portfolio only; see `AdvanceOptions`. */
  readonly skipReason?: string;
}

export interface PortfolioAdvanceResult {
  readonly portfolio: AdvanceOutcome;
  /** One entry for each step that a child took or could not take, and for each unreadable child. */
  readonly children: readonly AdvancedChild[];
}

interface Gathered {
  readonly portfolio: Run;
  readonly toPhase: string;
  readonly edges: readonly DependencyEdge[];
  /** Upstream first. */
  readonly children: readonly ChildAuthority[];
}

/**
 * Previews `advancePortfolioRun` with its children. Changes nothing.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, or why the portfolio cannot be read.
 */
export async function planPortfolioAdvance(
  home: PortfolioKernels,
  portfolioId: string,
  tier: GateTier,
): Promise<AdvancePlan> {
  const { portfolio, toPhase, edges, children } = await gather(home, portfolioId);
  const planned = children.map((child) => ({ ...child, skipped: skippedBy(child) }));
  const { steps, states } = planChildren(planned, edges, toPhase, (child, run, to, upstreams) =>
    child.kernel.read((r) => foreseeGate(r, run, to, { tier, upstreams })),
  );
  const gate = home.kernel.read((r) => foreseeGate(r, portfolio, toPhase, { tier, children: states }));
  return { portfolio, toPhase, children: steps, gate };
}

/**
 * Advances the children that are behind the portfolio's next phase in their authoritative databases, upstream first and
 * as far as their gates allow; then the portfolio, if its gate allows it. A child that is blocked or cannot be written
 * does not block the others, but may block the portfolio's gate. In a paused portfolio nothing moves.
 * @throws KernelError as `planPortfolioAdvance`, and as `write` of the portfolio's database.
 */
export async function advancePortfolioRun(
  home: PortfolioKernels,
  portfolioId: string,
  { tier, children: withChildren, skipReason }: PortfolioAdvanceOptions,
): Promise<PortfolioAdvanceResult> {
  const gathered = await gather(home, portfolioId);
  const isPaused = !gathered.portfolio.autoAdvance && skipReason === undefined;
  const children = withChildren && !isPaused ? await advanceChildren(gathered, tier) : [];
  const unreadable = await cyclePortfolio(home, portfolioId);
  const options = { tier, unreadable, ...defined({ skipReason }) };
  return { portfolio: await home.kernel.write((u) => advanceRun(u, portfolioId, options)), children };
}

async function gather(home: PortfolioKernels, portfolioId: string): Promise<Gathered> {
  const portfolio = await readPortfolio(home, portfolioId);
  nextStatus(portfolio, 'advance');
  const { skipped, edges } = home.kernel.read((r) => ({
    skipped: skippedPhases(r, portfolio.id),
    edges: listDependencies(r, portfolio.id),
  }));
  const children = inOrder(await readChildren(home, portfolio.id), kahnOrder(edges));
  return { portfolio, toPhase: phaseAfter(portfolio, skipped), edges, children };
}

async function advanceChildren(
  { toPhase, edges, children }: Gathered,
  tier: GateTier,
): Promise<readonly AdvancedChild[]> {
  const done: AdvancedChild[] = [];
  const states: OtherRun[] = children.map(otherRunOf);
  for (const [index, child] of children.entries()) {
    const steps = await advanceChild(child, toPhase, tier, upstreamsAmong(states, edges, child.projectDir));
    done.push(...steps);
    states[index] = otherRunOf({ ...child, run: steps.at(-1)?.run ?? child.run });
  }
  return done;
}

async function advanceChild(
  { kernel, run: before, problem }: ChildAuthority,
  target: string,
  tier: GateTier,
  upstreams: ReturnType<typeof upstreamsAmong>,
): Promise<readonly AdvancedChild[]> {
  if (!hasToMove(before, target)) return [];
  if (problem !== undefined) return [{ run: before, problem }];
  const steps: AdvancedChild[] = [];
  let run = before;
  try {
    while (hasToMove(run, target) && steps.at(-1)?.outcome?.advanced !== false) {
      const step = await kernel.write((u) => ({
        outcome: advanceRun(u, run.id, { tier, upstreams }),
        run: getRun(u, run.id),
      }));
      steps.push(step);
      run = step.run;
    }
    return steps;
  } catch (error) {
    if (isKernelError(error)) return [...steps, { run, problem: error }];
    throw error;
  }
}

function skippedBy({ kernel, run, problem }: ChildAuthority): ReadonlySet<string> {
  return problem === undefined ? kernel.read((r) => skippedPhases(r, run.id)) : new Set();
}
