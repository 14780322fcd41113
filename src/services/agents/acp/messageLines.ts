/** One message of an agent, which arrives in chunks, as lines. Lines are shown when they are complete. */

/** A line without an end is shown in pieces of at least this length. */
const LONGEST_HELD = 65_536;
/** Empty lines that are shown together. */
const MOST_EMPTY = 2;

export class MessageLines {
  private rest = '';
  private empty = 0;
  private hasStarted = false;

  /** `mark`: put before each line. */
  constructor(
    readonly speaker: string,
    readonly id: string | undefined,
    private readonly mark: string,
  ) {}

  add(text: string): string[] {
    if (!text.includes('\n')) {
      this.rest += text;
      return this.rest.length < LONGEST_HELD ? [] : this.end();
    }
    const lines = `${this.rest}${text}`.split('\n');
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.shown(line));
  }

  end(): string[] {
    const { rest } = this;
    this.rest = '';
    return this.shown(rest);
  }

  /** Empty lines at the start and the end are left out. */
  private shown(line: string): string[] {
    if (line.trim() === '') {
      this.empty += 1;
      return [];
    }
    const before = this.hasStarted ? Math.min(this.empty, MOST_EMPTY) : 1;
    this.hasStarted = true;
    this.empty = 0;
    return [...Array.from({ length: before }, () => ''), `${this.mark}${line}`];
  }
}
