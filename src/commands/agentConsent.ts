/** Agents that ask for nothing work for the village only where a person has allowed it, once for each workspace. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { actsUnasked, withBuiltIns } from '../contract/agentKinds';
import { confirm } from './ask';
import type { EditorServices } from './editorServices';
import { literally } from './present';

/** Names of the agent kinds that were allowed, in the state of the workspace. */
const ALLOWED = 'intercore.allowedAgents';
const kindNames = z.array(z.string()).catch([]);

export class AgentConsent {
  constructor(private readonly services: Pick<EditorServices, 'context' | 'settings'>) {}

  /** Kinds that work on the folder's tasks, ask for nothing and are not allowed yet. */
  missing(folder: string): string[] {
    const { context, settings } = this.services;
    const allowed = kindNames.parse(context.workspaceState.get(ALLOWED));
    const names = new Set([plannerKind(settings, folder), workerKind(settings, folder)]);
    return withBuiltIns(settings.get('intercore.agents.kinds'))
      .filter((kind) => names.has(kind.name) && actsUnasked(kind) && !allowed.includes(kind.name))
      .map(({ name }) => name);
  }

  /** Asks where that is needed; `allowed` stands for the answer. Throws `Dismissed` where the person does not allow it. */
  async ask(folder: string, allowed: true | undefined): Promise<void> {
    const missing = this.missing(folder);
    if (missing.length === 0) return;
    const kinds = missing.join(', ');
    await confirm(allowed, {
      message: literally(vscode.l10n.t('Let agents of the kind {kinds} work in this workspace?', { kinds })),
      detail: vscode.l10n.t(
        'They run programs and change files without asking for permission. Each works in a worktree of its own, but nothing keeps it there. This is asked once for each workspace.',
      ),
      verb: vscode.l10n.t('Allow'),
    });
    const { workspaceState } = this.services.context;
    await workspaceState.update(ALLOWED, [...kindNames.parse(workspaceState.get(ALLOWED)), ...missing]);
  }
}

export function plannerKind(settings: EditorServices['settings'], folder: string): string {
  return settings.get('intercore.village.planner', folder) || settings.get('intercore.agents.default', folder);
}

export function workerKind(settings: EditorServices['settings'], folder: string): string {
  return settings.get('intercore.village.worker', folder) || settings.get('intercore.agents.default', folder);
}
