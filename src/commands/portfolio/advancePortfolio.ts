/** Advance Portfolio: shows the effect on each child and on the gate, and asks whether the children advance too. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type {
  PortfolioAdvanceOutcome,
  PortfolioAdvancePlan,
  PortfolioAdvanceStep,
} from '../../contract/results/portfolios';
import type { GateReport, ProjectBehind } from '../../kernel/gate/model';
import { choose, separator, type Choice } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { oneLine, plain } from '../../window/dialogs/labels';
import { pickPortfolio } from './portfolioPickers';
import { literally } from '../../window/dialogs/present';

export async function advancePortfolio(
  deps: CommandDeps,
  args: CommandArgs<'intercore.portfolio.advance'>,
  caller: 'person' | 'program',
): Promise<PortfolioAdvanceOutcome> {
  const { portfolio } = await pickPortfolio(deps, args.portfolioId, {
    title: vscode.l10n.t('Advance Portfolio'),
    action: 'advance',
    suits: ({ status }) => status === 'active',
  });
  const portfolioId = portfolio.id;
  const children = args.children ?? (await chooseExtent(await deps.api.portfolios.planAdvance({ portfolioId })));
  const outcome = await deps.api.portfolios.advance({ ...args, portfolioId, children });
  if (caller === 'person') showStuck(deps, portfolioId, outcome);
  return outcome;
}

/** Whether children advance first; the plan is below the answers. */
async function chooseExtent(plan: PortfolioAdvancePlan): Promise<boolean> {
  const moving = plan.children.filter(({ kind }) => kind === 'advance').length;
  const together: Choice<boolean> = {
    iconPath: new vscode.ThemeIcon('run-all'),
    label: vscode.l10n.t('Advance Children and Portfolio'),
    description: extentWords(plan, moving),
    value: true,
  };
  const alone: Choice<boolean> = {
    iconPath: new vscode.ThemeIcon('arrow-right'),
    label: vscode.l10n.t('Advance Portfolio Only'),
    description: `${plan.portfolio.phase} → ${plan.toPhase}`,
    value: false,
  };
  return await choose(
    {
      title: vscode.l10n.t('Advance “{goal}” to {phase}', { goal: oneLine(plan.portfolio.goal), phase: plan.toPhase }),
      placeholder: vscode.l10n.t('Advance the children that are ready first?'),
    },
    [
      ...(moving === 0 ? [alone] : [together, alone]),
      separator(vscode.l10n.t('Effect on each child, in order')),
      ...plan.children.map(stepItem),
    ],
  );
}

function stepItem(step: PortfolioAdvanceStep): vscode.QuickPickItem {
  const { icon, words } = stepWords(step);
  const why = shownReason(vscode.l10n, step.problem?.message ?? failedDetails(step).join('; '));
  return {
    iconPath: new vscode.ThemeIcon(icon),
    label: plain(path.basename(step.projectDir)),
    description: words,
    ...(why === '' ? {} : { detail: plain(why) }),
  };
}

function stepWords({ kind, run, toPhase }: PortfolioAdvanceStep): { readonly icon: string; readonly words: string } {
  switch (kind) {
    case 'advance':
      return { icon: 'arrow-right', words: `${run.phase} → ${toPhase}` };
    case 'there':
      return { icon: 'check', words: vscode.l10n.t('already in {phase}', { phase: run.phase }) };
    case 'ended':
      return { icon: 'circle-slash', words: vscode.l10n.t('ended: {status}', { status: run.status }) };
    case 'paused':
      return {
        icon: 'debug-pause',
        words: vscode.l10n.t('stays in {phase}: it does not advance automatically', { phase: run.phase }),
      };
    case 'blocked':
      return { icon: 'lock', words: vscode.l10n.t('stays in {phase}: its gate is red', { phase: run.phase }) };
    case 'unreadable':
      return { icon: 'error', words: vscode.l10n.t('cannot be read') };
  }
}

function failedDetails({ conditions }: Pick<GateReport, 'conditions'>): string[] {
  return conditions
    .filter(({ result }) => result === 'fail')
    .map(({ check, detail, behind }) => behind?.map(behindWords).join(', ') ?? detail ?? check);
}

function behindWords({ project, phase, problem }: ProjectBehind): string {
  return `${path.basename(project)}: ${problem ?? phase}`;
}

/** How many children advance, and how the gate of the portfolio is afterwards. */
function extentWords({ children, gate: { result, conditions } }: PortfolioAdvancePlan, moving: number): string {
  const counts = { moving, all: children.length };
  switch (result) {
    case 'pass':
      return inWords(vscode.l10n, '{moving} of {all} children advance; the gate is then green', counts);
    case 'fail':
      return inWords(
        vscode.l10n,
        '{moving} of {all} children advance; conditions of the gate that are then not met: {failed} of {checked}',
        {
          ...counts,
          failed: conditions.filter((condition) => condition.result === 'fail').length,
          checked: conditions.length,
        },
      );
    case 'none':
      return inWords(vscode.l10n, '{moving} of {all} children advance; the portfolio has no gate', counts);
  }
}

function stayWords(id: string, portfolio: PortfolioAdvanceOutcome['portfolio']): string {
  const at = { id, phase: portfolio.fromPhase };
  return portfolio.eventType === 'pause'
    ? vscode.l10n.t('Portfolio {id} is paused in {phase}.', at)
    : inWords(vscode.l10n, 'Portfolio {id} stays in {phase}: {problems}.', {
        ...at,
        problems: shownReason(vscode.l10n, failedDetails(portfolio).join('; ')),
      });
}

/** Reports what did not advance, without holding anything up. What advanced is seen in the view. */
function showStuck(deps: CommandDeps, portfolioId: string, { portfolio, children }: PortfolioAdvanceOutcome): void {
  const stuck = children.filter(({ outcome, problem }) => problem !== null || outcome?.advanced === false);
  if (portfolio.advanced && stuck.length === 0) return;
  const names = stuck.map(({ run, problem }) => childWords(path.basename(run.projectDir), problem?.message));
  const said = [
    portfolio.advanced
      ? vscode.l10n.t('Portfolio {id} advanced to {phase}.', { id: portfolioId, phase: portfolio.toPhase })
      : stayWords(portfolioId, portfolio),
    ...(names.length === 0 ? [] : [vscode.l10n.t('Not advanced: {names}.', { names: names.join(', ') })]),
  ];
  inBackground(deps.log, 'showing how a portfolio advanced', async () => {
    const show = vscode.l10n.t('Show Report');
    const override = vscode.l10n.t('Override…');
    const answers = portfolio.eventType === 'block' ? [show, override] : [show];
    const chosen = await vscode.window.showWarningMessage(literally(said.join(' ')), ...answers);
    const row = { kind: 'portfolio', id: portfolioId, portfolioId };
    if (chosen === show) await openDocument({ kind: 'portfolioGate', portfolioId });
    if (chosen === override) await vscode.commands.executeCommand('intercore.portfolio.overrideGate', row);
  });
}

function childWords(name: string, problem: string | undefined): string {
  return problem === undefined ? name : `${name} (${shownReason(vscode.l10n, problem)})`;
}
