/** The panels with dependency graphs: one for each portfolio, kept over a reload of the window (design §9). */
import * as vscode from 'vscode';
import { GRAPH_PANEL, type GraphPicture } from '../../contract/graph';
import type { Log } from '../../host/log';
import { isKernelError } from '../../kernel/errors';
import type { PortfolioSnapshots } from '../../services/portfolio/snapshots';
import { explain } from '../projections/folderRow';
import { PagePanels } from '../webview/pagePanels';
import { emptyPicture, graphPicture, projectOfNode, type GraphScene } from './graphModel';
import { GraphPanel } from './graphPanel';

export interface GraphPanelsDeps {
  readonly extensionUri: vscode.Uri;
  readonly scene: GraphScene;
  readonly snapshots: Pick<PortfolioSnapshots, 'of'>;
  readonly log: Log;
  /** Shows a project in the Portfolio view. */
  reveal(portfolioId: string, projectDir: string): Thenable<void>;
}

export class GraphPanels {
  private readonly panels: PagePanels;

  constructor(private readonly deps: GraphPanelsDeps) {
    const { extensionUri, log } = deps;
    this.panels = new PagePanels({
      type: GRAPH_PANEL,
      log,
      title: () => vscode.l10n.t('Dependency graph'),
      open: (portfolioId, panel) =>
        new GraphPanel(panel, portfolioId, {
          extensionUri,
          log,
          picture: () => this.pictureOf(portfolioId),
          chosen: (node) => void this.reveal(portfolioId, node),
        }),
    });
  }

  /** Opens the graph of a portfolio, or brings its panel to the front. */
  show(portfolioId: string): void {
    this.panels.show(portfolioId);
  }

  /** Says that a portfolio may differ. Panels that nobody sees do no work. */
  changed(): void {
    this.panels.changed();
  }

  dispose(): void {
    this.panels.dispose();
  }

  private pictureOf(portfolioId: string): GraphPicture {
    const { snapshots, scene } = this.deps;
    try {
      return graphPicture(scene, snapshots.of(portfolioId));
    } catch (error) {
      if (!isKernelError(error)) throw error;
      if (error.code === 'DATABASE_LOADING') return emptyPicture(scene.l10n.t('Reading the portfolio…'), '', 'info');
      const title = scene.l10n.t('The portfolio cannot be shown');
      return emptyPicture(title, explain(scene.l10n, error), 'warning');
    }
  }

  private async reveal(portfolioId: string, node: string): Promise<void> {
    try {
      const projectDir = projectOfNode(this.deps.snapshots.of(portfolioId), node);
      if (projectDir !== undefined) await this.deps.reveal(portfolioId, projectDir);
    } catch (problem) {
      this.deps.log.error('A project of the graph could not be shown', { problem });
    }
  }
}
