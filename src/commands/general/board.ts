/** The command that opens the board of a folder (`docs/board.md`). */
import * as vscode from 'vscode';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickFolder } from '../shared/pickers';

export function boardCommands(deps: CommandDeps): HandlersOf<'board'> {
  return {
    'intercore.board.open': async (args) => {
      const suits = ({ state }: { state: string }): boolean => state === 'ready' || state === 'readOnly';
      const purpose = { title: vscode.l10n.t('Open Board'), action: 'show the board of', suits };
      const folder = await pickFolder(deps, args.folder, purpose);
      deps.screen.showBoard(folder);
      return folder;
    },
  };
}
