/** The panels with boards: one for each folder, kept over a reload of the window (`docs/board.md`). */
import * as vscode from 'vscode';
import { BOARD_PANEL } from '../../contract/pages/panels';
import { PagePanels } from '../webview/pagePanels';
import type { BoardPanelDeps } from './boardPanel';

export class BoardPanels {
  private readonly panels: PagePanels;

  constructor(deps: BoardPanelDeps) {
    this.panels = new PagePanels({
      type: BOARD_PANEL,
      log: deps.log,
      title: () => vscode.l10n.t('Board'),
      open: async (folder, panel) => {
        const { BoardPanel } = await import('./boardPanel.js');
        return new BoardPanel(panel, folder, deps);
      },
    });
  }

  /** Opens the board of a folder, or brings its panel to the front. */
  show(folder: string): void {
    this.panels.show(folder);
  }

  /** Notes that a record may differ. Hidden panels do no work. */
  changed(): void {
    this.panels.changed();
  }

  dispose(): void {
    this.panels.dispose();
  }
}
