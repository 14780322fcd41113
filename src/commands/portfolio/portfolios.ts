/** Commands on portfolios. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { PortfolioInfo } from '../../contract/results/portfolios';
import type { Run } from '../../kernel/run/record/model';
import { advancePortfolio } from './advancePortfolio';
import { cancelPortfolio } from './cancelPortfolio';
import { createPortfolio, enterLimit } from './createPortfolio';
import { requireTrust } from '../../services/operations/host';
import { portfoliosOf } from '../../services/operations/portfolioHost';
import { restoreNewestBackup } from '../general/backups';
import { askBudgets } from '../run/enterBudgets';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { addDependency, removeDependency } from './portfolioDependencies';
import { pickPortfolio } from './portfolioPickers';
import { chooseFiles } from '../run/records';
import { enterReason } from '../run/runs';

const isActive = (run: Run) => run.status === 'active';

export function portfolioCommands(deps: CommandDeps): HandlersOf<'portfolio'> {
  const { api, screen } = deps;
  const any = (id: string | undefined, title: string, action: string) => pickPortfolio(deps, id, { title, action });
  return {
    'intercore.portfolio.create': (args) => createPortfolio(deps, args),
    'intercore.portfolio.advance': (args, caller) => advancePortfolio(deps, args, caller),
    'intercore.portfolio.cancel': (args, caller) => cancelPortfolio(deps, args, caller),
    'intercore.portfolio.addDependency': (args) => addDependency(deps, args),
    'intercore.portfolio.removeDependency': (args) => removeDependency(deps, args),
    'intercore.portfolio.addArtifact': (args) => addArtifact(deps, args),
    'intercore.portfolio.setBudget': (args) => setBudget(deps, args),
    'intercore.portfolio.setLimit': (args) => setLimit(deps, args),
    'intercore.portfolio.checkGate': async (args) => {
      const { portfolio } = await activePortfolio(
        deps,
        args.portfolioId,
        vscode.l10n.t('Check Portfolio Gate'),
        'check the gate of',
      );
      const report = await api.portfolios.checkGate({ portfolioId: portfolio.id });
      await openDocument({ kind: 'portfolioGate', portfolioId: portfolio.id });
      return report;
    },
    'intercore.portfolio.overrideGate': async (args) => {
      const title = vscode.l10n.t('Override Portfolio Gate');
      const { portfolio } = await activePortfolio(deps, args.portfolioId, title, 'override the gate of');
      const question = vscode.l10n.t('Reason for overriding the gate of portfolio {id}. It is stored as evidence.', {
        id: portfolio.id,
      });
      const reason = args.reason ?? (await enterReason(title, question));
      return await api.portfolios.overrideGate({ portfolioId: portfolio.id, reason });
    },
    'intercore.portfolio.show': async (args) => {
      const { portfolio } = await any(args.portfolioId, vscode.l10n.t('Show Portfolio'), 'show');
      await openDocument({ kind: 'portfolio', portfolioId: portfolio.id });
      return portfolio.id;
    },
    'intercore.portfolio.showGraph': async (args) => {
      const { portfolio } = await any(args.portfolioId, vscode.l10n.t('Show Dependency Graph'), 'show the graph of');
      screen.showGraph(portfolio.id);
      return portfolio.id;
    },
    'intercore.portfolio.reveal': async (args) => {
      const { portfolio } = await any(args.portfolioId, vscode.l10n.t('Reveal Portfolio'), 'reveal');
      await screen.revealPortfolio(portfolio.id);
      return portfolio.id;
    },
    'intercore.portfolio.copyId': async (args) => {
      const { portfolio } = await any(args.portfolioId, vscode.l10n.t('Copy Portfolio Id'), 'copy the id of');
      await vscode.env.clipboard.writeText(portfolio.id);
      return portfolio.id;
    },
    'intercore.portfolio.restoreBackup': async (args) => {
      requireTrust(deps.host, 'restore a backup');
      const { home } = portfoliosOf(deps.host, 'restore a backup');
      await home.load();
      return await restoreNewestBackup(home.kernel, args.confirm);
    },
    'intercore.portfolio.relayNow': async (args) => await api.portfolios.relayNow(args),
    'intercore.portfolio.pauseRelay': async (args) => {
      const isRunning = (run: Run) => isActive(run) && !isPaused(deps, run);
      const purpose = { title: vscode.l10n.t('Pause Relay'), action: 'pause the relay of', suits: isRunning };
      const { portfolio } = await pickPortfolio(deps, args.portfolioId, purpose);
      return await api.portfolios.pauseRelay({ portfolioId: portfolio.id });
    },
    'intercore.portfolio.resumeRelay': async (args) => {
      const suits = (run: Run) => isActive(run) && isPaused(deps, run);
      const purpose = { title: vscode.l10n.t('Resume Relay'), action: 'resume the relay of', suits };
      const { portfolio } = await pickPortfolio(deps, args.portfolioId, purpose);
      return await api.portfolios.resumeRelay({ portfolioId: portfolio.id });
    },
  };
}

function isPaused({ host }: CommandDeps, run: Run): boolean {
  return host.portfolios?.relays.state(run.id).isPaused ?? false;
}

async function setBudget(deps: CommandDeps, args: CommandArgs<'intercore.portfolio.setBudget'>): Promise<Run> {
  const title = vscode.l10n.t('Set Portfolio Budget');
  const { portfolio } = await activePortfolio(deps, args.portfolioId, title, 'set the budget of');
  const { budgets } = deps.api;
  const { cost } = await budgets.get({ portfolioId: portfolio.id });
  const asked = await askBudgets(title, args, { tokens: portfolio.tokenBudget, costMicros: cost.limit });
  await budgets.set({ portfolioId: portfolio.id, ...asked });
  return (await deps.api.portfolios.get({ portfolioId: portfolio.id })).portfolio;
}

/** An empty answer takes the limit away. */
async function setLimit(deps: CommandDeps, args: CommandArgs<'intercore.portfolio.setLimit'>): Promise<Run> {
  const title = vscode.l10n.t('Set Dispatch Limit');
  const { portfolio } = await activePortfolio(deps, args.portfolioId, title, 'set the limit of');
  const maxDispatches = args.maxDispatches ?? (await enterLimit(title, portfolio.maxDispatches)) ?? 0;
  return await deps.api.portfolios.set({ portfolioId: portfolio.id, maxDispatches });
}

async function addArtifact(deps: CommandDeps, args: CommandArgs<'intercore.portfolio.addArtifact'>): Promise<unknown> {
  const title = vscode.l10n.t('Add Portfolio Artifact');
  const { portfolio } = await activePortfolio(deps, args.portfolioId, title, 'add artifacts to');
  const paths = args.paths ?? (await chooseFiles(title, deps.api.folders()[0]?.folder));
  return await deps.api.portfolios.addArtifact({ ...args, portfolioId: portfolio.id, paths });
}

async function activePortfolio(
  deps: CommandDeps,
  id: string | undefined,
  title: string,
  action: string,
): Promise<PortfolioInfo> {
  return await pickPortfolio(deps, id, { title, action, suits: isActive });
}
