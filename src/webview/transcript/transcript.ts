/** The page of a transcript: shows the rows that it is sent, asks for those that come into view, and follows the end. */
import {
  MOST_ROWS,
  transcriptCommand,
  transcriptMemory,
  transcriptPageTexts,
  type TranscriptCommand,
  type TranscriptEvent,
  type TranscriptFrame,
  type TranscriptMemory,
  type TranscriptRow,
} from '../../contract/pages/transcript';
import { Channel } from '../channel';
import { html, part } from '../dom';
import { mayUnfold, rowElement, stepElement } from './rowElement';
import { Search } from './search';
import { VirtualRows, type RowSource } from './virtualRows';

/** Rows that are kept around those that are drawn. */
const KEPT = 300;
const MOST_UNFOLDED = 200;

class TranscriptView implements RowSource {
  private readonly texts;
  private readonly rows: VirtualRows;
  private readonly search: Search;
  /** The rows near to those that are drawn. */
  private readonly known = new Map<number, TranscriptRow>();
  /** Rows that were asked for. */
  private readonly asked = new Set<number>();
  private readonly unfolded: Set<number>;
  private range: readonly [from: number, to: number] = [0, 0];
  /** Where the page was before it was hidden. */
  private goesTo: number | undefined;

  constructor(private readonly channel: Channel<TranscriptCommand, TranscriptEvent, TranscriptMemory>) {
    this.texts = channel.texts(transcriptPageTexts);
    const { top, unfolded = [] } = channel.kept() ?? {};
    this.goesTo = top;
    this.unfolded = new Set(unfolded);
    const list = part('entries');
    this.rows = new VirtualRows(part('viewport'), list, this, (follows) => {
      part('follow').setAttribute('aria-pressed', String(follows));
      this.keep();
    });
    this.search = new Search(this.texts, {
      changed: (text) => {
        if (text !== '') channel.send({ type: 'search', text });
        this.rows.renewAll();
      },
      goTo: (index) => this.goTo(index),
      left: () => this.rows.focus(this.rows.current ?? this.rows.top),
    });
    list.addEventListener('click', (event) => this.clicked(event));
    part('viewport').addEventListener('scrollend', () => this.keep());
    part('follow').addEventListener('click', () => this.rows.follow(!this.rows.isFollowing));
    part('export').addEventListener('click', () => channel.send({ type: 'export' }));
    part('log').addEventListener('click', () => channel.send({ type: 'log' }));
    document.addEventListener('keydown', (event) => this.pressed(event));
    channel.onCommand((command) => this.receive(command));
    this.keep();
    channel.ready();
  }

  element(index: number): HTMLElement {
    const row = this.known.get(index);
    const view = { index, count: this.rows.count, isOpen: this.unfolded.has(index), found: this.search.text };
    if (row !== undefined) return rowElement(row, view, this.texts);
    const data = { 'data-index': String(index), tabindex: '-1' };
    return html('article', { class: 'row waiting', 'aria-busy': 'true', ...data }, this.texts.loading);
  }

  drawn(from: number, to: number): void {
    this.range = [from, to];
    for (const index of this.known.keys()) if (index < from - KEPT || index > to + KEPT) this.known.delete(index);
    const missing = Array.from({ length: to - from }, (_, order) => from + order).filter(
      (index) => !this.known.has(index) && !this.asked.has(index),
    );
    const [first] = missing;
    const last = missing.at(-1);
    if (first === undefined || last === undefined) return;
    const count = Math.min(MOST_ROWS, last - first + 1);
    for (let index = first; index < first + count; index += 1) this.asked.add(index);
    this.channel.send({ type: 'range', from: first, count });
  }

  private receive(command: TranscriptCommand): void {
    switch (command.type) {
      case 'frame':
        this.showFrame(command.frame);
        this.forget(command.changed);
        this.rows.setCount(command.frame.count);
        if (this.goesTo !== undefined && command.frame.count > this.goesTo) {
          const { goesTo } = this;
          this.goesTo = undefined;
          this.rows.scrollToRow(goesTo);
        }
        return;
      case 'rows':
        for (const [order, row] of command.rows.entries()) {
          const index = command.from + order;
          this.asked.delete(index);
          this.known.set(index, row);
          this.rows.renew(index);
        }
        return;
      case 'found':
        this.search.found(command.text, command.indexes, command.isComplete, this.rows.top);
        return;
    }
  }

  private showFrame({ title, summary, notice, plan }: TranscriptFrame): void {
    part('title').textContent = title;
    part('summary').textContent = summary;
    part('notice').textContent = notice;
    part('notice').hidden = notice === '';
    part('plan').hidden = plan === null;
    part('plan-title').textContent = plan?.title ?? '';
    part('steps').replaceChildren(...(plan?.steps ?? []).map(stepElement));
  }

  /** Asks again for changed rows that are drawn; they stay until they come. */
  private forget(changed: 'all' | readonly number[]): void {
    const [from, to] = this.range;
    const isChanged = (index: number): boolean => changed === 'all' || changed.includes(index);
    for (const index of [...this.known.keys()]) {
      if ((index < from || index >= to) && isChanged(index)) this.known.delete(index);
    }
    if (changed === 'all') this.asked.clear();
    const shown = Array.from({ length: to - from }, (_, order) => from + order).filter(isChanged);
    const [first] = shown;
    const last = shown.at(-1);
    if (first === undefined || last === undefined) return;
    this.channel.send({ type: 'range', from: first, count: Math.min(MOST_ROWS, last - first + 1) });
  }

  private clicked(event: MouseEvent): void {
    const element = event.target instanceof Element ? event.target : undefined;
    const link = element?.closest('a');
    if (link !== null && link !== undefined) {
      // VS Code opens a link of a page without a question where the workspace is trusted, but the agent wrote this one.
      event.preventDefault();
      event.stopPropagation();
      this.channel.send({ type: 'link', address: link.href });
      return;
    }
    const row = element?.closest<HTMLElement>('[data-index]');
    if (element === undefined || row === null || row === undefined) return;
    const index = Number(row.dataset['index']);
    const diff = element.closest<HTMLElement>('.diff');
    if (diff !== null) this.channel.send({ type: 'diff', index, diff: Number(diff.dataset['diff']) });
    else if (element.closest('.all') !== null) this.channel.send({ type: 'whole', index });
    else if (element.closest('.fold') !== null) {
      this.toggle(index);
      this.rows.focus(index);
    }
  }

  private toggle(index: number): void {
    const row = this.known.get(index);
    if (row === undefined || !mayUnfold(row)) return;
    if (!this.unfolded.delete(index)) this.unfolded.add(index);
    this.rows.renew(index);
    this.keep();
  }

  private goTo(index: number): void {
    this.unfolded.add(index);
    this.rows.follow(false);
    this.rows.renew(index);
    this.rows.reveal(index);
    this.keep();
  }

  private pressed(event: KeyboardEvent): void {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (target instanceof HTMLInputElement || altKey) return;
    if ((ctrlKey || metaKey) && key.toLowerCase() === 'f') this.search.focus();
    else if (ctrlKey || metaKey || !this.act(key, target)) return;
    event.preventDefault();
  }

  private act(key: string, target: EventTarget | null): boolean {
    const { rows } = this;
    const current = rows.current;
    const isInRow = target instanceof Element && target.closest('#entries') !== null;
    switch (key) {
      case '/':
        this.search.focus();
        return true;
      case 'ArrowDown':
        rows.focus(current === undefined ? rows.top : current + 1);
        return true;
      case 'ArrowUp':
        rows.focus(current === undefined ? rows.top : current - 1);
        return true;
      case 'Home':
        rows.focus(0);
        return true;
      case 'End':
        rows.focus(rows.count - 1);
        rows.follow(true);
        return true;
    }
    // Buttons and links have these keys themselves.
    if (current === undefined || !isInRow || target.closest('button, a') !== null) return false;
    if (key === 'Enter' || key === ' ') this.toggle(current);
    else if (key === 'd' || key === 'D') {
      if ((this.known.get(current)?.diffs.length ?? 0) === 0) return false;
      this.channel.send({ type: 'diff', index: current, diff: 0 });
    } else return false;
    return true;
  }

  private keep(): void {
    const unfolded = [...this.unfolded].slice(-MOST_UNFOLDED);
    const top = this.goesTo ?? (this.rows.isFollowing ? undefined : this.rows.top);
    this.channel.keep(top === undefined ? { unfolded } : { unfolded, top });
  }
}

export function startTranscript(): void {
  new TranscriptView(new Channel({ command: transcriptCommand, memory: transcriptMemory }));
}
