/** *Run Doctor*: the report, and the fixes that its findings offer (`docs/doctor.md`). */
import { inWords } from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import { FINDING_LEVELS, type DoctorFinding, type DoctorFix, type DoctorReport } from '../../contract/results/doctor';
import { systemClock } from '../../host/clock';
import { KernelError } from '../../kernel/errors/errors';
import { examine } from '../../services/doctor/checks/doctor';
import { sentencesOf } from '../../services/doctor/model';
import { choose, Dismissed, separator } from '../../window/dialogs/ask';
import { typeInTerminal } from '../../window/editor/typedLine';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { noneAvailable } from '../shared/noneAvailable';

export function doctorCommands({ host, screen, log }: CommandDeps): HandlersOf<'doctor'> {
  let newest: DoctorReport | undefined;
  const look = async (startsAgents = false): Promise<DoctorReport> =>
    (newest = await examineWithProgress(host, log, startsAgents));
  const show = async (startsAgents: boolean): Promise<DoctorReport> => {
    const report = await look(startsAgents);
    await screen.showDoctorReport(report);
    return report;
  };
  return {
    'intercore.doctor.run': async ({ agents = false }) => await show(agents),
    'intercore.doctor.checkAgents': async () => {
      if (host.kernels.all().length === 0) throw new KernelError('NO_FOLDER', { action: 'check agents' });
      return await show(true);
    },
    'intercore.doctor.fix': async ({ finding }) => {
      const { findings } = newest ?? (await look());
      const chosen = finding === undefined ? await pickFinding(findings) : findings[finding];
      if (!chosen?.fix) throw noneAvailable('finding');
      await applyFix(chosen.fix);
      return chosen.code;
    },
  };
}

async function examineWithProgress(
  host: CommandDeps['host'],
  log: CommandDeps['log'],
  startsAgents: boolean,
): Promise<DoctorReport> {
  const title = vscode.l10n.t('Running checks…');
  const location = vscode.ProgressLocation.Notification;
  return await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const stop = new AbortController();
    const watching = token.onCancellationRequested(() => stop.abort(new Dismissed()));
    const onProgress = (done: number, all: number): void => {
      progress.report({ increment: 100 / all, message: vscode.l10n.t('{0} of {1}', done, all) });
    };
    try {
      return await examine(await host.doctorInput(), {
        log,
        startsAgents,
        nowMs: systemClock.nowMs(),
        signal: stop.signal,
        onProgress,
      });
    } finally {
      watching.dispose();
    }
  });
}

async function pickFinding(findings: readonly DoctorFinding[]): Promise<DoctorFinding> {
  const words: Readonly<Record<DoctorFinding['level'], string>> = {
    problem: vscode.l10n.t('Problems'),
    warning: vscode.l10n.t('Warnings'),
    info: vscode.l10n.t('Notes'),
    ok: vscode.l10n.t('Fine'),
  };
  const items = [...FINDING_LEVELS].reverse().flatMap((level) => {
    const choices = findings.flatMap((finding) => {
      if (finding.level !== level || finding.fix === null) return [];
      const { saw, remedy } = sentencesOf(finding.code, finding.facts, (text, facts) =>
        inWords(vscode.l10n, text, facts),
      );
      return [{ label: plain(saw), detail: plain(remedy), value: finding }];
    });
    return choices.length === 0 ? [] : [separator(words[level]), ...choices];
  });
  if (items.length === 0) throw noneAvailable('finding');
  return await choose(
    { title: vscode.l10n.t('Fix Finding'), placeholder: vscode.l10n.t('Select a finding to fix') },
    items,
  );
}

/** A line for a shell is left for the person to complete and to run. */
async function applyFix(fix: DoctorFix): Promise<void> {
  switch (fix.kind) {
    case 'command':
      await vscode.commands.executeCommand(fix.command, ...(fix.args === null ? [] : [fix.args]));
      return;
    case 'setting':
      await vscode.commands.executeCommand('workbench.action.openSettings', fix.setting);
      return;
    case 'link':
      await vscode.env.openExternal(vscode.Uri.parse(fix.url, true));
      return;
    case 'shell': {
      if (!vscode.workspace.isTrusted) throw new KernelError('UNTRUSTED', { action: 'open a terminal' });
      typeInTerminal(vscode.l10n.t('Intercore Doctor'), fix.line);
    }
  }
}
