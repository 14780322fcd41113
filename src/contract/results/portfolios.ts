/** What operations on portfolios resolve with (`docs/design/portfolios.md`). */
import type { Dispatch } from '../../kernel/dispatch/model';
import type { ErrorCode } from '../../kernel/errors/errors';
import type { GateConditionResult, GateReport, AdvanceOutcome } from '../../kernel/gate/model';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import type { Run } from '../../kernel/run/record/model';

/** Why something cannot be read or done. */
export interface ProblemInfo {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface PortfolioInfo {
  readonly portfolio: Run;
  /** Upstream first. */
  readonly children: readonly PortfolioChild[];
  readonly dependencies: readonly DependencyEdge[];
  readonly relay: RelayInfo;
}

export interface PortfolioChild {
  readonly run: Run;
  readonly projectDir: string;
  /** Whether its folder is open in this window. */
  readonly isOpen: boolean;
  /** `own`: its project's database decides; `row`: the portfolio's does; `unreadable`: what was known last. */
  readonly source: 'own' | 'row' | 'unreadable';
  readonly problem: ProblemInfo | null;
  readonly upstreams: readonly string[];
  /** Upstream projects that hold its next phase back. */
  readonly waitsFor: readonly { readonly projectDir: string; readonly phase: string; readonly needs: string }[];
  readonly activeDispatches: number;
  readonly tokens: number;
}

export interface RelayInfo {
  readonly portfolioId: string;
  readonly isPaused: boolean;
  /** Unix seconds. */
  readonly lastCycleAt: number | null;
  /** Events carried over since the window opened. */
  readonly relayed: number;
  readonly problem: ProblemInfo | null;
}

/** What advancing would do; children upstream first, later ones judged as if earlier ones had done their step. */
export interface PortfolioAdvancePlan {
  readonly portfolio: Run;
  readonly toPhase: string;
  readonly children: readonly PortfolioAdvanceStep[];
  /** As it would be after the children's steps. */
  readonly gate: GateReport;
}

export interface PortfolioAdvanceStep {
  readonly run: Run;
  readonly projectDir: string;
  readonly kind: 'advance' | 'there' | 'ended' | 'paused' | 'blocked' | 'unreadable';
  readonly toPhase: string;
  readonly conditions: readonly GateConditionResult[];
  readonly problem: ProblemInfo | null;
}

export interface PortfolioAdvanceOutcome {
  readonly portfolio: AdvanceOutcome;
  readonly children: readonly {
    readonly run: Run;
    readonly outcome: AdvanceOutcome | null;
    readonly problem: ProblemInfo | null;
  }[];
}

export interface PortfolioCancelPlan {
  readonly portfolio: Run;
  /** The children that are active, with what runs for them. */
  readonly children: readonly {
    readonly run: Run;
    readonly dispatches: readonly Dispatch[];
    readonly problem: ProblemInfo | null;
  }[];
}

export interface PortfolioCancelOutcome {
  readonly portfolio: Run;
  readonly children: readonly { readonly run: Run; readonly problem: ProblemInfo | null }[];
}
