/** The panels with dependency graphs: one for each portfolio, kept over a reload of the window. */
import * as vscode from 'vscode';
import { GRAPH_PANEL } from '../../contract/pages/panels';
import { PagePanels } from '../webview/pagePanels';
import type { GraphPanelsDeps } from './graphPage';

export class GraphPanels {
  private readonly panels: PagePanels;

  constructor(deps: GraphPanelsDeps) {
    this.panels = new PagePanels({
      type: GRAPH_PANEL,
      log: deps.log,
      title: () => vscode.l10n.t('Dependency graph'),
      open: async (portfolioId, panel) => {
        const { graphPage } = await import('./graphPage.js');
        return graphPage(panel, portfolioId, deps);
      },
    });
  }

  /** Opens the graph of a portfolio, or brings its panel to the front. */
  show(portfolioId: string): void {
    this.panels.show(portfolioId);
  }

  /** Notes that a portfolio may differ. Hidden panels do no work. */
  changed(): void {
    this.panels.changed();
  }

  dispose(): void {
    this.panels.dispose();
  }
}
