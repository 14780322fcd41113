/** Restoring a damaged database, a folder's or that of the portfolios. */
import * as vscode from 'vscode';
import type { ProjectKernel } from '../../services/record/projectKernel';
import { confirm } from '../../window/dialogs/ask';
import { noneAvailable } from '../shared/noneAvailable';

/**
 * Asks, then replaces a damaged file with the newest backup. The damaged file is kept next to it. Returns the path of
 * the backup.
 * @throws KernelError `NONE_AVAILABLE` where nothing is damaged or there is no backup, and as `restoreBackup`.
 */
export async function restoreNewestBackup(kernel: ProjectKernel, isConfirmed: true | undefined): Promise<string> {
  const { state } = kernel;
  const backup = state.kind === 'failed' ? state.backup : undefined;
  if (backup === undefined) throw noneAvailable('backup');
  await confirm(isConfirmed, {
    message: vscode.l10n.t('Replace the damaged database with the newest backup?'),
    detail: vscode.l10n.t('The damaged file is kept next to it. Changes made after the backup are lost.'),
    verb: vscode.l10n.t('Restore Backup'),
  });
  await kernel.restoreBackup(backup);
  return backup;
}
