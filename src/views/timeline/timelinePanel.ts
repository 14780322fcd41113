/** One panel with the timeline of one run: the pictures its page is sent, and the answers it gets. */
import * as vscode from 'vscode';
import {
  timelineEvent,
  type TimelineCommand,
  type TimelineEvent,
  type TimelinePicture,
} from '../../contract/pages/timeline';
import type { Log } from '../../host/log';
import { inTurns } from '../../host/turns';
import { problemOf } from '../../kernel/errors/errors';
import { headline } from '../rows/format';
import { PagePanel } from '../webview/pagePanel';
import type { Page } from '../webview/pagePanels';
import { changesOf, textsOf } from './items';
import { pageTexts, timelineHtml } from './timelineHtml';

export interface TimelinePanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
  /** The run as it stands. */
  picture(): Promise<TimelinePicture>;
  explain(item: string): Promise<{ readonly title: string; readonly lines: readonly string[] } | undefined>;
  open(item: string): void;
  export(): void;
}

/** Between two pictures: a run may have many events in a second, and a long one takes long to read. */
const LEAST_PAUSE_MS = 100;
/** How much of the time reading it may take. */
const LEAST_REST = 4;

export class TimelinePanel implements Page {
  private seq = 0;
  /** What was sent last: the frame, and each item by its id, as text. */
  private shown: { frame: string; items: ReadonlyMap<string, string> } | undefined;
  private readonly page: PagePanel<TimelineCommand, TimelineEvent>;
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = LEAST_PAUSE_MS;
  /** Whether the page shows nothing yet: it is sent all. */
  private isNew = true;
  /** Whether something changed while a picture is being read and sent. */
  private isDue = false;
  /** What is being read and sent. */
  private sending: Promise<void> | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    subject: string,
    private readonly deps: TimelinePanelDeps,
  ) {
    const { l10n } = vscode;
    const content = {
      name: 'timeline' as const,
      title: l10n.t('Timeline of the run'),
      subject,
      body: timelineHtml(l10n),
      texts: { ...pageTexts(l10n) },
    };
    this.page = new PagePanel(panel, content, {
      extensionUri: deps.extensionUri,
      log: deps.log,
      events: timelineEvent,
      ready: () => {
        this.isNew = true;
        this.send();
      },
      received: (event) => this.receive(event),
    });
  }

  /** Sends what has changed soon, if the page can see it. */
  draw(): void {
    if (!this.page.isListening) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.send();
    }, this.pauseMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.page.dispose();
  }

  /** Sends what has changed, or waits until the current message was sent. */
  private send(): void {
    if (this.sending !== undefined) {
      this.isDue = true;
      return;
    }
    this.isDue = false;
    const { log } = this.deps;
    this.sending = this.sendNow()
      .catch((error: unknown) => log.error('drawing failed', { what: 'timeline', problem: problemOf(error) }))
      .finally(() => {
        this.sending = undefined;
        if (this.isDue) this.draw();
      });
  }

  private async sendNow(): Promise<void> {
    const isSeen = (): boolean => this.page.isListening;
    if (!isSeen()) return;
    const startedAt = performance.now();
    const { frame, items } = await this.deps.picture();
    const now = { frame: JSON.stringify(frame), items: await inTurns(textsOf(items)) };
    if (!isSeen()) return;
    const before = this.isNew ? undefined : this.shown;
    this.isNew = false;
    const title = vscode.l10n.t('Timeline: {0}', headline(frame.title, 40));
    if (this.panel.title !== title) this.panel.title = title;
    if (before === undefined) {
      this.seq += 1;
      this.page.post({ type: 'draw', seq: this.seq, frame, items: [...items] });
    } else {
      const changes = changesOf(before.items, items, now.items);
      if (changes.items.length + changes.removed.length === 0 && before.frame === now.frame) return;
      this.seq += 1;
      const { items: changed, removed } = changes;
      this.page.post({ type: 'change', seq: this.seq, frame, items: [...changed], removed: [...removed] });
    }
    this.shown = now;
    this.pauseMs = Math.max(LEAST_PAUSE_MS, (performance.now() - startedAt) * LEAST_REST);
  }

  private receive(event: TimelineEvent): void {
    switch (event.type) {
      case 'explain':
        void this.explain(event.item);
        return;
      case 'open':
        this.deps.open(event.item);
        return;
      case 'export':
        this.deps.export();
        return;
    }
  }

  /** `explain` does not fail: what it cannot explain it logs. */
  private async explain(item: string): Promise<void> {
    const explained = await this.deps.explain(item);
    if (explained === undefined || !this.page.isListening) return;
    const { title, lines } = explained;
    this.page.post({ type: 'explained', item, title, lines: [...lines] });
  }
}
