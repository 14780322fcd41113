/** The texts that wait for the end of a turn, in the order in which the agent gets them. */
import type { Attachment } from '../../../contract/attachments';
import type { SessionCommand, WaitingText } from '../../../contract/sessions';

type Say = Extract<SessionCommand, { kind: 'say' }>;

export interface HeldText extends WaitingText {
  readonly attachments?: readonly Attachment[] | undefined;
}

export class WaitingTexts {
  private texts: HeldText[] = [];
  private readonly known = new Set<string>();
  private added = 0;

  /** Attachments are named only: the state is written often. */
  get all(): readonly WaitingText[] {
    return this.texts.map(({ attachments = [], ...text }) => ({
      ...text,
      attached: attachments.map(({ name }) => name),
    }));
  }

  /** The text of a command; undefined if it came before: a caller that did not see its first try succeed repeats it. */
  accept({ id, text, attachments, by }: Say): HeldText | undefined {
    if (this.known.has(id)) return undefined;
    this.known.add(id);
    return { id, text, attachments, by, atMs: Date.now() };
  }

  addLast(item: HeldText): void {
    this.texts.push(item);
  }

  addFirst(item: HeldText): void {
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

  takeFirst(): HeldText | undefined {
    return this.texts.shift();
  }
}
