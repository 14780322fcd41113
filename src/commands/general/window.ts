/** Commands on the window's own things: the log and the settings page. */
import * as vscode from 'vscode';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';

/** The extension's id, which the settings page filters by. */
export const EXTENSION_ID = 'intercore.intercore';

export function windowCommands({ showLog }: Pick<CommandDeps, 'showLog'>): HandlersOf<'log' | 'settings'> {
  return {
    'intercore.log.show': () => {
      showLog();
      return Promise.resolve(null);
    },
    'intercore.settings.open': async () => {
      await vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${EXTENSION_ID}`);
      return null;
    },
  };
}
