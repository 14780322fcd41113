/** The last lines of an agent's output that are no events: warnings, usage errors and stack traces. */
import { startOf } from './bounded';

const MOST_LINES = 20;
const MOST_LENGTH = 500;

export class PrintedLines {
  readonly lines: string[] = [];

  add(line: string): void {
    if (line.trim() === '') return;
    this.lines.push(startOf(line, MOST_LENGTH));
    if (this.lines.length > MOST_LINES) this.lines.shift();
  }
}
