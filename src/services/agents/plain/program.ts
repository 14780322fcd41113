/** Any program: its lines are kept and shown unchanged. */
import type { AgentProgram } from '../output/program';
import { storableEnd, type StorableText } from '../../../kernel/text/storableText';
import { startOf } from '../output/bounded';
import { EMPTY_REPORT, type AgentReport, type OutputReader } from '../output/report';

const KEPT_LINES = 200;
const KEPT_LINE_LENGTH = 2000;
const LAST_LINES = 20;

export class PlainReader implements OutputReader {
  readonly drift: ReadonlyMap<string, number> = new Map();
  private readonly lines: string[] = [];

  read(line: string): void {
    this.lines.push(startOf(line, KEPT_LINE_LENGTH));
    if (this.lines.length > KEPT_LINES) this.lines.shift();
  }

  get report(): AgentReport {
    return this.lines.length === 0 ? EMPTY_REPORT : { ...EMPTY_REPORT, finalMessage: storableOf(this.lines) };
  }

  get otherLines(): readonly string[] {
    return this.lines.slice(-LAST_LINES);
  }
}

function storableOf(lines: readonly string[]): StorableText {
  return storableEnd(lines.join('\n'), KEPT_LINES * (KEPT_LINE_LENGTH + 1));
}

export const PLAIN: AgentProgram = {
  reader: () => new PlainReader(),
  renderer: 'unchanged',
  failures: [],
  needs: [],
};
