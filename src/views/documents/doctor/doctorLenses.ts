/** The lines to press in the doctor's report, and what its buttons say. Loaded when the report is shown. */
import * as vscode from 'vscode';
import type { CommandId, CommandInput } from '../../../contract/surfaces/commands';
import type { DoctorFix, DoctorReport, FixingCommand } from '../../../contract/results/doctor';
import type { ReportLine } from '../../../services/doctor/report';

export function lensesOf(lines: readonly ReportLine[], report: DoctorReport | undefined): vscode.CodeLens[] {
  const again = lens(0, vscode.l10n.t('Run Again'), 'intercore.doctor.run', {});
  const fixes = lines.flatMap(({ finding }, line) => {
    if (!finding?.fix || report === undefined) return [];
    const index = report.findings.indexOf(finding);
    return [lens(line, titleOf(finding.fix), 'intercore.doctor.fix', { finding: index })];
  });
  return [again, ...fixes];
}

function lens<C extends CommandId>(line: number, title: string, command: C, args: CommandInput<C>): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [args] });
}

export function titleOf(fix: DoctorFix): string {
  switch (fix.kind) {
    case 'command':
      return COMMAND_TITLES[fix.command]();
    case 'setting':
      return vscode.l10n.t('Open Setting');
    case 'link':
      return vscode.l10n.t('Open Web Page');
    case 'shell':
      return vscode.l10n.t('Insert Command into Terminal');
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
  'intercore.agent.addKind': () => vscode.l10n.t('Add Agent Kind…'),
};
