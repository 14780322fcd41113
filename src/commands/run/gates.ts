/** Commands on gates. */
import * as vscode from 'vscode';
import type { PhaseEvent } from '../../kernel/run/record/model';
import { KernelError } from '../../kernel/errors/errors';
import { choose, enter } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { literally } from '../../window/dialogs/present';
import { pickRun, type RunTarget } from '../shared/pickers';
import { noneAvailable } from '../shared/noneAvailable';

export function gateCommands(deps: CommandDeps): HandlersOf<'gate'> {
  const { api } = deps;
  return {
    'intercore.gate.check': async (args) => {
      const title = vscode.l10n.t('Check Gate');
      const { folder, run } = await pickRun(deps, args, { title, action: 'check the gate of', status: 'active' });
      const report = await api.gates.check({ folder, runId: run.id });
      await openDocument({ kind: 'gate', folder, runId: run.id });
      return report;
    },
    'intercore.gate.override': async (args) => {
      const title = vscode.l10n.t('Override Gate');
      const { folder, run } = await pickRun(deps, args, { title, action: 'override the gate of', status: 'active' });
      const reason =
        args.reason ??
        (await enter({
          title,
          placeholder: vscode.l10n.t('Reason for overriding the gate of run {id}. It is stored as evidence.', {
            id: run.id,
          }),
          problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter a reason.') : undefined),
        }));
      return await api.gates.override({ folder, runId: run.id, reason });
    },
    'intercore.gate.rules': async (args, caller) => {
      const rules = await api.gates.rules(args);
      if (caller === 'person') {
        await choose(
          { title: vscode.l10n.t('Gate Rules'), placeholder: vscode.l10n.t('Conditions of each phase change') },
          rules.map((transition) => ({
            label: `${transition.fromPhase} → ${transition.toPhase}`,
            description: transition.rules
              .map(({ check, phase }) => (phase === undefined ? check : `${check} (${phase})`))
              .join(', '),
            value: transition,
          })),
        );
      }
      return rules;
    },
    'intercore.gate.showEvidence': async (args) => {
      const title = vscode.l10n.t('Show Evidence');
      const { folder, run } = await pickRun(deps, args, { title, action: 'show the evidence of' });
      const events = await api.runs.events({ folder, runId: run.id });
      const event = await pickJudged(events, args.eventId, title);
      await openDocument({ kind: 'evidence', folder, runId: run.id, eventId: event.id });
      return event;
    },
  };
}

async function pickJudged(events: readonly PhaseEvent[], id: number | undefined, title: string): Promise<PhaseEvent> {
  if (id !== undefined) {
    const event = events.find((candidate) => candidate.id === id);
    if (event === undefined) throw new KernelError('NOT_FOUND', { what: 'event', id: String(id) });
    return event;
  }
  const judged = events.filter(({ gateResult }) => gateResult === 'pass' || gateResult === 'fail').reverse();
  if (judged.length === 0) throw noneAvailable('evidence');
  const choices = judged.map((event) => ({
    label: `${event.fromPhase} → ${event.toPhase}`,
    description: `${event.type} · ${event.gateResult ?? ''}`,
    value: event,
  }));
  return await choose({ title, placeholder: vscode.l10n.t('Select a gate decision') }, choices);
}

/** A warning with the ways on. Nothing waits for its answer. */
export function offerGateReport(deps: CommandDeps, { folder, run }: RunTarget, message: string): void {
  const show = vscode.l10n.t('Show Report');
  const override = vscode.l10n.t('Override…');
  inBackground(deps.log, 'offering a gate report', async () => {
    const chosen = await vscode.window.showWarningMessage(literally(message), show, override);
    if (chosen === show) await openDocument({ kind: 'gate', folder, runId: run.id });
    if (chosen === override) {
      const row = { kind: 'run', id: run.id, folder, runId: run.id };
      await vscode.commands.executeCommand('intercore.gate.override', row);
    }
  });
}
