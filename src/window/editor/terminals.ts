/**
 * What terminals get of us: `ic` on PATH, the Node it runs on, and the agent kinds of the settings
 * (`docs/design/commandLine.md`).
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { AGENT_KINDS_VARIABLE, writeAgentKinds } from '../../host/state/agentKindsFile';
import type { Log } from '../../host/log';
import { PASS_ENV_VARIABLE } from '../../host/state/passEnv';
import { NODE_VARIABLE } from '../../services/leader/dispatcher';
import { agentKindsOf } from '../../services/leader/settings';
import { agentKindsFile, commandFolder } from '../editorServices';
import type { Settings } from '../settings';

export interface TerminalDeps {
  readonly context: Pick<
    vscode.ExtensionContext,
    'environmentVariableCollection' | 'asAbsolutePath' | 'storageUri' | 'globalStorageUri'
  >;
  readonly settings: Settings;
  readonly log: Log;
}

export class Terminals implements vscode.Disposable {
  private readonly watching: vscode.Disposable;
  /** Writes are serialized, so that the last change of the setting wins. */
  private written: Promise<void> = Promise.resolve();

  constructor(private readonly deps: TerminalDeps) {
    this.watching = deps.settings.onDidChange((names) => {
      if (names.some((name) => name === 'intercore.terminal.addToPath' || name === 'intercore.agents.passEnv'))
        this.contribute();
      if (names.some((name) => name === 'intercore.agents.kinds' || name === 'intercore.budget.kinds'))
        this.handOnKinds();
    });
    this.contribute();
    this.handOnKinds();
  }

  dispose(): void {
    this.watching.dispose();
  }

  private contribute(): void {
    const { context, settings } = this.deps;
    const collection = context.environmentVariableCollection;
    collection.clear();
    if (!settings.get('intercore.terminal.addToPath')) return;
    collection.description = vscode.l10n.t('Puts `ic`, the command of Intercore, on PATH.');
    collection.prepend('PATH', `${commandFolder(context)}${path.delimiter}`);
    collection.replace(NODE_VARIABLE, process.execPath);
    collection.replace(AGENT_KINDS_VARIABLE, agentKindsFile(context));
    collection.replace(PASS_ENV_VARIABLE, settings.get('intercore.agents.passEnv').join(','));
  }

  /** The setting has no value that an untrusted workspace gave it: VS Code leaves such values out. */
  private handOnKinds(): void {
    const { context, settings, log } = this.deps;
    const named = new Set([
      ...settings.get('intercore.agents.kinds').map(({ name }) => name),
      ...Object.keys(settings.get('intercore.budget.kinds')),
    ]);
    // `ic` knows the built-in kinds; those with configured usage are added.
    const kinds = agentKindsOf(settings).filter(({ name }) => named.has(name));
    this.written = this.written
      .then(() => writeAgentKinds(agentKindsFile(context), kinds))
      .catch((error: unknown) => {
        log.warn('The agent kinds cannot be handed to ic', { error });
      });
  }
}
