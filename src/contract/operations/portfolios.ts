/**
 * Operations on portfolios (`docs/design/portfolios.md`): runs over runs in the folders of a workspace file. A window
 * without a workspace file has none, and its operations reject with `NO_PORTFOLIO_HOME`.
 */
import * as z from 'zod';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { ErrorCode } from '../../kernel/errors/errors';
import type { GateConditionResult, GateReport, OverrideOutcome } from '../../kernel/gate/model';
import {
  dependencyEdge,
  type Dependency,
  type DependencyEdge,
  type PortfolioOutcome,
} from '../../kernel/portfolio/model';
import { RUN_STATUSES, createRunInput, setRunInput, type AdvanceOutcome, type Run } from '../../kernel/run/model';
import { addArtifactInput, type Artifact } from '../../kernel/tracking/model';

const portfolioId = z.string().min(1).max(128);
const ofPortfolio = { portfolioId };
const reason = z
  .string()
  .max(10_000)
  .refine((text) => text.trim().length > 0, 'it must not be empty');

/** Most folders of one portfolio. */
const MAX_FOLDERS = 1000;

/** The arguments of every operation on portfolios. Folders are absolute paths. */
export const PORTFOLIO_OPERATIONS = {
  /** Folders without a record get one. Dependencies name the folders. */
  'portfolios.create': createRunInput
    .pick({ goal: true, phases: true, complexity: true, tokenBudget: true, budgetWarnPct: true })
    .extend({
      folders: z.array(z.string().min(1)).min(2, 'a portfolio needs at least 2 folders').max(MAX_FOLDERS),
      maxDispatches: setRunInput.shape.maxDispatches,
      dependencies: z.array(dependencyEdge).optional(),
    }),
  'portfolios.list': z.strictObject({ status: z.enum(RUN_STATUSES).optional() }),
  'portfolios.get': z.strictObject(ofPortfolio),
  'portfolios.planAdvance': z.strictObject(ofPortfolio),
  /** `children`: those that are ready advance first, upstream first. */
  'portfolios.advance': z.strictObject({
    ...ofPortfolio,
    children: z.boolean().optional(),
    skipReason: reason.optional(),
  }),
  'portfolios.checkGate': z.strictObject(ofPortfolio),
  'portfolios.overrideGate': z.strictObject({ ...ofPortfolio, reason }),
  'portfolios.planCancel': z.strictObject(ofPortfolio),
  'portfolios.cancel': z.strictObject(ofPortfolio),
  'portfolios.set': setRunInput
    .pick({ goal: true, complexity: true, tokenBudget: true, budgetWarnPct: true, maxDispatches: true })
    .extend(ofPortfolio),
  'portfolios.addDependency': dependencyEdge.extend(ofPortfolio),
  'portfolios.removeDependency': dependencyEdge.extend(ofPortfolio),
  'portfolios.order': z.strictObject(ofPortfolio),
  /** `phase` left out: the portfolio's current one. Paths are absolute and inside a folder of the workspace. */
  'portfolios.addArtifact': z.strictObject({
    ...ofPortfolio,
    paths: z.array(addArtifactInput.shape.path).min(1).max(1000),
    phase: z.string().min(1).max(200).optional(),
    type: addArtifactInput.shape.type,
  }),
  /** `portfolioId` left out: all active ones. */
  'portfolios.relayNow': z.strictObject({ portfolioId: portfolioId.optional() }),
  'portfolios.pauseRelay': z.strictObject(ofPortfolio),
  'portfolios.resumeRelay': z.strictObject(ofPortfolio),
} as const;

/** What each operation resolves with. */
export interface PortfolioResults {
  'portfolios.create': PortfolioOutcome;
  /** Newest first. */
  'portfolios.list': readonly Run[];
  'portfolios.get': PortfolioInfo;
  'portfolios.planAdvance': PortfolioAdvancePlan;
  'portfolios.advance': PortfolioAdvanceOutcome;
  'portfolios.checkGate': GateReport;
  'portfolios.overrideGate': OverrideOutcome;
  'portfolios.planCancel': PortfolioCancelPlan;
  'portfolios.cancel': PortfolioCancelOutcome;
  'portfolios.set': Run;
  'portfolios.addDependency': Dependency;
  /** The dependencies that are left. */
  'portfolios.removeDependency': readonly DependencyEdge[];
  /** The projects that occur in a dependency, upstream first. */
  'portfolios.order': readonly string[];
  'portfolios.addArtifact': readonly Artifact[];
  'portfolios.relayNow': readonly RelayInfo[];
  'portfolios.pauseRelay': RelayInfo;
  'portfolios.resumeRelay': RelayInfo;
}

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
