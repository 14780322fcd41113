/** The texts that wait for the end of a turn, in the order in which the agent gets them. */
import type { SessionCommand, WaitingText } from '../../../contract/sessions';

type Say = Extract<SessionCommand, { kind: 'say' }>;

export class WaitingTexts {
  private texts: WaitingText[] = [];
  private readonly known = new Set<string>();
  private added = 0;

  get all(): readonly WaitingText[] {
    return this.texts;
  }

  /** The text of a command; undefined if it came before: a caller that did not see its first try succeed repeats it. */
  accept({ id, text, by }: Say): WaitingText | undefined {
    if (this.known.has(id)) return undefined;
    this.known.add(id);
    return { id, text, by, atMs: Date.now() };
  }

  addLast(item: WaitingText): void {
    this.texts.push(item);
  }

  addFirst(item: WaitingText): void {
    this.texts.unshift(item);
  }

  /** A text that no command named. */
  addOwn(text: string, by: string): void {
    this.added += 1;
    this.addFirst({ id: `${by}-${this.added}`, text, by, atMs: Date.now() });
  }

  /** An empty text removes it. Returns why it is refused; undefined if it is not. */
  edit(id: string, text: string): string | undefined {
    if (!this.texts.some((item) => item.id === id)) return 'the text does not wait any more';
    this.texts = this.texts.flatMap((item) => {
      if (item.id !== id) return [item];
      return text === '' ? [] : [{ ...item, text }];
    });
    return undefined;
  }

  takeFirst(): WaitingText | undefined {
    return this.texts.shift();
  }
}
