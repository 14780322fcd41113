/** Cancel Portfolio: one question that lists what ends with it. */
import { shownReason } from '../../kernel/errors/shownReason';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { PortfolioCancelOutcome, PortfolioCancelPlan } from '../../contract/results/portfolios';
import { confirm } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { CommandDeps } from '../shared/deps';
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
  if (caller === 'person') showLeft(deps, outcome);
  return outcome;
}

function detailOf({ children }: PortfolioCancelPlan): string {
  const lines = children.flatMap(({ run, dispatches, problem }) => {
    const at = { project: path.basename(run.projectDir), phase: run.phase };
    const child =
      problem === null
        ? vscode.l10n.t('{project}, in {phase}', at)
        : vscode.l10n.t('{project}: cannot be read, not changed', at);
    const stopped = dispatches.map((dispatch) =>
      vscode.l10n.t('Dispatch {name} is stopped', { name: oneLine(dispatch.name ?? dispatch.id) }),
    );
    return [`• ${child}`, ...stopped.map((line) => `   – ${line}`)];
  });
  const more = lines.length - MOST_LINES;
  if (lines.length === 0) return vscode.l10n.t('The portfolio ends. All its child runs have already ended.');
  return [
    vscode.l10n.t('The portfolio ends, and these child runs are canceled:'),
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [vscode.l10n.t('and {0} more', more)] : []),
  ].join('\n');
}

function showLeft(deps: CommandDeps, { children }: PortfolioCancelOutcome): void {
  const left = children.filter(({ problem }) => problem !== null);
  if (left.length === 0) return;
  const names = left.map(
    ({ run, problem }) => `${path.basename(run.projectDir)} (${shownReason(vscode.l10n, problem?.message ?? '')})`,
  );
  inBackground(deps.log, 'showing what was not canceled', () =>
    vscode.window.showWarningMessage(
      literally(
        vscode.l10n.t('These runs were not canceled in their own databases: {names}.', { names: names.join(', ') }),
      ),
    ),
  );
}
