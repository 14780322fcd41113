/** Asks a person, once for each folder, before agents run there, and before they work on tasks that came with it. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { AgentKind } from '../../contract/agentKinds';
import { FolderLedger } from '../../host/files/folderLedger';
import { ledgerFolder } from '../../host/state/stateFolder';
import { AgentConsents } from '../../services/consent/agentConsent';
import type { ProjectKernel } from '../../services/record/kernels';
import { AgentPermissions } from '../../services/leader/permissions';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import type { EditorServices } from '../editorServices';
import { literally } from '../dialogs/present';
import { shortened } from '../../kernel/text/storableText';

/** Titles that a question shows at most. */
const MAX_SHOWN = 10;
/** Characters of a command line that a question shows at most. */
const MAX_LINE = 2000;

/** What this user has allowed; windows and `ic` share it. */
export function agentConsents(): AgentConsents {
  return new AgentConsents(new FolderLedger(ledgerFolder(process.env), 'agents'));
}

export function ownWork(): OwnWork {
  return new OwnWork(new FolderLedger(ledgerFolder(process.env), 'work'));
}

/** What a kind runs: the consent holds for exactly that. */
function commandLine({ name, command, args }: AgentKind): string {
  // On one line, so that nothing is allowed unseen below.
  const line = [command, ...args].join(' ').replace(/\s+/g, ' ');
  return `${name}: ${shortened(line, MAX_LINE)}`;
}

export class AgentConsent {
  private readonly consents = agentConsents();
  private readonly work = ownWork();
  readonly permissions: AgentPermissions;

  constructor({ settings, defaults }: Pick<EditorServices, 'settings' | 'defaults'>) {
    this.permissions = new AgentPermissions({ settings, defaults, consents: this.consents, work: this.work });
  }

  /** Asks if needed; `allowed` is the answer of a caller. Throws `Dismissed` if the person does not allow it. */
  async ask(folder: string, allowed: true | undefined, names?: readonly string[]): Promise<void> {
    const missing = this.permissions.missing(folder, names);
    if (missing.length === 0) return;
    const kinds = missing.map(({ name }) => name).join(', ');
    const { confirm } = await import('../dialogs/ask.js');
    await confirm(allowed, {
      message: literally(vscode.l10n.t('Allow agents of kind {kinds} in this workspace?', { kinds })),
      detail: [
        vscode.l10n.t(
          'They run programs and change files without permission prompts. Each works in its own worktree but is not confined to it.',
        ),
        ...missing.map(commandLine),
        vscode.l10n.t('You are asked once for each workspace, and again when a command line changes.'),
      ].join('\n\n'),
      verb: vscode.l10n.t('Allow'),
    });
    const open = vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [];
    for (const each of new Set([folder, ...open])) this.consents.allow(each, missing);
  }

  /** The same for the tasks that came with the folder. */
  async askAboutTasks(kernel: ProjectKernel, allowed: true | undefined): Promise<void> {
    const tasks = this.permissions.foreign(kernel);
    if (tasks.length === 0) return;
    const shown = tasks.slice(0, MAX_SHOWN).map(({ title }) => title);
    const { confirm } = await import('../dialogs/ask.js');
    await confirm(allowed, {
      message: literally(
        vscode.l10n.t('Allow agents to work on tasks that came with {folder}?', {
          folder: path.basename(kernel.folder),
        }),
      ),
      detail: [
        vscode.l10n.t('These tasks were not created on this machine. Agents follow their descriptions.'),
        ...shown,
        ...(tasks.length > MAX_SHOWN ? ['…'] : []),
      ].join('\n'),
      verb: vscode.l10n.t('Allow'),
    });
    this.work.noteTasks(
      kernel.folder,
      tasks.map(({ id }) => id),
    );
  }
}
