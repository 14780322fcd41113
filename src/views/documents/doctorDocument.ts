/** The doctor's newest report as a read-only document, with a line to press above each finding that can be mended. */
import * as vscode from 'vscode';
import type { CommandId, CommandInput } from '../../contract/commands';
import type { DoctorFix, DoctorReport, FixingCommand } from '../../contract/doctor';
import { DOCTOR_SCHEME, DOCTOR_URI } from '../../contract/documents';
import type { ReportLine } from '../../services/doctor/report';

export class DoctorDocument implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private readonly renewed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.renewed.event;
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly registrations: readonly { dispose(): unknown }[];
  private report: DoctorReport | undefined;
  /** A window that was loaded again shows the document before anybody has looked. */
  private lines: readonly ReportLine[] = [
    { text: vscode.l10n.t('The doctor has not looked around in this window yet.') },
  ];

  constructor() {
    const selector = { scheme: DOCTOR_SCHEME };
    this.registrations = [
      vscode.workspace.registerTextDocumentContentProvider(DOCTOR_SCHEME, this),
      vscode.languages.registerCodeLensProvider(selector, this),
      this.renewed,
      this.lensesChanged,
    ];
  }

  async show(report: DoctorReport): Promise<void> {
    const { reportLines } = await import('../../services/doctor/report.js');
    this.report = report;
    this.lines = reportLines(report, (template, facts) => vscode.l10n.t(template, facts));
    const uri = vscode.Uri.parse(DOCTOR_URI, true);
    this.renewed.fire(uri);
    this.lensesChanged.fire();
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(): string {
    return `${this.lines.map(({ text }) => text).join('\n')}\n`;
  }

  provideCodeLenses(): vscode.CodeLens[] {
    const again = lens(0, vscode.l10n.t('Run Again'), 'intercore.doctor.run', {});
    const fixes = this.lines.flatMap(({ finding }, line) => {
      if (!finding?.fix || this.report === undefined) return [];
      const index = this.report.findings.indexOf(finding);
      return [lens(line, titleOf(finding.fix), 'intercore.doctor.fix', { finding: index })];
    });
    return [again, ...fixes];
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
  }
}

function lens<C extends CommandId>(line: number, title: string, command: C, args: CommandInput<C>): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [args] });
}

function titleOf(fix: DoctorFix): string {
  switch (fix.kind) {
    case 'command':
      return COMMAND_TITLES[fix.command]();
    case 'setting':
      return vscode.l10n.t('Open Setting');
    case 'link':
      return vscode.l10n.t('Open Web Page');
    case 'shell':
      return vscode.l10n.t('Put Command into Terminal');
  }
}

const COMMAND_TITLES: Readonly<Record<FixingCommand, () => string>> = {
  'workbench.trust.manage': () => vscode.l10n.t('Manage Workspace Trust'),
  'intercore.database.initialize': () => vscode.l10n.t('Initialize'),
  'intercore.database.recover': () => vscode.l10n.t('Recover Database'),
  'intercore.database.restoreBackup': () => vscode.l10n.t('Restore Backup…'),
  'intercore.portfolio.restoreBackup': () => vscode.l10n.t('Restore Portfolio Backup…'),
  'intercore.project.relocate': () => vscode.l10n.t('Relocate Project…'),
  'intercore.project.changeBase': () => vscode.l10n.t('Change Base Branch…'),
  'intercore.subtask.retry': () => vscode.l10n.t('Retry Subtask'),
  'intercore.worktree.cleanUp': () => vscode.l10n.t('Clean Up Worktrees…'),
};
