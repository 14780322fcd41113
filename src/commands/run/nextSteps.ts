/** What can be done next for a run: the quick pick behind the status bar item. */
import { inWords } from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import type { AttentionItem } from '../../contract/results/attention';
import type { CommandArgs, CommandId } from '../../contract/surfaces/commands';
import type { GateReport } from '../../kernel/gate/model';
import type { Run } from '../../kernel/run/record/model';
import { choose, separator, type Choice } from '../../window/dialogs/ask';
import { act, choiceOf } from '../general/attention';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import { pickRun, type RunTarget } from '../shared/pickers';

export async function showNext(deps: CommandDeps, args: CommandArgs<'intercore.run.next'>): Promise<unknown> {
  const target =
    args.runId === undefined ? await currentTarget(deps, args.folder) : await pickRun(deps, args, PURPOSE());
  const { folder, run } = target;
  const steps = run.status === 'active' ? await stepsOf(deps, target) : afterwards(run);
  const waiting = deps.attention.items().map(choiceOf);
  const chosen = await choose<CommandId | AttentionItem>(
    {
      title: oneLine(run.goal),
      placeholder: vscode.l10n.t('Run {id} is in {phase}', { id: run.id, phase: run.phase }),
    },
    waiting.length === 0
      ? steps
      : [separator(vscode.l10n.t('Needs you')), ...waiting, separator(vscode.l10n.t('Next steps')), ...steps],
  );
  if (typeof chosen !== 'string') return await act(chosen);
  // As from the run's row, so that a failure is shown to the person.
  return await vscode.commands.executeCommand(chosen, { kind: 'run', id: run.id, folder, runId: run.id });
}

const PURPOSE = () => ({ title: vscode.l10n.t('Next Step'), action: 'continue' });

/** The current run of the active editor's folder, of the folder named, or one that is picked. */
async function currentTarget(deps: CommandDeps, named: string | undefined): Promise<RunTarget> {
  const folder = named ?? activeFolder(deps);
  const run = folder === undefined ? null : await deps.api.runs.current({ folder });
  if (folder !== undefined && run !== null) return { folder, run };
  return await pickRun(deps, { folder: named }, PURPOSE());
}

/** The folder of the active editor, where its record can be read. */
export function activeFolder({ api }: Pick<CommandDeps, 'api'>): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const readable = api.folders().filter(({ state }) => state === 'ready' || state === 'readOnly');
  if (readable.length === 1) return readable[0]?.folder;
  return readable.find((info) => info.folder === folder)?.folder;
}

async function stepsOf({ api, host }: CommandDeps, { folder, run }: RunTarget): Promise<Choice<CommandId>[]> {
  const report = await api.gates.check({ folder, runId: run.id });
  const looks = [
    step('checklist', vscode.l10n.t('Check Gate'), describeGate(report), 'intercore.gate.check'),
    step('history', vscode.l10n.t('Show Events'), '', 'intercore.run.showEvents'),
  ];
  if (!host.trusted()) return looks;
  const advance = step(
    'arrow-right',
    vscode.l10n.t('Advance to {phase}', { phase: report.toPhase }),
    describeGate(report),
    'intercore.run.advance',
  );
  const override = step('unlock', vscode.l10n.t('Override Gate…'), '', 'intercore.gate.override');
  return [
    advance,
    ...(report.result === 'fail' ? [override] : []),
    step('file-add', vscode.l10n.t('Add Artifact…'), run.phase, 'intercore.artifact.add'),
    step('play', vscode.l10n.t('Start Dispatch…'), '', 'intercore.dispatch.start'),
    step('debug-step-over', vscode.l10n.t('Skip Phase…'), '', 'intercore.run.skip'),
    ...looks,
    step('discard', vscode.l10n.t('Roll Back…'), '', 'intercore.run.rollback'),
    step('circle-slash', vscode.l10n.t('Cancel Run…'), '', 'intercore.run.cancel'),
  ];
}

function afterwards(run: Run): Choice<CommandId>[] {
  const looks = step('history', vscode.l10n.t('Show Events'), '', 'intercore.run.showEvents');
  if (run.status !== 'completed') return [looks];
  return [looks, step('discard', vscode.l10n.t('Roll Back…'), '', 'intercore.run.rollback')];
}

function step(icon: string, label: string, description: string, value: CommandId): Choice<CommandId> {
  return { iconPath: new vscode.ThemeIcon(icon), label, description, value };
}

function describeGate({ result, conditions }: GateReport): string {
  const failed = conditions.filter((condition) => condition.result === 'fail').length;
  switch (result) {
    case 'pass':
      return vscode.l10n.t('the gate is green');
    case 'fail':
      return inWords(vscode.l10n, '{failed} of {all} conditions not met', { failed, all: conditions.length });
    case 'none':
      return vscode.l10n.t('no gate');
  }
}
