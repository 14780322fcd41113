/** One panel with the transcript of one dispatch: the rows its page asks for, and what it is sent while the log grows. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import {
  transcriptEvent,
  type TranscriptCommand,
  type TranscriptEvent,
  type TranscriptFrame,
} from '../../contract/pages/transcript';
import type { TextDiff } from '../../contract/transcript';
import { parserOf, type AgentKind } from '../../contract/agentKinds';
import type { Log } from '../../host/log';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch } from '../../kernel/dispatch/model';
import { problemOf, type KernelError } from '../../kernel/errors/errors';
import { Transcript } from '../../services/agents/transcript/transcript';
import type { LogLocation } from '../../services/dispatch/follow/logLocation';
import { recordOf, type ViewContext } from '../projections/viewContext';
import { headline } from '../rows/format';
import { PagePanel } from '../webview/pagePanel';
import type { Page } from '../webview/pagePanels';
import { pageTexts, transcriptHtml } from './transcriptHtml';
import { searchedText, planTitle, rowOf, stepsOf } from './transcriptRows';

export interface TranscriptPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly context: ViewContext;
  readonly log: Log;
  readonly folder: string;
  readonly dispatchId: string;
  logLocation(): Promise<LogLocation | undefined>;
  agentKinds(): readonly AgentKind[];
  showDiff(name: string, diff: TextDiff): void;
  showLog(): void;
  export(): void;
}

/** Between two messages about a log that grows. */
const LEAST_PAUSE_MS = 100;
/** More changed rows than a page shows: it asks again for those that it does. */
const MOST_CHANGED = 1000;

export class TranscriptPanel implements Page {
  private readonly page: PagePanel<TranscriptCommand, TranscriptEvent>;
  private transcript: Transcript | undefined;
  private opening: Promise<void> | undefined;
  private isFinished = false;
  private problem: KernelError | undefined;
  private changed = new Set<number>();
  private timer: NodeJS.Timeout | undefined;
  private isDisposed = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    subject: string,
    private readonly deps: TranscriptPanelDeps,
  ) {
    const { l10n } = vscode;
    const content = {
      name: 'transcript' as const,
      title: l10n.t('Transcript'),
      subject,
      body: transcriptHtml(l10n),
      texts: { ...pageTexts(l10n) },
    };
    this.page = new PagePanel(panel, content, {
      extensionUri: deps.extensionUri,
      log: deps.log,
      events: transcriptEvent,
      ready: () => {
        this.follow();
        this.send('all');
      },
      received: (event) => this.receive(event),
    });
  }

  /** The dispatch may have got its log, or have ended. */
  draw(): void {
    this.follow();
    this.soon();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    this.page.dispose();
    void this.transcript?.dispose();
  }

  private follow(): void {
    this.opening ??= this.followNow()
      .catch((error: unknown) => this.deps.log.error('reading a transcript failed', { problem: problemOf(error) }))
      .finally(() => {
        this.opening = undefined;
      });
  }

  private async followNow(): Promise<void> {
    const dispatch = this.dispatch();
    if (this.isFinished || dispatch === undefined) return;
    const { transcript } = this;
    const read = transcript ?? (await this.open(dispatch));
    if (read === undefined || isActive(dispatch.status)) return;
    this.isFinished = true;
    await read.finish(true);
    this.soon();
  }

  private async open({ agentType }: Dispatch): Promise<Transcript | undefined> {
    const place = await this.deps.logLocation();
    if (place?.kind !== 'own' || this.isDisposed) return undefined;
    const parser = parserOf(this.deps.agentKinds(), agentType);
    this.transcript = new Transcript(place.file, parser, {
      onChanged: (indexes) => {
        for (const index of indexes) this.changed.add(index);
        this.soon();
      },
      onProblem: (problem) => {
        this.problem = problem;
        this.soon();
      },
    });
    this.transcript.follow();
    return this.transcript;
  }

  private dispatch(): Dispatch | undefined {
    const record = recordOf(this.deps.context, this.deps.folder);
    return record?.isReadable === true ? record.dispatches.get(this.deps.dispatchId) : undefined;
  }

  private soon(): void {
    if (this.isDisposed || !this.page.isListening) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.send([...this.changed]);
    }, LEAST_PAUSE_MS);
  }

  private send(changed: 'all' | readonly number[]): void {
    if (!this.page.isListening) return;
    this.changed = new Set();
    const frame = this.frame();
    if (this.panel.title !== frame.title) this.panel.title = frame.title;
    const isMany = changed !== 'all' && changed.length > MOST_CHANGED;
    this.page.post({ type: 'frame', frame, changed: changed === 'all' || isMany ? 'all' : [...changed] });
  }

  private frame(): TranscriptFrame {
    const { context, dispatchId } = this.deps;
    const { l10n, words } = context;
    const dispatch = this.dispatch();
    const plan = this.transcript?.plan;
    const name = headline(dispatch?.name ?? dispatch?.agentType ?? dispatchId, 60);
    const count = this.transcript?.count ?? 0;
    const parts = dispatch === undefined ? [] : [dispatch.agentType, words.dispatch(dispatch.status)];
    return {
      title: l10n.t('Transcript: {0}', name),
      summary: [...parts, inWords(l10n, '{0} entries', context.formats.count(count))].join(' · '),
      notice: shownReason(l10n, this.problem?.message ?? ''),
      count,
      plan: plan === undefined ? null : { title: planTitle(context, plan), steps: stepsOf(context, plan.steps) },
    };
  }

  private receive(event: TranscriptEvent): void {
    switch (event.type) {
      case 'range':
        this.sendRows(event.from, event.count);
        return;
      case 'whole':
        this.sendRows(event.index, 1, true);
        return;
      case 'search':
        void this.search(event.text);
        return;
      case 'diff': {
        const entry = this.transcript?.at(event.index);
        const diff = entry?.kind === 'tool' ? entry.diffs[event.diff] : undefined;
        if (diff !== undefined) this.deps.showDiff(`${this.deps.dispatchId} ${event.index} ${event.diff}`, diff);
        return;
      }
      case 'link':
        // It asks the person first.
        void vscode.env.openExternal(vscode.Uri.parse(event.address, true));
        return;
      case 'export':
        this.deps.export();
        return;
      case 'log':
        this.deps.showLog();
        return;
    }
  }

  private sendRows(from: number, count: number, isWhole = false): void {
    const { transcript } = this;
    if (transcript === undefined || !this.page.isListening) return;
    const entries = Array.from({ length: count }, (_, order) => transcript.at(from + order));
    const rows = entries.flatMap((entry) => (entry === undefined ? [] : [rowOf(this.deps.context, entry, isWhole)]));
    this.page.post({ type: 'rows', from, rows });
  }

  private async search(text: string): Promise<void> {
    const { transcript } = this;
    if (transcript === undefined || text === '') return;
    const { indexes, isComplete } = await transcript.search(text, (entry) => searchedText(this.deps.context, entry));
    if (this.page.isListening) this.page.post({ type: 'found', text, indexes: [...indexes], isComplete });
  }
}
