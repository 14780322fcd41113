/** One panel with one of our pages: writes the page, and exchanges messages that both sides parse. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type * as z from 'zod/mini';
import { PAGE_SCRIPTS, PAGE_SHEETS, pageReady, type PageName } from '../../contract/pages/page';
import type { Log } from '../../host/log';
import { pageHtml, type PageShell } from './pageHtml';

/** A page, as far as it is its own. */
export interface PageContent extends Pick<PageShell, 'title' | 'subject' | 'body' | 'texts'> {
  /** Of its rows in `PAGE_SCRIPTS` and `PAGE_SHEETS`. */
  readonly name: PageName;
}

export interface PagePanelDeps<Event> {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  /** The messages of the page, besides that it is ready. */
  readonly events: z.ZodMiniType<Event>;
  /** The page knows nothing: it is new, or was hidden, for VS Code throws away what a hidden one shows. */
  ready(): void;
  received(event: Event): void;
}

export class PagePanel<Command extends object, Event> {
  /** False until the page asks; a hidden page is gone and asks again when it is shown. */
  private isReady = false;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(
    readonly panel: vscode.WebviewPanel,
    content: PageContent,
    private readonly deps: PagePanelDeps<Event>,
  ) {
    const { webview } = panel;
    const { name, ...page } = content;
    const folders = { script: ['dist', 'webview'], style: ['media'] };
    const root = (parts: readonly string[]): vscode.Uri => vscode.Uri.joinPath(deps.extensionUri, ...parts);
    const address = (folder: readonly string[], file: string): string =>
      webview.asWebviewUri(root([...folder, file])).toString();
    this.subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.isReady = false;
      }),
    ];
    webview.options = { enableScripts: true, localResourceRoots: Object.values(folders).map(root) };
    webview.html = pageHtml({
      ...page,
      page: name,
      language: vscode.env.language,
      nonce: randomBytes(16).toString('base64url'),
      cspSource: webview.cspSource,
      script: address(folders.script, `${PAGE_SCRIPTS[name]}.js`),
      styles: PAGE_SHEETS[name].map((sheet) => address(folders.style, `${sheet}.css`)),
    });
  }

  /** Whether there is a page that sees what is posted. */
  get isListening(): boolean {
    return this.isReady && this.panel.visible;
  }

  post(command: Command): void {
    // Resolves when the page has it; a page that is closed meanwhile asks again.
    void this.panel.webview.postMessage(command);
  }

  dispose(): void {
    this.isReady = false;
    for (const one of this.subscriptions) one.dispose();
  }

  private receive(message: unknown): void {
    if (pageReady.safeParse(message).success) {
      this.isReady = true;
      this.deps.ready();
      return;
    }
    const { data: event, error } = this.deps.events.safeParse(message);
    if (event === undefined) this.deps.log.warn('a page sent an unknown message', { problem: error?.message });
    else this.deps.received(event);
  }
}
