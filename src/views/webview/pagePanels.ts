/** The panels of one kind: one for each subject, kept over a reload of the window. */
import * as vscode from 'vscode';
import { pageMemory } from '../../contract/pages/page';
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';
import { DeferredUpdate } from '../rows/deferredUpdate';

/** What fills a panel. */
export interface Page {
  /** Sends what has changed, if the page can see it. */
  draw(): void;
  dispose(): void;
}

export interface PanelKind {
  /** The type that VS Code keeps with a panel; `onWebviewPanel:<type>` activates the extension for it. */
  readonly type: string;
  readonly log: Log;
  /** The title of a panel before its page knows better. */
  title(): string;
  open(subject: string, panel: vscode.WebviewPanel): Promise<Page>;
}

export class PagePanels implements vscode.WebviewPanelSerializer {
  /** Their pages come a little later. */
  private readonly open = new Map<string, { readonly panel: vscode.WebviewPanel; page?: Page }>();
  private readonly drawing: DeferredUpdate;
  private readonly registration: vscode.Disposable;

  constructor(private readonly kind: PanelKind) {
    this.drawing = new DeferredUpdate(kind.log, kind.type, () => {
      for (const { page } of this.open.values()) page?.draw();
    });
    this.registration = vscode.window.registerWebviewPanelSerializer(kind.type, this);
  }

  /** Opens the panel of a subject, or brings it to the front. */
  show(subject: string): void {
    const shown = this.open.get(subject);
    if (shown !== undefined) {
      shown.panel.reveal();
      return;
    }
    const { kind } = this;
    this.adopt(subject, vscode.window.createWebviewPanel(kind.type, kind.title(), vscode.ViewColumn.Active));
  }

  /** Notes that what the panels show may differ. Hidden panels do no work. */
  changed(): void {
    this.drawing.schedule();
  }

  /** Called by VS Code for a panel of the window before its reload. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { data } = pageMemory.safeParse(state);
    if (data === undefined || this.open.has(data.subject)) panel.dispose();
    else this.adopt(data.subject, panel);
    return Promise.resolve();
  }

  /** Leaves the panels open: VS Code closes them with the window, or brings them back after a reload. */
  dispose(): void {
    this.drawing.dispose();
    this.registration.dispose();
    for (const { page } of this.open.values()) page?.dispose();
    this.open.clear();
  }

  private adopt(subject: string, panel: vscode.WebviewPanel): void {
    const shown: { readonly panel: vscode.WebviewPanel; page?: Page } = { panel };
    this.open.set(subject, shown);
    panel.onDidDispose(() => {
      shown.page?.dispose();
      this.open.delete(subject);
    });
    this.kind.open(subject, panel).then(
      (page) => {
        // The panel may have been closed meanwhile.
        if (this.open.get(subject) === shown) shown.page = page;
        else page.dispose();
      },
      (error: unknown) =>
        this.kind.log.error('a page did not open', { type: this.kind.type, problem: problemOf(error) }),
    );
  }
}
