/** Asks a person, once for each folder, before agents run there, and before they work on tasks that came with it. */
import path from 'node:path';
import * as vscode from 'vscode';
import { runsInSession, type AgentKind } from '../../contract/agentKinds';
import { FolderLedger } from '../../host/files/folderLedger';
import { ledgerFolder } from '../../host/state/stateFolder';
import { AgentConsents } from '../../services/consent/agentConsent';
import type { ProjectKernel } from '../../services/record/kernels';
import { AgentPermissions } from '../../services/leader/permissions';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import type { EditorServices } from '../editorServices';
import { Dismissed } from '../dialogs/dismissed';
import { missingWords } from '../dialogs/missingWords';
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

  constructor(private readonly services: Pick<EditorServices, 'settings' | 'defaults' | 'environment'>) {
    const { settings, defaults } = services;
    this.permissions = new AgentPermissions({ settings, defaults, consents: this.consents, work: this.work });
  }

  /** Asks if needed; `allowed` is the answer of a caller. Throws `Dismissed` if the person does not allow it. */
  async ask(folder: string, allowed: true | undefined, names?: readonly string[]): Promise<void> {
    const missing = this.permissions.missing(folder, names);
    if (missing.length === 0) return;
    const kinds = missing.map(({ name }) => name).join(', ');
    if (allowed === undefined) await this.askOnce(missing, kinds);
    const open = vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [];
    for (const each of new Set([folder, ...open])) this.consents.allow(each, missing);
  }

  /** What is not installed is said first, because the agents that are allowed could not start. */
  private async askOnce(missing: readonly AgentKind[], kinds: string): Promise<void> {
    const absent = await this.absent(missing);
    const [add, allow] = [vscode.l10n.t('Add Agent Kind…'), vscode.l10n.t('Allow')];
    const { decide } = await import('../dialogs/ask.js');
    const question = {
      message: literally(vscode.l10n.t('Allow agents of kind {kinds} in this workspace?', { kinds })),
      detail: [
        ...absent,
        missing.every(runsInSession)
          ? vscode.l10n.t(
              'They run programs and change files, and ask for what their permission policy does not allow. Each works in its own worktree but is not confined to it.',
            )
          : vscode.l10n.t(
              'They run programs and change files without permission prompts. Each works in its own worktree but is not confined to it.',
            ),
        ...missing.map(commandLine),
        vscode.l10n.t('You are asked once for each workspace, and again when a command line changes.'),
      ].join('\n\n'),
    };
    if ((await decide(question, absent.length === 0 ? [allow] : [add, allow])) === allow) return;
    await vscode.commands.executeCommand('intercore.agent.addKind');
    // The new agent may be another kind: the person starts again.
    throw new Dismissed();
  }

  /** What the kinds need and is not installed, in sentences. */
  async absent(kinds: readonly AgentKind[]): Promise<string[]> {
    const { missingByKind } = await import('../../services/leader/installedKinds.js');
    const missing = await missingByKind(kinds, await this.services.environment.source());
    return [...missing].flatMap(([kind, programs]) => missingWords(kind, programs));
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
