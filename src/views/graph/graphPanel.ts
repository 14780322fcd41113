/** One panel with the graph of one portfolio: its page, and the pictures that the page is sent (design §10). */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { graphEvent, type GraphCommand, type GraphPicture } from '../../contract/graph';
import type { Log } from '../../host/log';
import { headline } from '../format';
import { graphHtml } from './graphHtml';
import { pageTexts } from './pageTexts';

export interface GraphPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  /** The portfolio as it stands. */
  picture(): GraphPicture;
  /** The person chose a node of the picture. */
  chosen(node: string): void;
}

export class GraphPanel {
  /** False until the page asks; a hidden page is gone and asks anew when it is shown. */
  private isListening = false;
  private seq = 0;
  /** The picture that the page shows, as text. */
  private drawn = '';
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(
    readonly panel: vscode.WebviewPanel,
    portfolioId: string,
    private readonly deps: GraphPanelDeps,
  ) {
    const { webview } = panel;
    const files = { script: 'dist/webview', style: 'media/graph' };
    const root = (folder: string): vscode.Uri => vscode.Uri.joinPath(deps.extensionUri, ...folder.split('/'));
    const address = (folder: string, name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(root(folder), name)).toString();
    this.subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.isListening = false;
      }),
    ];
    webview.options = { enableScripts: true, localResourceRoots: Object.values(files).map(root) };
    webview.html = graphHtml({
      portfolioId,
      language: vscode.env.language,
      texts: pageTexts(vscode.l10n),
      nonce: randomBytes(16).toString('base64url'),
      cspSource: webview.cspSource,
      script: address(files.script, 'graph.js'),
      style: address(files.style, 'graph.css'),
    });
  }

  /** Sends the picture if the page can see it and shows another one. */
  draw(): void {
    if (!this.isListening || !this.panel.visible) return;
    const picture = this.deps.picture();
    const text = JSON.stringify(picture);
    if (text === this.drawn) return;
    this.drawn = text;
    this.seq += 1;
    this.panel.title = vscode.l10n.t('Graph: {0}', headline(picture.title, 40));
    const command: GraphCommand = { type: 'draw', seq: this.seq, picture };
    // Resolves when the page has it; a page that goes away meanwhile asks anew.
    void this.panel.webview.postMessage(command);
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private receive(message: unknown): void {
    const { data: event, error } = graphEvent.safeParse(message);
    if (event === undefined) {
      this.deps.log.warn('The graph sent what nobody understands', { problem: error.message });
      return;
    }
    switch (event.type) {
      case 'ready':
        this.isListening = true;
        this.drawn = '';
        this.draw();
        return;
      case 'reveal':
        // A click on a picture that has been replaced may mean a project that is gone.
        if (event.seq === this.seq) this.deps.chosen(event.node);
        return;
    }
  }
}
