/** Portfolios as plain JSON, for commands and other extensions. */
import type {
  PortfolioAdvanceOutcome,
  PortfolioAdvancePlan,
  PortfolioCancelOutcome,
  PortfolioCancelPlan,
  PortfolioChild,
  PortfolioInfo,
  ProblemInfo,
  RelayInfo,
} from '../../../contract/results/portfolios';
import type { KernelError } from '../../../kernel/errors/errors';
import type { AdvancePlan, advancePortfolioRun } from '../../portfolio/advance';
import type { CancelPlan, cancelPortfolioRun } from '../../portfolio/cancel';
import type { ChildSnapshot, PortfolioSnapshot, RelayState } from '../../portfolio/home/model';

export function portfolioInfo({ run, children, edges, relay }: PortfolioSnapshot): PortfolioInfo {
  return {
    portfolio: run,
    children: children.map(childInfo),
    dependencies: edges,
    relay: relayInfo(run.id, relay),
  };
}

function childInfo({ source, ...child }: ChildSnapshot): PortfolioChild {
  return {
    run: child.run,
    projectDir: child.projectDir,
    isOpen: child.isOpen,
    source: source.kind,
    problem: problemInfo(source.kind === 'unreadable' ? source.problem : undefined),
    upstreams: child.upstreams,
    waitsFor: child.waitsFor,
    activeDispatches: child.activeDispatches,
    tokens: child.tokens,
  };
}

export function relayInfo(portfolioId: string, { isPaused, lastCycleAt, relayed, error }: RelayState): RelayInfo {
  return { portfolioId, isPaused, lastCycleAt: lastCycleAt ?? null, relayed, problem: problemInfo(error) };
}

export function advancePlanInfo(plan: AdvancePlan): PortfolioAdvancePlan {
  return { ...plan, children: plan.children.map((step) => ({ ...step, problem: problemInfo(step.problem) })) };
}

export function advanceOutcomeInfo(outcome: Awaited<ReturnType<typeof advancePortfolioRun>>): PortfolioAdvanceOutcome {
  return {
    portfolio: outcome.portfolio,
    children: outcome.children.map((child) => ({
      run: child.run,
      outcome: child.outcome ?? null,
      problem: problemInfo(child.problem),
    })),
  };
}

export function cancelPlanInfo({ portfolio, children }: CancelPlan): PortfolioCancelPlan {
  return { portfolio, children: children.map((child) => ({ ...child, problem: problemInfo(child.problem) })) };
}

export function cancelOutcomeInfo(outcome: Awaited<ReturnType<typeof cancelPortfolioRun>>): PortfolioCancelOutcome {
  return {
    portfolio: outcome.portfolio,
    children: outcome.children.map(({ run, problem }) => ({ run, problem: problemInfo(problem) })),
  };
}

function problemInfo(error: KernelError | undefined): ProblemInfo | null {
  return error === undefined ? null : { code: error.code, message: error.message };
}
