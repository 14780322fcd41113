/** What a screen reader announces: politely, and all that happens within a second as one sentence. */
import type { BoardCard } from '../../../contract/pages/board';
import type { BoardTexts } from '../../../contract/pages/boardTexts';
import { fill } from './fill';

/** Of more changes at once, only the number is announced. */
const MOST_NAMED = 3;
const GATHER_MS = 1000;

export class Announcer {
  /** The current announcement. */
  text = '';
  private readonly cards = new Map<string, BoardCard>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly texts: BoardTexts,
    private readonly spoken: () => void,
  ) {}

  /** Announces something that the person did. */
  say(text: string): void {
    // The same text again is no change of the page, so it would not be heard.
    this.text = text === this.text ? `${text}\u00a0` : text;
    this.spoken();
  }

  changed(cards: readonly BoardCard[]): void {
    for (const card of cards) this.cards.set(card.id, card);
    if (this.cards.size === 0) return;
    this.timer ??= setTimeout(() => this.announce(), GATHER_MS);
  }

  private announce(): void {
    this.timer = undefined;
    const cards = [...this.cards.values()];
    this.cards.clear();
    const sentences = cards.map(({ title, state }) => fill(this.texts.nowIs, title, state));
    this.say(cards.length > MOST_NAMED ? fill(this.texts.manyChanged, cards.length) : sentences.join('. '));
  }
}
