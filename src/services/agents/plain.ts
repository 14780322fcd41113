/** Reads the output of any program: it counts nothing and keeps the end, where a verdict may stand. */
import { startOf } from './bounded';
import { EMPTY_REPORT, type AgentReport, type OutputReader } from './report';

const KEPT_LINES = 200;
const KEPT_LINE_LENGTH = 2000;

export class PlainReader implements OutputReader {
  private readonly lines: string[] = [];

  read(line: string): void {
    this.lines.push(startOf(line, KEPT_LINE_LENGTH));
    if (this.lines.length > KEPT_LINES) this.lines.shift();
  }

  get report(): AgentReport {
    return this.lines.length === 0 ? EMPTY_REPORT : { ...EMPTY_REPORT, finalMessage: this.lines.join('\n') };
  }
}
