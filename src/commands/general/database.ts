/** Commands on a folder's database. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FolderInfo } from '../../contract/results/records';
import { confirm } from '../../window/dialogs/ask';
import { restoreNewestBackup } from './backups';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { kernelOf, requireTrust } from '../../services/operations/host';
import { pickFolder } from '../shared/pickers';

const isThere = ({ state }: FolderInfo) => state !== 'missing';

export function databaseCommands(deps: CommandDeps): HandlersOf<'database'> {
  const { api, host } = deps;
  return {
    'intercore.database.initialize': async (args) => {
      const title = vscode.l10n.t('Initialize Intercore in Folder');
      const suits = ({ state }: FolderInfo) => state === 'missing';
      const folder = await pickFolder(deps, args.folder, { title, action: 'initialize', suits });
      return await api.database.initialize({ folder });
    },
    'intercore.database.open': async (args) => {
      const title = vscode.l10n.t('Reveal Database File');
      const folder = await pickFolder(deps, args.folder, { title, action: 'reveal the database of', suits: isThere });
      const kernel = await kernelOf(host, { folder }, 'reveal the database');
      await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(kernel.path));
      return kernel.path;
    },
    'intercore.database.reload': async (args) => {
      const title = vscode.l10n.t('Reload from Disk');
      const folder = await pickFolder(deps, args.folder, { title, action: 'reload' });
      return await api.database.reload({ folder });
    },
    'intercore.database.recover': async (args) => {
      requireTrust(host, 'recover a database');
      const title = vscode.l10n.t('Recover Database');
      const folder = await pickFolder(deps, args.folder, { title, action: 'recover the database of', suits: isThere });
      const kernel = await kernelOf(host, { folder }, 'recover a database');
      await kernel.recover();
      return kernel.path;
    },
    'intercore.database.restoreBackup': async (args) => {
      requireTrust(host, 'restore a backup');
      const title = vscode.l10n.t('Restore Backup');
      const suits = ({ state }: FolderInfo) => state === 'failed';
      const folder = await pickFolder(deps, args.folder, { title, action: 'restore', suits });
      const kernel = await kernelOf(host, { folder }, 'restore a backup');
      return await restoreNewestBackup(kernel, args.confirm);
    },
    'intercore.database.remove': async (args) => {
      requireTrust(host, 'remove a database');
      const title = vscode.l10n.t('Remove Data from This Folder');
      const folder = await pickFolder(deps, args.folder, { title, action: 'remove the data of', suits: isThere });
      const kernel = await kernelOf(host, { folder }, 'remove a database');
      const files = (await kernel.files()).map((file) => path.relative(folder, file));
      await confirm(args.confirm, {
        message: vscode.l10n.t('Remove the record of {folder}?', { folder: path.basename(folder) }),
        detail: vscode.l10n.t(
          'These files are permanently deleted, with all runs and dispatches:\n{files}\n\nThe prompts and logs of its agents are also deleted. Project files are not changed.',
          { files: files.join('\n') },
        ),
        verb: vscode.l10n.t('Remove Data'),
      });
      return await api.database.remove({ folder });
    },
  };
}
