/** One panel with the graph of one portfolio, and the pictures that its page is sent. */
import * as vscode from 'vscode';
import { graphEvent, type GraphCommand, type GraphEvent, type GraphPicture } from '../../contract/pages/graph';
import type { Log } from '../../host/log';
import { headline } from '../rows/format';
import { PagePanel } from '../webview/pagePanel';
import type { Page } from '../webview/pagePanels';
import { graphHtml, pageTexts } from './graphHtml';

export interface GraphPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  /** The portfolio as it stands. */
  picture(): GraphPicture;
  /** The person chose a node of the picture. */
  chosen(node: string): void;
}

export class GraphPanel implements Page {
  private seq = 0;
  /** The picture that the page shows, as text. */
  private drawn = '';
  private readonly page: PagePanel<GraphCommand, GraphEvent>;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    portfolioId: string,
    private readonly deps: GraphPanelDeps,
  ) {
    const texts = pageTexts(vscode.l10n);
    const content = { name: 'graph' as const, title: texts.graph, subject: portfolioId, body: graphHtml(texts) };
    this.page = new PagePanel(panel, content, {
      extensionUri: deps.extensionUri,
      log: deps.log,
      events: graphEvent,
      ready: () => {
        this.drawn = '';
        this.draw();
      },
      // A click on a picture that has been replaced may mean a project that is gone.
      received: ({ seq, node }) => seq === this.seq && deps.chosen(node),
    });
  }

  /** Sends the picture if the page can see it and shows another one. */
  draw(): void {
    if (!this.page.isListening) return;
    const picture = this.deps.picture();
    const text = JSON.stringify(picture);
    if (text === this.drawn) return;
    this.drawn = text;
    this.seq += 1;
    this.panel.title = vscode.l10n.t('Graph: {0}', headline(picture.title, 40));
    this.page.post({ type: 'draw', seq: this.seq, picture });
  }

  dispose(): void {
    this.page.dispose();
  }
}
