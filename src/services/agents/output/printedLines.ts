/** The last lines of an agent's output that are not events: warnings, usage errors and stack traces. */
import { startOf } from './bounded';

const MOST_LINES = 20;
const MOST_LENGTH = 500;

export class PrintedLines {
  private kept: readonly PrintedLine[] = [];

  get lines(): readonly string[] {
    return this.kept.map(({ text }) => text);
  }

  add(line: string): void {
    this.keep(line, false);
  }

  /** A warning of the agent that later progress makes obsolete. */
  addNotice(line: string): void {
    this.keep(line, true);
  }

  dropNotices(): void {
    if (this.kept.some(({ isNotice }) => isNotice)) this.kept = this.kept.filter(({ isNotice }) => !isNotice);
  }

  private keep(line: string, isNotice: boolean): void {
    if (line.trim() === '') return;
    this.kept = [...this.kept, { text: startOf(line, MOST_LENGTH), isNotice }].slice(-MOST_LINES);
  }
}

interface PrintedLine {
  readonly text: string;
  readonly isNotice: boolean;
}
