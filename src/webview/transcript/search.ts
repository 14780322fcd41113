/** The search of a transcript: its field, its buttons, and which of the rows that were found is the current one. */
import type { TranscriptPageTexts } from '../../contract/pages/transcript';
import { part } from '../dom';

export interface SearchListener {
  /** The text is another one, empty for none. */
  readonly changed: (text: string) => void;
  /** Shows a row that was found. */
  readonly goTo: (index: number) => void;
  /** The person leaves the field. */
  readonly left: () => void;
}

/** After the last key. */
const PAUSE_MS = 200;

export class Search {
  private readonly field: HTMLInputElement;
  private readonly state = part('found');
  private readonly buttons = [part('previous'), part('next')];
  private indexes: readonly number[] = [];
  private isComplete = true;
  private current = -1;
  private asked = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly texts: TranscriptPageTexts,
    private readonly listener: SearchListener,
  ) {
    const field = part('search');
    if (!(field instanceof HTMLInputElement)) throw new Error('The page has no field to search.');
    this.field = field;
    field.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.step(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape') this.leave();
      else return;
      event.preventDefault();
    });
    this.buttons[0]?.addEventListener('click', () => this.step(-1));
    this.buttons[1]?.addEventListener('click', () => this.step(1));
  }

  /** What is marked in rows. */
  get text(): string {
    return this.asked;
  }

  focus(): void {
    this.field.focus();
    this.field.select();
  }

  found(text: string, indexes: readonly number[], isComplete: boolean, from: number): void {
    if (text !== this.asked) return;
    this.indexes = indexes;
    this.isComplete = isComplete;
    this.current = Math.max(
      0,
      indexes.findIndex((index) => index >= from),
    );
    this.show();
  }

  private ask(): void {
    this.asked = this.field.value.trim().slice(0, this.field.maxLength > 0 ? this.field.maxLength : undefined);
    this.indexes = [];
    this.current = -1;
    this.state.textContent = '';
    this.enable();
    this.listener.changed(this.asked);
  }

  private leave(): void {
    this.field.value = '';
    clearTimeout(this.timer);
    this.ask();
    this.listener.left();
  }

  private step(by: number): void {
    if (this.field.value.trim() !== this.asked) {
      clearTimeout(this.timer);
      this.ask();
      return;
    }
    const { length } = this.indexes;
    if (length === 0) return;
    this.current = (this.current + by + length) % length;
    this.show();
  }

  private show(): void {
    const { texts, indexes } = this;
    const words = this.isComplete ? texts.found : texts.foundMore;
    this.state.textContent =
      indexes.length === 0
        ? texts.notFound
        : words.replace('{0}', String(this.current + 1)).replace('{1}', String(indexes.length));
    this.enable();
    const index = indexes[this.current];
    if (index !== undefined) this.listener.goTo(index);
  }

  private enable(): void {
    for (const button of this.buttons) button.toggleAttribute('disabled', this.indexes.length === 0);
  }
}
