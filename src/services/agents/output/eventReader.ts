/** Reads an agent's output line by line: its counter gets the events, other lines and drift are kept within bounds. */
import type { DriftNote, EventParser } from './eventParser';
import { PrintedLines } from './printedLines';
import type { AgentReport, OutputReader, UnrecordedDecisions } from './report';

/** Sums up the events of one log. */
export interface EventCounter<E> {
  readonly report: AgentReport;
  readonly count: (event: E) => void;
  readonly decisions?: UnrecordedDecisions;
}

/** More names than any schema change has. Further names are dropped. */
const MOST_NAMES = 50;

export class EventReader<E> implements OutputReader {
  private readonly counts = new Map<string, number>();
  private readonly printed = new PrintedLines();
  private readonly counter: EventCounter<E>;

  constructor(
    private readonly parse: EventParser<E>,
    counter: (printed: PrintedLines) => EventCounter<E>,
  ) {
    this.counter = counter(this.printed);
  }

  get report(): AgentReport {
    return this.counter.report;
  }

  get decisions(): UnrecordedDecisions | undefined {
    return this.counter.decisions;
  }

  get drift(): ReadonlyMap<string, number> {
    return this.counts;
  }

  get otherLines(): readonly string[] {
    return this.printed.lines;
  }

  read(line: string): void {
    const parsed = this.parse(line, this.note);
    if (parsed.kind === 'text') this.printed.add(line);
    else if (parsed.kind === 'event') this.counter.count(parsed.event);
  }

  private readonly note: DriftNote = (what) => {
    const count = this.counts.get(what);
    if (count === undefined && this.counts.size >= MOST_NAMES) return;
    this.counts.set(what, (count ?? 0) + 1);
  };
}
