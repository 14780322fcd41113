/** Operations on portfolios: runs over runs in the folders of a workspace file (`docs/design/portfolios.md`). A window without a workspace
 * file has none, and its operations reject with `NO_PORTFOLIO_HOME`. Folders are absolute paths. */
import * as z from 'zod';
import type { GateReport, OverrideOutcome } from '../../kernel/gate/model';
import {
  dependencyEdge,
  type Dependency,
  type DependencyEdge,
  type PortfolioOutcome,
} from '../../kernel/portfolio/model';
import { RUN_STATUSES, createRunInput, setRunInput, type Run } from '../../kernel/run/record/model';
import { addArtifactInput, type Artifact } from '../../kernel/tracking/model';
import type {
  PortfolioAdvanceOutcome,
  PortfolioAdvancePlan,
  PortfolioCancelOutcome,
  PortfolioCancelPlan,
  PortfolioInfo,
  RelayInfo,
} from '../results/portfolios';
import { costLimit, ofPortfolio, portfolioId, reason, somePortfolio } from '../declarations/arguments';
import { confirm, operation, resultOf, type Gestures } from '../declarations/operation';
import { ACTIVE_PORTFOLIO, SOME_PORTFOLIO } from '../declarations/ways';

const PLAN = { not: 'ic asks nothing, so it needs no plan before' };
const WINDOW_RELAY = { not: 'the relay that is paused belongs to a window' };

/** Most folders of one portfolio. */
const MAX_FOLDERS = 1000;

export const PORTFOLIO_OPERATIONS = {
  /** Folders without a record get one. Dependencies name the folders. */
  'portfolios.create': operation({
    args: createRunInput
      .pick({ goal: true, phases: true, complexity: true, tokenBudget: true, budgetWarnPct: true })
      .extend({
        folders: z.array(z.string().min(1)).min(2, 'a portfolio needs at least 2 folders').max(MAX_FOLDERS),
        maxDispatches: setRunInput.shape.maxDispatches,
        dependencies: z.array(dependencyEdge).optional(),
      }),
    result: resultOf<PortfolioOutcome>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Creates a run across several folders, with a child run in each. A folder without a record gets one.',
    command: {
      id: 'intercore.portfolio.create',
      title: 'Create Portfolio Run…',
      palette: 'intercore.portfolioPossible',
    },
    ic: 'run create',
    icArguments: { folders: '--projects', dependencies: { not: 'ic portfolio dep add adds them afterwards' } },
  }),
  'portfolios.list': operation({
    args: z.strictObject({ status: z.enum(RUN_STATUSES).optional() }),
    /** Newest first. */
    result: resultOf<readonly Run[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The portfolios of a workspace, newest first.',
    command: { not: 'the Portfolio view shows it' },
    ic: 'run list',
    icArguments: { status: '--active' },
  }),
  'portfolios.get': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<PortfolioInfo>(),
    effect: 'read',
    decides: 'anyone',
    about: 'A portfolio with its child runs, their dependencies, and its relay.',
    command: { id: 'intercore.portfolio.show', title: 'Show Portfolio', palette: SOME_PORTFOLIO },
    ic: 'portfolio status',
  }),
  'portfolios.planAdvance': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<PortfolioAdvancePlan>(),
    effect: 'read',
    decides: 'anyone',
    about: 'What advancing a portfolio would do to it and its child runs. Changes nothing.',
    command: { not: 'intercore.portfolio.advance shows it before it asks' },
    ic: PLAN,
  }),
  /** `children`: those that are ready advance first, upstream first. */
  'portfolios.advance': operation({
    args: z.strictObject({
      ...ofPortfolio,
      children: z.boolean().optional(),
      skipReason: reason.optional(),
    }),
    result: resultOf<PortfolioAdvanceOutcome>(),
    effect: 'change',
    decides: 'anyone',
    about:
      'Advances a portfolio to its next phase if its gate passes. With children, child runs that are ready advance first.',
    /** `children` left out: shows what advancing would do and asks. */
    command: { id: 'intercore.portfolio.advance', title: 'Advance Portfolio…', palette: ACTIVE_PORTFOLIO },
    ic: 'run advance',
    icArguments: { portfolioId: '<run>', children: { not: 'ic run advance takes one run at a time' } },
  }),
  'portfolios.checkGate': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<GateReport>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Evaluates the gate before the next phase of a portfolio. Changes nothing.',
    command: {
      id: 'intercore.portfolio.checkGate',
      title: 'Check Portfolio Gate',
      palette: 'intercore.portfolioActive',
    },
    ic: 'gate check',
    icArguments: { portfolioId: '<run>' },
  }),
  'portfolios.overrideGate': operation({
    args: z.strictObject({ ...ofPortfolio, reason }),
    result: resultOf<OverrideOutcome>(),
    effect: 'change',
    decides: 'person',
    about: 'Advances a portfolio through a red gate. The reason and the person who gave it are stored.',
    command: { id: 'intercore.portfolio.overrideGate', title: 'Override Portfolio Gate…', palette: ACTIVE_PORTFOLIO },
    ic: 'gate override',
    icArguments: { portfolioId: '<run>' },
  }),
  'portfolios.planCancel': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<PortfolioCancelPlan>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The runs and agents that canceling a portfolio would end. Changes nothing.',
    command: { not: 'intercore.portfolio.cancel shows it before it asks' },
    ic: PLAN,
  }),
  'portfolios.cancel': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<PortfolioCancelOutcome>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Permanently ends a portfolio with its child runs and their agents.',
    command: { id: 'intercore.portfolio.cancel', title: 'Cancel Portfolio…', palette: ACTIVE_PORTFOLIO, confirm: true },
    ic: 'run cancel',
    icArguments: { portfolioId: '<run>' },
  }),
  'portfolios.set': operation({
    args: setRunInput
      .pick({ goal: true, complexity: true, tokenBudget: true, budgetWarnPct: true, maxDispatches: true })
      .extend(ofPortfolio),
    result: resultOf<Run>(),
    effect: 'change',
    decides: { personGives: ['tokenBudget', 'budgetWarnPct', 'maxDispatches'] },
    about: 'Changes the goal, complexity, budget, or dispatch limit of a portfolio. Omitted values are not changed.',
    command: {
      id: 'intercore.portfolio.setBudget',
      title: 'Set Portfolio Budget…',
      palette: ACTIVE_PORTFOLIO,
      args: setRunInput
        .pick({ tokenBudget: true, budgetWarnPct: true })
        .extend({ ...ofPortfolio, costBudgetUsd: costLimit })
        .partial(),
    },
    ic: 'run set',
    icArguments: {
      portfolioId: '<run>',
      goal: { not: 'the original has no way to change it' },
      tokenBudget: { not: 'it is given to ic run create' },
      budgetWarnPct: { not: 'it is given to ic run create' },
    },
  }),
  'portfolios.addDependency': operation({
    args: dependencyEdge.extend(ofPortfolio),
    result: resultOf<Dependency>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Makes one project of a portfolio depend on another.',
    command: { id: 'intercore.portfolio.addDependency', title: 'Add Dependency…', palette: ACTIVE_PORTFOLIO },
    ic: 'portfolio dep add',
  }),
  'portfolios.removeDependency': operation({
    args: dependencyEdge.extend(ofPortfolio),
    /** The dependencies that are left. */
    result: resultOf<readonly DependencyEdge[]>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Removes a dependency between two projects of a portfolio.',
    command: { id: 'intercore.portfolio.removeDependency', title: 'Remove Dependency…', palette: ACTIVE_PORTFOLIO },
    ic: 'portfolio dep remove',
  }),
  'portfolios.order': operation({
    args: z.strictObject(ofPortfolio),
    /** The projects that occur in a dependency, upstream first. */
    result: resultOf<readonly string[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The projects of a portfolio that have dependencies, upstream first.',
    command: { id: 'intercore.portfolio.showGraph', title: 'Show Dependency Graph', palette: SOME_PORTFOLIO },
    ic: 'portfolio order',
  }),
  /** `phase` left out: the portfolio's current one. Paths are absolute and inside a folder of the workspace. */
  'portfolios.addArtifact': operation({
    args: z.strictObject({
      ...ofPortfolio,
      paths: z.array(addArtifactInput.shape.path).min(1).max(1000),
      phase: z.string().min(1).max(200).optional(),
      type: addArtifactInput.shape.type,
    }),
    result: resultOf<readonly Artifact[]>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Records files in any folder of the workspace as artifacts of a portfolio.',
    command: { id: 'intercore.portfolio.addArtifact', title: 'Add Portfolio Artifact…', palette: ACTIVE_PORTFOLIO },
    ic: 'run artifact add',
    icArguments: { portfolioId: '<run>', paths: '--path' },
  }),
  /** `portfolioId` left out: all active ones. */
  'portfolios.relayNow': operation({
    args: z.strictObject({ portfolioId: portfolioId.optional() }),
    result: resultOf<readonly RelayInfo[]>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Relays new events of the child runs to their portfolio immediately.',
    /** No portfolio named: all active ones. */
    command: { id: 'intercore.portfolio.relayNow', title: 'Relay Now', palette: ACTIVE_PORTFOLIO },
    ic: 'portfolio relay',
  }),
  'portfolios.pauseRelay': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<RelayInfo>(),
    effect: 'change',
    decides: 'person',
    about: 'Pauses a relay until it is resumed.',
    command: {
      id: 'intercore.portfolio.pauseRelay',
      title: 'Pause Relay',
      palette: 'intercore.relayRunning',
      changes: false,
    },
    ic: WINDOW_RELAY,
    mcp: WINDOW_RELAY,
  }),
  'portfolios.resumeRelay': operation({
    args: z.strictObject(ofPortfolio),
    result: resultOf<RelayInfo>(),
    effect: 'change',
    decides: 'person',
    about: 'Resumes a paused relay.',
    command: {
      id: 'intercore.portfolio.resumeRelay',
      title: 'Resume Relay',
      palette: 'intercore.relayPaused',
      changes: false,
    },
    ic: WINDOW_RELAY,
    mcp: WINDOW_RELAY,
  }),
};

/** Commands that do no operation. */
export const PORTFOLIO_GESTURES = {
  'intercore.portfolio.setLimit': {
    title: 'Set Dispatch Limit…',
    palette: ACTIVE_PORTFOLIO,
    args: setRunInput.pick({ maxDispatches: true }).extend(ofPortfolio).partial(),
    changes: true,
  },
  'intercore.portfolio.restoreBackup': {
    title: 'Restore Portfolio Backup…',
    palette: 'isWorkspaceTrusted && intercore.portfolioBackupPresent',
    args: z.strictObject({ confirm }),
    changes: true,
  },
  'intercore.portfolio.reveal': {
    title: 'Reveal Portfolio',
    palette: SOME_PORTFOLIO,
    args: somePortfolio,
    changes: false,
  },
  'intercore.portfolio.copyId': {
    title: 'Copy Portfolio Id',
    palette: SOME_PORTFOLIO,
    args: somePortfolio,
    changes: false,
  },
} as const satisfies Gestures;
