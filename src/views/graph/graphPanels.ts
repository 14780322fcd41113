/** The panels with dependency graphs: one for each portfolio, kept over a reload of the window (design §9). */
import * as vscode from 'vscode';
import { GRAPH_PANEL, graphPageState, type GraphPicture } from '../../contract/graph';
import type { Log } from '../../host/log';
import { isKernelError } from '../../kernel/errors';
import type { PortfolioSnapshots } from '../../services/portfolio/snapshots';
import { NextTurn } from '../nextTurn';
import { explain } from '../projections/folderRow';
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

export class GraphPanels implements vscode.WebviewPanelSerializer {
  private readonly panels = new Map<string, GraphPanel>();
  private readonly drawing: NextTurn;
  private readonly registration: vscode.Disposable;

  constructor(private readonly deps: GraphPanelsDeps) {
    this.drawing = new NextTurn(deps.log, GRAPH_PANEL, () => {
      for (const panel of this.panels.values()) panel.draw();
    });
    this.registration = vscode.window.registerWebviewPanelSerializer(GRAPH_PANEL, this);
  }

  /** Opens the graph of a portfolio, or brings its panel to the front. */
  show(portfolioId: string): void {
    const open = this.panels.get(portfolioId);
    if (open !== undefined) {
      open.panel.reveal();
      return;
    }
    const title = vscode.l10n.t('Dependency graph');
    this.adopt(portfolioId, vscode.window.createWebviewPanel(GRAPH_PANEL, title, vscode.ViewColumn.Active));
  }

  /** Says that a portfolio may differ. Panels that nobody sees do no work. */
  changed(): void {
    this.drawing.schedule();
  }

  /** Called by VS Code for a panel of the window before its reload. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { data } = graphPageState.safeParse(state);
    if (data === undefined || this.panels.has(data.portfolioId)) {
      panel.dispose();
    } else {
      this.adopt(data.portfolioId, panel);
    }
    return Promise.resolve();
  }

  /** Leaves the panels open: VS Code closes them with the window, or brings them back after a reload. */
  dispose(): void {
    this.drawing.dispose();
    this.registration.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }

  private adopt(portfolioId: string, panel: vscode.WebviewPanel): void {
    const one = new GraphPanel(panel, portfolioId, {
      extensionUri: this.deps.extensionUri,
      log: this.deps.log,
      picture: () => this.pictureOf(portfolioId),
      chosen: (node) => void this.reveal(portfolioId, node),
    });
    this.panels.set(portfolioId, one);
    panel.onDidDispose(() => {
      one.dispose();
      this.panels.delete(portfolioId);
    });
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
