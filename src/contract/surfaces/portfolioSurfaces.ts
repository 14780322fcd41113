/** Where the operations on portfolios are reached. */
import type { OperationName } from '../operations/api';
import type { Surface } from './surfaceModel';

type Names = Extract<OperationName, `portfolios.${string}`>;

const PLAN = { not: 'ic asks nothing, so it needs no plan before' };
const WINDOW_RELAY = { not: 'the relay that is paused belongs to a window' };

export const PORTFOLIO_SURFACES: { readonly [N in Names]: Surface } = {
  'portfolios.create': {
    effect: 'change',
    decides: 'anyone',
    about: 'Creates a run over several folders, with a run in each. A folder without a record gets one.',
    command: 'intercore.portfolio.create',
    ic: 'run create',
    icArguments: { folders: '--projects', dependencies: { not: 'ic portfolio dep add adds them afterwards' } },
  },
  'portfolios.list': {
    effect: 'read',
    decides: 'anyone',
    about: 'The portfolios of a workspace, newest first.',
    command: { not: 'the Portfolio view shows it' },
    ic: 'run list',
    icArguments: { status: '--active' },
  },
  'portfolios.get': {
    effect: 'read',
    decides: 'anyone',
    about: 'A portfolio with its children, what each waits for, and its relay.',
    command: 'intercore.portfolio.show',
    ic: 'portfolio status',
  },
  'portfolios.planAdvance': {
    effect: 'read',
    decides: 'anyone',
    about: 'What advancing a portfolio would do to it and to its children. Nothing changes.',
    command: { not: 'intercore.portfolio.advance shows it before it asks' },
    ic: PLAN,
  },
  'portfolios.advance': {
    effect: 'change',
    decides: 'anyone',
    about: 'Takes a portfolio to its next phase if its gate lets it; with children, those that are ready go first.',
    command: 'intercore.portfolio.advance',
    ic: 'run advance',
    icArguments: { portfolioId: '<run>', children: { not: 'ic run advance takes one run at a time' } },
  },
  'portfolios.checkGate': {
    effect: 'read',
    decides: 'anyone',
    about: 'Judges the gate before the next phase of a portfolio. Nothing changes.',
    command: 'intercore.portfolio.checkGate',
    ic: 'gate check',
    icArguments: { portfolioId: '<run>' },
  },
  'portfolios.overrideGate': {
    effect: 'change',
    decides: 'person',
    about: 'Takes a portfolio through a gate that is red. The reason and who gave it are kept.',
    command: 'intercore.portfolio.overrideGate',
    ic: 'gate override',
    icArguments: { portfolioId: '<run>' },
  },
  'portfolios.planCancel': {
    effect: 'read',
    decides: 'anyone',
    about: 'Which runs and agents cancelling a portfolio would end. Nothing changes.',
    command: { not: 'intercore.portfolio.cancel shows it before it asks' },
    ic: PLAN,
  },
  'portfolios.cancel': {
    effect: 'destroy',
    decides: 'person',
    about: 'Ends a portfolio for good, with its children and their agents.',
    command: 'intercore.portfolio.cancel',
    ic: 'run cancel',
    icArguments: { portfolioId: '<run>' },
  },
  'portfolios.set': {
    effect: 'change',
    decides: { personGives: ['tokenBudget', 'budgetWarnPct', 'maxDispatches'] },
    about: 'Changes the goal, complexity, budget or dispatch limit of a portfolio. What is left out stays.',
    command: 'intercore.portfolio.setBudget',
    ic: 'run set',
    icArguments: {
      portfolioId: '<run>',
      goal: { not: 'the original has no way to change it' },
      tokenBudget: { not: 'it is given to ic run create' },
      budgetWarnPct: { not: 'it is given to ic run create' },
    },
  },
  'portfolios.addDependency': {
    effect: 'change',
    decides: 'anyone',
    about: 'Lets one project of a portfolio wait for another.',
    command: 'intercore.portfolio.addDependency',
    ic: 'portfolio dep add',
  },
  'portfolios.removeDependency': {
    effect: 'destroy',
    decides: 'person',
    about: 'Lets a project of a portfolio wait for another no more.',
    command: 'intercore.portfolio.removeDependency',
    ic: 'portfolio dep remove',
  },
  'portfolios.order': {
    effect: 'read',
    decides: 'anyone',
    about: 'The projects of a portfolio that occur in a dependency, upstream first.',
    command: 'intercore.portfolio.showGraph',
    ic: 'portfolio order',
  },
  'portfolios.addArtifact': {
    effect: 'change',
    decides: 'anyone',
    about: 'Records files of any folder of the workspace as artifacts of a portfolio.',
    command: 'intercore.portfolio.addArtifact',
    ic: 'run artifact add',
    icArguments: { portfolioId: '<run>', paths: '--path' },
  },
  'portfolios.relayNow': {
    effect: 'change',
    decides: 'anyone',
    about: 'Carries new events of the children over into their portfolio at once.',
    command: 'intercore.portfolio.relayNow',
    ic: 'portfolio relay',
  },
  'portfolios.pauseRelay': {
    effect: 'change',
    decides: 'person',
    about: 'Keeps a relay from carrying events over until it is resumed.',
    command: 'intercore.portfolio.pauseRelay',
    ic: WINDOW_RELAY,
    mcp: WINDOW_RELAY,
  },
  'portfolios.resumeRelay': {
    effect: 'change',
    decides: 'person',
    about: 'Lets a paused relay go on.',
    command: 'intercore.portfolio.resumeRelay',
    ic: WINDOW_RELAY,
    mcp: WINDOW_RELAY,
  },
};
