/** Cuts a stream of bytes into lines, with a limit on what one line may hold in memory. */

const NEWLINE = 0x0a;

export interface Lines {
  readonly onLine: (line: string) => void;
  /** A line was longer than the limit; `start` has its first bytes. */
  readonly onSkipped: (bytes: number, start: string) => void;
}

/** Of a line that is not kept. */
const START_BYTES = 1024;

export class LineSplitter {
  private chunks: Buffer[] = [];
  private size = 0;
  private start = '';

  constructor(
    private readonly maxBytes: number,
    private readonly lines: Lines,
  ) {}

  push(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, from);
      this.add(bytes.subarray(from, newline < 0 ? bytes.length : newline));
      if (newline < 0) return;
      this.end();
      from = newline + 1;
    }
  }

  /** The rest, which has no line end. */
  end(): void {
    const { chunks, size, start } = this;
    this.chunks = [];
    this.size = 0;
    this.start = '';
    if (size > this.maxBytes) this.lines.onSkipped(size, start);
    else if (size > 0) this.lines.onLine(Buffer.concat(chunks).toString('utf8').replace(/\r$/, ''));
  }

  private add(part: Buffer): void {
    this.size += part.length;
    if (this.size <= this.maxBytes) {
      if (part.length > 0) this.chunks.push(part);
      return;
    }
    if (this.chunks.length === 0) return;
    this.start = Buffer.concat(this.chunks).toString('utf8', 0, START_BYTES);
    this.chunks = [];
  }
}
