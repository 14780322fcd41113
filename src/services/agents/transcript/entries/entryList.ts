/** The entries that a reader makes of a log, in order. Holds those that changed since they were last taken. */
import type { SessionNote, TranscriptEntry } from '../../../../contract/transcript';
import { startOf } from '../../output/bounded';
import { withoutTerminalCodes } from '../../output/terminalCodes';

export type EntryChange = readonly [index: number, entry: TranscriptEntry];

/** Of one entry, in UTF-16 units. */
const LONGEST_TEXT = 100_000;
const LONGEST_BLOCK = 8_000;
const LONGEST_TITLE = 500;

export class EntryList {
  private count = 0;
  private changed = new Map<number, TranscriptEntry>();
  /** The printed lines that the next one is added to. */
  private block: { readonly index: number; text: string } | undefined;

  add(entry: TranscriptEntry): number {
    const index = this.count;
    this.count += 1;
    this.changed.set(index, entry);
    this.block = undefined;
    return index;
  }

  /** Replaces an entry. */
  set(index: number, entry: TranscriptEntry): void {
    this.changed.set(index, entry);
  }

  /** Printed lines that follow each other are one entry, up to a length. */
  print(line: string): void {
    const { block } = this;
    const text = withoutTerminalCodes(line);
    if (block !== undefined && block.text.length + text.length < LONGEST_BLOCK) {
      block.text += `\n${text}`;
      this.set(block.index, { kind: 'note', tone: 'output', text: block.text });
      return;
    }
    const index = this.add({ kind: 'note', tone: 'output', text: boundedText(text) });
    this.block = { index, text };
  }

  note(text: string, tone: 'info' | 'error' = 'info'): void {
    if (text.trim() !== '') this.add({ kind: 'note', tone, text: boundedText(text.trim()) });
  }

  /** What the host of a session noted. */
  noteOfHost(text: string, about: SessionNote): void {
    this.add({ kind: 'note', tone: 'info', text: boundedText(text), about });
  }

  message(text: string, by: string | null = null): void {
    if (text.trim() !== '') this.add({ kind: 'message', by, text: boundedText(text.trim()) });
  }

  thought(text: string): void {
    if (text.trim() !== '') this.add({ kind: 'thought', text: boundedText(text.trim()) });
  }

  /** By index. */
  take(): readonly EntryChange[] {
    const changes = [...this.changed];
    this.changed = new Map();
    return changes;
  }
}

/** A foreign text of bounded length, with a note of what was left out. */
export function boundedText(text: string, longest = LONGEST_TEXT): string {
  if (text.length <= longest) return text;
  return `${startOf(text, longest)}\n${leftOut(text.length - longest)}`;
}

export function leftOut(characters: number): string {
  return `… (${characters} more characters)`;
}

/** A foreign text in one line. */
export function titleText(text: string): string {
  const line = startOf(text, 4 * LONGEST_TITLE)
    .replace(/\s+/g, ' ')
    .trim();
  return startOf(line, LONGEST_TITLE);
}

/** What a program printed: bounded, without codes for terminals. */
export function printedText(text: string, longest: number): string {
  return boundedText(text.split('\n').map(withoutTerminalCodes).join('\n').trimEnd(), longest);
}
