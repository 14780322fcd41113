/** *Trust This Location*: a person allows git to run in a recorded clone or worktree that Intercore did not create. */
import * as vscode from 'vscode';
import { kernelOf, type RecordSelector } from '../../services/operations/host';
import { projectDeps } from '../../services/operations/host';
import type { ProjectDeps } from '../../services/tasks/deps';
import { confirm } from '../../window/dialogs/ask';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import type { Purpose } from '../shared/pickers';
import { literally } from '../../window/dialogs/present';

/** Offers only the rows whose location is recorded elsewhere. */
export function elsewherePurpose(action: string): Purpose<{ readonly isElsewhere: boolean }> {
  const title = vscode.l10n.t('Trust This Location');
  return { title, action, suits: ({ isElsewhere }) => isElsewhere };
}

export async function landingDepsOf({ host }: CommandDeps, where: RecordSelector): Promise<ProjectDeps> {
  return projectDeps({ ...host, kernel: await kernelOf(host, where, 'trust locations') });
}

/** Names the real path: links are resolved, and a record may hold any. */
export async function confirmTrust(given: true | undefined, name: string, real: string): Promise<void> {
  await confirm(given, {
    message: literally(vscode.l10n.t('Trust the location of “{name}”?', { name: oneLine(name) })),
    detail: vscode.l10n.t(
      '{path}\n\nThis location is named in the record of the folder, but Intercore did not create it. If you trust it, git and agents run there. Intercore never deletes it.',
      { path: real },
    ),
    verb: vscode.l10n.t('Trust'),
  });
}
