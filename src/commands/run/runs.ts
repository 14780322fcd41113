/** Commands on runs. */
import {} from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import type { Run } from '../../kernel/run/record/model';
import type { AdvanceOutcome } from '../../kernel/gate/model';
import { confirm, enter } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { createRun, enterGoal } from './createRun';
import { askBudgets } from './enterBudgets';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { oneLine } from '../../window/dialogs/labels';
import { showNext } from './nextSteps';
import { literally } from '../../window/dialogs/present';
import { pickPhase, pickRun, type RunPurpose, type RunTarget } from '../shared/pickers';
import { offerGateReport } from './gates';

export function runCommands(deps: CommandDeps): HandlersOf<'run'> {
  const { api, screen } = deps;
  const anyRun = (title: string, action: string): RunPurpose => ({ title, action });
  const activeRun = (title: string, action: string): RunPurpose => ({ title, action, status: 'active' });
  return {
    'intercore.run.create': (args) => createRun(deps, args),
    'intercore.run.next': (args) => showNext(deps, args),
    'intercore.run.advance': async (args, caller) => {
      const target = await pickRun(deps, args, activeRun(vscode.l10n.t('Advance Run'), 'advance'));
      const outcome = await api.runs.advance({ ...args, folder: target.folder, runId: target.run.id });
      if (caller === 'person' && !outcome.advanced) showStopped(deps, target, outcome);
      return outcome;
    },
    'intercore.run.skip': async (args) => {
      const title = vscode.l10n.t('Skip Phase');
      const { folder, run } = await pickRun(deps, args, activeRun(title, 'skip a phase of'));
      const phase = args.phase ?? (await choosePhaseAhead(run, title));
      const reason = args.reason ?? (await enterReason(title, vscode.l10n.t('Reason for skipping {phase}', { phase })));
      return await api.runs.skip({ folder, runId: run.id, phase, reason });
    },
    'intercore.run.rollback': async (args) => {
      const title = vscode.l10n.t('Roll Run Back');
      const { folder, run } = await pickRun(deps, args, anyRun(title, 'roll back'));
      const toPhase = args.toPhase ?? (await choosePhaseBehind(run, title));
      const plan = await api.runs.planRollback({ folder, runId: run.id, toPhase });
      await confirm(args.confirm, {
        message: literally(
          vscode.l10n.t('Roll “{goal}” back to {phase}?', { goal: oneLine(run.goal), phase: toPhase }),
        ),
        detail: vscode.l10n.t(
          'Artifacts of {phases} no longer count. The agents of the run are marked as failed, and their processes are stopped.',
          { phases: plan.rolledBackPhases.join(', ') },
        ),
        verb: vscode.l10n.t('Roll Back'),
      });
      const reason = args.reason === undefined ? {} : { reason: args.reason };
      return await api.runs.rollback({ folder, runId: run.id, toPhase, ...reason });
    },
    'intercore.run.cancel': async (args) => {
      const { folder, run } = await pickRun(deps, args, activeRun(vscode.l10n.t('Cancel Run'), 'cancel'));
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Cancel “{goal}”?', { goal: oneLine(run.goal) })),
        detail: vscode.l10n.t('The run ends, and its agents are stopped. This cannot be undone.'),
        verb: vscode.l10n.t('Cancel Run'),
      });
      return await api.runs.cancel({ folder, runId: run.id });
    },
    'intercore.run.setGoal': async (args) => {
      const title = vscode.l10n.t('Set Goal');
      const { folder, run } = await pickRun(deps, args, activeRun(title, 'set the goal of'));
      const goal = args.goal ?? (await enterGoal(title, run.goal));
      return await api.runs.set({ folder, runId: run.id, goal });
    },
    'intercore.run.setBudget': async (args) => {
      const title = vscode.l10n.t('Set Budget');
      const { folder, run } = await pickRun(deps, args, activeRun(title, 'set the budget of'));
      const { cost } = await api.budgets.get({ folder, runId: run.id });
      const budgets = await askBudgets(title, args, { tokens: run.tokenBudget, costMicros: cost.limit });
      await api.budgets.set({ folder, runId: run.id, ...budgets });
      return await api.runs.get({ folder, runId: run.id });
    },
    'intercore.run.show': async (args) => {
      const target = await pickRun(deps, args, anyRun(vscode.l10n.t('Show Run'), 'show'));
      return await openOf('run', target);
    },
    'intercore.run.showEvents': async (args) => {
      const target = await pickRun(deps, args, anyRun(vscode.l10n.t('Show Events'), 'show the events of'));
      return await openOf('events', target);
    },
    'intercore.run.reveal': async (args) => {
      const { folder, run } = await pickRun(deps, args, anyRun(vscode.l10n.t('Reveal Run'), 'reveal'));
      await screen.revealRun(folder, run.id);
      return run.id;
    },
    'intercore.run.copyId': async (args) => {
      const { run } = await pickRun(deps, args, anyRun(vscode.l10n.t('Copy Run Id'), 'copy the id of'));
      await vscode.env.clipboard.writeText(run.id);
      return run.id;
    },
  };
}

async function openOf(kind: 'run' | 'events', { folder, run }: RunTarget): Promise<string> {
  await openDocument({ kind, folder, runId: run.id });
  return run.id;
}

/** Reports that the run did not advance, as its row and the status bar do, without blocking. */
function showStopped(deps: CommandDeps, target: RunTarget, outcome: AdvanceOutcome): void {
  if (outcome.eventType === 'block') {
    const failed = outcome.conditions.filter(({ result }) => result === 'fail').length;
    const place = { id: target.run.id, phase: outcome.fromPhase, failed, all: outcome.conditions.length };
    offerGateReport(
      deps,
      target,
      vscode.l10n.t('Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.', place),
    );
  } else {
    const place = { id: target.run.id, phase: outcome.fromPhase };
    inBackground(deps.log, 'showing a pause', () =>
      vscode.window.showInformationMessage(vscode.l10n.t('Run {id} is paused in {phase}.', place)),
    );
  }
}

export async function enterReason(title: string, placeholder: string): Promise<string> {
  return await enter({
    title,
    placeholder,
    problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter a reason.') : undefined),
  });
}

/** Only phases between the current and the last can be skipped. */
async function choosePhaseAhead(run: Run, title: string): Promise<string> {
  const ahead = run.phases.slice(run.phases.indexOf(run.phase) + 1, -1);
  return await pickPhase(ahead, {
    title,
    placeholder: vscode.l10n.t('Select a phase to skip'),
  });
}

async function choosePhaseBehind(run: Run, title: string): Promise<string> {
  const behind = run.phases.slice(0, Math.max(0, run.phases.indexOf(run.phase)));
  return await pickPhase([...behind].reverse(), {
    title,
    placeholder: vscode.l10n.t('Select the phase to roll back to'),
  });
}
