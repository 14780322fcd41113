/** One panel with the board of one folder: the messages to its page, and the page's requests (`docs/board.md`). */
import * as vscode from 'vscode';
import {
  boardEvent,
  boardView,
  EVERYTHING,
  type BoardCommand,
  type BoardEvent,
  type BoardView,
  type DetailTarget,
} from '../../contract/pages/board';
import type { Log } from '../../host/log';
import { inTurns } from '../../host/turns';
import { isKernelError, problemOf } from '../../kernel/errors/errors';
import type { FolderRecord } from '../projections/record/folderRecord';
import { explain } from '../projections/folderRow';
import { recordOf, type ViewContext } from '../projections/viewContext';
import { PagePanel } from '../webview/pagePanel';
import type { Page } from '../webview/pagePanels';
import { callOf } from './boardActions';
import { boardDetail } from './boardDetail';
import { BoardFeed } from './boardFeed';
import { BoardModel } from './boardModel';
import { placeBefore } from './boardMove';
import { boardPageTexts } from './boardTexts';

export interface BoardPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  readonly context: ViewContext;
  /** Keeps how a person checks a folder's board. */
  readonly memento: vscode.Memento;
  /** Puts a subtask before another of its task, or at the end. @throws KernelError */
  reorder(folder: string, subtaskId: string, before: string | null): Promise<unknown>;
}

/** However fast the record changes, a page is sent changes at most this often, in milliseconds. */
const PACE_MS = 50;
/** However large the board is, finding what changed takes at most one part in so many of the window's time. */
const SHARE = 5;

type Request = Exclude<BoardEvent, { type: 'resync' | 'view' | 'look' }>;

export class BoardPanel implements Page {
  private readonly page: PagePanel<BoardCommand, BoardEvent>;
  private readonly model: BoardModel;
  private readonly feed = new BoardFeed();
  private target: DetailTarget | undefined;
  /** The details that the page shows, as text. */
  private detail = '';
  private pacing: NodeJS.Timeout | undefined;
  private isBehind = false;
  /** What a snapshot shows is being read. */
  private preparing: Promise<void> | undefined;

  constructor(
    panel: vscode.WebviewPanel,
    private readonly folder: string,
    private readonly deps: BoardPanelDeps,
  ) {
    this.model = new BoardModel(deps.context);
    const texts = boardPageTexts(vscode.l10n);
    const content = {
      name: 'board' as const,
      title: texts.board,
      subject: folder,
      body: '<div id="root"></div>',
      texts,
    };
    this.page = new PagePanel(panel, content, {
      extensionUri: deps.extensionUri,
      log: deps.log,
      events: boardEvent,
      ready: () => {
        this.target = undefined;
        this.sendSnapshot();
      },
      received: (event) => this.receive(event),
    });
    panel.title = vscode.l10n.t('Board: {0}', deps.context.nameOf(folder));
    panel.iconPath = vscode.Uri.joinPath(deps.extensionUri, 'media', 'board', 'board.svg');
  }

  /** Sends what has changed, if the page can see it; soon, if it was sent something just now. */
  draw(): void {
    if (this.pacing !== undefined) {
      this.isBehind = true;
      return;
    }
    const startedAt = performance.now();
    this.send();
    const pause = Math.max(PACE_MS, (performance.now() - startedAt) * (SHARE - 1));
    this.pacing = setTimeout(() => {
      this.pacing = undefined;
      if (this.isBehind) this.draw();
    }, pause);
  }

  dispose(): void {
    clearTimeout(this.pacing);
    this.page.dispose();
  }

  private get record(): FolderRecord | undefined {
    return recordOf(this.deps.context, this.folder);
  }

  private send(): void {
    this.isBehind = false;
    // A snapshot that is being prepared will show it.
    if (!this.page.isListening || this.preparing !== undefined) return;
    const delta = this.feed.delta(this.model.board(this.record));
    if (delta !== undefined) this.page.post(delta);
    this.sendDetail();
  }

  /** A large board is read in steps. */
  private sendSnapshot(): void {
    if (!this.page.isListening) return;
    const { log, context } = this.deps;
    this.preparing ??= inTurns(this.model.prepare(this.record))
      .then(() => {
        if (!this.page.isListening) return;
        this.page.post(this.feed.snapshot(this.model.board(this.record), this.view()));
        this.sendDetail();
      })
      .catch((error: unknown) => {
        log.error('drawing failed', { what: `board of ${context.nameOf(this.folder)}`, problem: problemOf(error) });
      })
      .finally(() => {
        this.preparing = undefined;
      });
  }

  private sendDetail(): void {
    const { record, target } = this;
    if (target === undefined) return;
    const detail = record?.isReadable === true ? boardDetail(this.deps.context, record, target) : undefined;
    const text = JSON.stringify(detail ?? null);
    if (text === this.detail) return;
    this.detail = text;
    this.page.post({ type: 'detail', target, detail: detail ?? null });
  }

  private receive(event: BoardEvent): void {
    switch (event.type) {
      case 'resync':
        this.sendSnapshot();
        return;
      case 'view':
        void this.deps.memento.update(this.memory, event.view);
        return;
      case 'look':
        this.target = event.target ?? undefined;
        this.detail = '';
        this.sendDetail();
        return;
      case 'act':
      case 'attempt':
      case 'offer':
      case 'move':
        void this.settle(event);
        return;
    }
  }

  /** Does what was requested. The page gets the changes first, then the result. */
  private async settle(event: Request): Promise<void> {
    const problem = await this.problemOf(event);
    await this.preparing;
    this.send();
    this.page.post({ type: 'settled', request: event.request, problem });
  }

  /** Empty where it was done. The wrapper of our commands logs failures, and showing them is left to us. */
  private async problemOf(event: Request): Promise<string> {
    try {
      await this.perform(event);
      return '';
    } catch (error) {
      if (isKernelError(error)) return explain(this.deps.context.l10n, error);
      return vscode.l10n.t('Intercore encountered an internal error: {problem}', { problem: problemOf(error) });
    }
  }

  private async perform(event: Request): Promise<void> {
    if (event.type === 'move') {
      const found = this.record?.tasks.find(event.subtaskId);
      const ids = found === undefined ? [] : this.record?.tasks.contentsOf(found.task).ids;
      await this.deps.reorder(this.folder, event.subtaskId, placeBefore(ids ?? [], event));
      return;
    }
    const call = callOf(this.folder, event);
    if (call === undefined) this.deps.log.warn('The board asked for what cannot be done', { event: event.type });
    else await vscode.commands.executeCommand(call.command, call.args);
  }

  private get memory(): string {
    return `board:${this.folder}`;
  }

  private view(): BoardView {
    return boardView.safeParse(this.deps.memento.get(this.memory)).data ?? EVERYTHING;
  }
}
