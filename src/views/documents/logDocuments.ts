/** Serves dispatches' logs to the editor and follows them while they are open. */
import * as vscode from 'vscode';
import { parserOf, type AgentKind } from '../../contract/agentKinds';
import { LOG_SCHEME, parseDocumentQuery } from '../../contract/pages/documents';
import type { Log } from '../../host/log';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch } from '../../kernel/dispatch/model';
import { problemOf } from '../../kernel/errors/errors';
import type { AlteredFile } from '../../contract/results/records';
import type { LogLocation } from '../../services/dispatch/follow/logLocation';
import { recordOf, type ViewContext } from '../projections/viewContext';
import type { LogDocument } from './logDocument';

/** Between two renewals of a document; a long one is renewed less often, since the editor takes it whole. */
const RENEW_MS = 100;
const CHARACTERS_PER_EXTRA_MS = 5_000;

export interface LogDocumentsDeps {
  readonly context: ViewContext;
  readonly log: Log;
  /** Where a dispatch's output is; undefined where the folder or the dispatch is not open. */
  logLocation(folder: string, dispatchId: string): Promise<LogLocation | undefined>;
  /** Which files of an ended dispatch were changed since. */
  alteredFiles(folder: string, dispatchId: string): Promise<readonly AlteredFile[]>;
  agentKinds(): readonly AgentKind[];
}

interface OpenLog {
  readonly uri: vscode.Uri;
  readonly folder: string;
  readonly dispatchId: string;
  document: LogDocument | undefined;
  /** The path that the row names, if Intercore keeps no logs there. */
  elsewhere: string | undefined;
  timer: NodeJS.Timeout | undefined;
  isFinished: boolean;
  /** Whether an editor has been taken to the end once. */
  isPlaced: boolean;
}

export class LogDocuments implements vscode.TextDocumentContentProvider {
  private readonly grown = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.grown.event;
  private readonly open = new Map<string, OpenLog>();
  /** Editors that stood at the end of their log when it was about to grow. */
  private readonly following = new Set<vscode.TextEditor>();
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly deps: LogDocumentsDeps) {
    this.subscriptions = [
      this.grown,
      vscode.workspace.registerTextDocumentContentProvider(LOG_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.close(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.scroll(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.place(editors)),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const target = parseDocumentQuery(uri.query);
    if (target?.kind !== 'log') return vscode.l10n.t('This document does not exist.');
    const { folder, dispatchId } = target;
    const known = this.open.get(uri.toString());
    const one = known ?? {
      uri,
      folder,
      dispatchId,
      document: undefined,
      elsewhere: undefined,
      timer: undefined,
      isFinished: false,
      isPlaced: false,
    };
    this.open.set(uri.toString(), one);
    await this.follow(one);
    if (one.document !== undefined) return one.document.text();
    if (one.elsewhere === undefined) return vscode.l10n.t('Dispatch {0} has no log here.', dispatchId);
    return vscode.l10n.t(
      'The record names {0} as the log of this dispatch. Intercore does not keep logs there, so the file was not opened.',
      one.elsewhere,
    );
  }

  /** Notes that the record changed: a dispatch may have got its log, or have ended. */
  changed(): void {
    for (const one of this.open.values()) {
      if (one.isFinished) continue;
      const hadLog = one.document !== undefined;
      this.inBackground(
        this.follow(one).then(() => {
          if (!hadLog && one.document !== undefined) this.renew(one);
        }),
      );
    }
  }

  dispose(): void {
    for (const { uri } of [...this.open.values()]) this.close(uri);
    for (const one of this.subscriptions) one.dispose();
  }

  /** Opens the file as soon as there is one, and reads its rest once the dispatch has ended. */
  private async follow(one: OpenLog): Promise<void> {
    const { LogDocument } = await import('./logDocument.js');
    if (this.open.get(one.uri.toString()) !== one) return;
    const dispatch = this.dispatchOf(one);
    if (one.document === undefined) {
      const place = await this.deps.logLocation(one.folder, one.dispatchId);
      one.elsewhere = place?.kind === 'elsewhere' ? place.path : undefined;
      // Another call may have opened it meanwhile.
      if (place?.kind !== 'own' || this.hasDocument(one)) return;
      const path = place.file;
      const parser = parserOf(this.deps.agentKinds(), dispatch?.agentType ?? '');
      const { l10n } = this.deps.context;
      one.document = new LogDocument({ path, parser, l10n, onChange: () => this.renew(one) });
      await one.document.open();
    }
    if (one.isFinished || dispatch === undefined || isActive(dispatch.status)) return;
    one.isFinished = true;
    await one.document.finish();
    // A long log takes a moment, and can be read meanwhile.
    this.inBackground(this.verify(one, one.document));
  }

  private async verify({ folder, dispatchId }: OpenLog, document: LogDocument): Promise<void> {
    document.markAltered(await this.deps.alteredFiles(folder, dispatchId));
  }

  private hasDocument({ document }: OpenLog): boolean {
    return document !== undefined;
  }

  private dispatchOf({ folder, dispatchId }: OpenLog): Dispatch | undefined {
    const record = recordOf(this.deps.context, folder);
    return record?.isReadable === true ? record.dispatches.get(dispatchId) : undefined;
  }

  private renew(one: OpenLog): void {
    if (!this.open.has(one.uri.toString())) return;
    const length = one.document?.length ?? 0;
    one.timer ??= setTimeout(
      () => {
        one.timer = undefined;
        for (const editor of editorsOf(one.uri)) {
          if (isAtEnd(editor)) this.following.add(editor);
        }
        this.grown.fire(one.uri);
      },
      RENEW_MS + length / CHARACTERS_PER_EXTRA_MS,
    );
  }

  private scroll(document: vscode.TextDocument): void {
    if (document.uri.scheme !== LOG_SCHEME) return;
    for (const editor of editorsOf(document.uri)) {
      if (this.following.delete(editor)) moveToEnd(editor);
    }
  }

  /** A log that still grows is first shown at its end. */
  private place(editors: readonly vscode.TextEditor[]): void {
    for (const editor of editors) {
      const one = this.open.get(editor.document.uri.toString());
      if (one === undefined || one.isPlaced) continue;
      one.isPlaced = true;
      if (!one.isFinished) moveToEnd(editor);
    }
    for (const editor of this.following) {
      if (!editors.includes(editor)) this.following.delete(editor);
    }
  }

  private close(uri: vscode.Uri): void {
    const one = this.open.get(uri.toString());
    if (one === undefined) return;
    this.open.delete(uri.toString());
    clearTimeout(one.timer);
    if (one.document !== undefined) this.inBackground(one.document.dispose());
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.deps.log.error('following a log failed', { problem: problemOf(error) }));
  }
}

function editorsOf(uri: vscode.Uri): vscode.TextEditor[] {
  const address = uri.toString();
  return vscode.window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === address);
}

function isAtEnd(editor: vscode.TextEditor): boolean {
  return editor.selection.active.line >= editor.document.lineCount - 1;
}

function moveToEnd(editor: vscode.TextEditor): void {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  editor.revealRange(new vscode.Range(end, end));
}
