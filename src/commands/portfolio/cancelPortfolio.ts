/** Cancel Portfolio: one question that lists all that goes with it. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/operations/commands';
import type { PortfolioCancelOutcome, PortfolioCancelPlan } from '../../contract/results/portfolios';
import { confirm } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { CommandDeps } from '../deps';
import { oneLine } from '../../window/dialogs/labels';
import { pickPortfolio } from './portfolioPickers';
import { literally } from '../../window/dialogs/present';

/** So many lines fit in a question; the rest is counted. */
const MOST_LINES = 20;

export async function cancelPortfolio(
  deps: CommandDeps,
  args: CommandArgs<'intercore.portfolio.cancel'>,
  caller: 'person' | 'program',
): Promise<PortfolioCancelOutcome> {
  const { portfolio } = await pickPortfolio(deps, args.portfolioId, {
    title: vscode.l10n.t('Cancel Portfolio'),
    action: 'cancel',
    suits: ({ status }) => status === 'active',
  });
  const portfolioId = portfolio.id;
  if (args.confirm === undefined) {
    const plan = await deps.api.portfolios.planCancel({ portfolioId });
    await confirm(args.confirm, {
      message: literally(vscode.l10n.t('Cancel portfolio “{goal}”?', { goal: oneLine(portfolio.goal) })),
      detail: literally(detailOf(plan)),
      verb: vscode.l10n.t('Cancel Portfolio'),
    });
  }
  const outcome = await deps.api.portfolios.cancel({ portfolioId });
  if (caller === 'person') tellLeft(deps, outcome);
  return outcome;
}

function detailOf({ children }: PortfolioCancelPlan): string {
  const lines = children.flatMap(({ run, dispatches, problem }) => {
    const place = { project: path.basename(run.projectDir), phase: run.phase };
    return [
      problem === null
        ? vscode.l10n.t('• {project}, in {phase}', place)
        : vscode.l10n.t('• {project} cannot be read and stays as it is', place),
      ...dispatches.map((dispatch) =>
        vscode.l10n.t('   – dispatch {name} is stopped', { name: oneLine(dispatch.name ?? dispatch.id) }),
      ),
    ];
  });
  const more = lines.length - MOST_LINES;
  return [
    vscode.l10n.t('A cancelled portfolio goes no further. With it go the runs of:'),
    ...(lines.length === 0 ? [vscode.l10n.t('no folder; all its children have ended')] : lines.slice(0, MOST_LINES)),
    ...(more > 0 ? [vscode.l10n.t('… and {more} more', { more })] : []),
  ].join('\n');
}

function tellLeft(deps: CommandDeps, { children }: PortfolioCancelOutcome): void {
  const left = children.filter(({ problem }) => problem !== null);
  if (left.length === 0) return;
  const names = left.map(({ run, problem }) => `${path.basename(run.projectDir)} (${problem?.message ?? ''})`);
  inBackground(deps.log, 'telling what was not cancelled', () =>
    vscode.window.showWarningMessage(
      literally(vscode.l10n.t('Not cancelled in their own database: {names}.', { names: names.join(', ') })),
    ),
  );
}
