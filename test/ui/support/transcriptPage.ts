/** The page of a transcript in a browser without an editor: its host is the test, with entries of its own. */
import type { BrowserContext, Page } from 'playwright-core';
import * as z from 'zod';
import {
  transcriptEvent,
  transcriptMemory,
  type TranscriptEvent,
  type TranscriptMemory,
} from '../../../src/contract/pages/transcript';
import type { TranscriptEntry } from '../../../src/contract/transcript';
import { pageTexts, transcriptHtml } from '../../../src/views/transcript/transcriptHtml';
import { planTitle, rowOf, searchedText, stepsOf } from '../../../src/views/transcript/transcriptRows';
import { ENGLISH } from '../../support/records/viewFixture';
import { until } from '../../support/until';
import { Formats } from '../../../src/views/rows/format';
import { ServedPage, type ServedOptions } from './servedPage';
import { said } from './said';

const CONTEXT = { l10n: ENGLISH, formats: new Formats(ENGLISH, 'en') };
const index = z.object({ index: z.string() });

export class TranscriptPage {
  readonly entries: TranscriptEntry[] = [];
  private answered = 0;

  private constructor(private readonly served: ServedPage) {}

  static async open(context: BrowserContext, options: ServedOptions): Promise<TranscriptPage> {
    const content = {
      name: 'transcript' as const,
      title: said('Transcript'),
      subject: 's',
      body: transcriptHtml(ENGLISH),
      texts: { ...pageTexts(ENGLISH) },
    };
    return new TranscriptPage(await ServedPage.open(context, content, options));
  }

  get page(): Page {
    return this.served.page;
  }

  /** What the page's policy refused, and what its script threw. */
  get faults(): readonly string[] {
    return this.served.faults;
  }

  /** Adds entries as a log that grows does, and waits until they are drawn. */
  async add(...entries: readonly TranscriptEntry[]): Promise<void> {
    const from = this.entries.length;
    this.entries.push(...entries);
    await this.changed(entries.map((_, order) => from + order));
  }

  /** Replaces an entry. */
  async set(at: number, entry: TranscriptEntry): Promise<void> {
    this.entries[at] = entry;
    await this.changed([at]);
  }

  /** Answers what the page asks for, until it asks for nothing more. */
  async settle(): Promise<void> {
    for (;;) {
      const events = await this.events();
      const open = events.slice(this.answered);
      this.answered = events.length;
      for (const event of open) await this.answer(event);
      if (open.length === 0) return;
    }
  }

  async events(): Promise<readonly TranscriptEvent[]> {
    return (await this.served.sent()).flatMap((event) => transcriptEvent.safeParse(event).data ?? []);
  }

  /** Waits until the page has asked for this. */
  async asks(type: TranscriptEvent['type'], number = 1): Promise<void> {
    await until(
      async () => (await this.events()).filter((event) => event.type === type).length,
      (count) => count >= number,
    );
    await this.settle();
  }

  row(at: number) {
    return this.page.locator(`#entries > [data-index="${at}"]`);
  }

  /** The row that has the focus. */
  async focused(): Promise<number> {
    const data = index.safeParse(await this.page.evaluate(`({ ...document.activeElement.dataset })`)).data;
    return data === undefined ? -1 : Number(data.index);
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.drawn();
  }

  /** Waits for two frames of the page, and answers what it asks for. */
  async drawn(): Promise<void> {
    await this.page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
    await this.settle();
  }

  async kept(): Promise<TranscriptMemory> {
    return transcriptMemory.parse((await this.served.kept()).memory);
  }

  close(): Promise<void> {
    return this.served.close();
  }

  private async changed(changed: 'all' | number[]): Promise<void> {
    const plan = this.entries.findLast((entry) => entry.kind === 'plan');
    const count = this.entries.length;
    const frame = {
      title: 'Transcript: Reviewer',
      summary: `claude-acp · running · ${count} entries`,
      notice: '',
      count,
      plan: plan === undefined ? null : { title: planTitle(CONTEXT, plan), steps: stepsOf(CONTEXT, plan.steps) },
    };
    await this.served.post({ type: 'frame', frame, changed });
    await this.settle();
    await this.drawn();
  }

  private async answer(event: TranscriptEvent): Promise<void> {
    const rows = (from: number, count: number, isWhole = false) =>
      this.entries.slice(from, from + count).map((entry) => rowOf(CONTEXT, entry, isWhole));
    if (event.type === 'range') {
      await this.served.post({ type: 'rows', from: event.from, rows: rows(event.from, event.count) });
    } else if (event.type === 'whole') {
      await this.served.post({ type: 'rows', from: event.index, rows: rows(event.index, 1, true) });
    } else if (event.type === 'search') {
      const { text } = event;
      const found = this.entries.flatMap((entry, at) =>
        searchedText(CONTEXT, entry).toLowerCase().includes(text.toLowerCase()) ? [at] : [],
      );
      await this.served.post({ type: 'found', text, indexes: found, isComplete: true });
    }
  }
}
