/** Serves reports of the record to the editor and renews those that are open when the record changes. */
import * as vscode from 'vscode';
import { parseDocumentQuery, RECORD_SCHEME } from '../../contract/pages/documents';
import type { Log } from '../../host/log';
import { DeferredUpdate } from '../rows/deferredUpdate';
import type { ViewContext } from '../projections/viewContext';

export class RecordDocuments implements vscode.TextDocumentContentProvider {
  private readonly renewed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.renewed.event;
  private readonly registration: vscode.Disposable;
  private readonly renewing: DeferredUpdate;

  constructor(
    private readonly context: ViewContext,
    log: Log,
  ) {
    this.renewing = new DeferredUpdate(log, RECORD_SCHEME, () => this.renewOpen());
    this.registration = vscode.workspace.registerTextDocumentContentProvider(RECORD_SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const target = parseDocumentQuery(uri.query);
    if (target === undefined || target.kind === 'log') return vscode.l10n.t('This document does not exist.');
    const { reportText } = await import('./reports.js');
    return reportText(this.context, target);
  }

  /** Notes that the record changed. */
  changed(): void {
    this.renewing.schedule();
  }

  dispose(): void {
    this.renewing.dispose();
    this.registration.dispose();
    this.renewed.dispose();
  }

  private renewOpen(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === RECORD_SCHEME) this.renewed.fire(uri);
    }
  }
}
