/** Splits a stream of bytes into lines of bounded length, independent of how it arrives in chunks. */
import { LongLine } from './longLine';

const NEWLINE = 0x0a;

/** Longer lines are not kept whole. */
export const MAX_LINE_BYTES = 1024 * 1024;

export interface LineCutterOptions {
  readonly maxBytes?: number;
  /** Passes a JSON object beyond the bound to `onLine` without its long parts. */
  readonly shortensJson?: boolean;
}

/**
 * Passes each line, without its end, to `onLine`. A line beyond the bound is dropped and counted, or shortened, so that
 * memory stays bounded. The result does not depend on the chunks.
 */
export class LineCutter {
  /** Lines that were too long and were not shortened. */
  dropped = 0;
  private parts: Buffer[] = [];
  private held = 0;
  private overflowing = false;
  private long: LongLine | undefined;
  private readonly maxBytes: number;

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly options: LineCutterOptions = {},
  ) {
    this.maxBytes = options.maxBytes ?? MAX_LINE_BYTES;
  }

  push(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      this.hold(bytes.subarray(from, at));
      this.finishLine();
      from = at + 1;
    }
    this.hold(bytes.subarray(from));
  }

  /** Passes on the rest after the last line end, if any. */
  end(): void {
    if (this.held > 0 || this.overflowing) this.finishLine();
  }

  private hold(bytes: Buffer): void {
    if (this.overflowing) {
      this.long?.push(bytes);
      return;
    }
    if (bytes.length === 0) return;
    if (this.held + bytes.length > this.maxBytes) {
      this.overflow(bytes);
      return;
    }
    this.parts.push(bytes);
    this.held += bytes.length;
  }

  private overflow(bytes: Buffer): void {
    this.overflowing = true;
    if (this.options.shortensJson === true) {
      this.long = new LongLine();
      for (const part of [...this.parts, bytes]) this.long.push(part);
    }
    this.parts = [];
    this.held = 0;
  }

  private finishLine(): void {
    if (this.overflowing) {
      const line = this.long?.end();
      if (line === undefined) this.dropped += 1;
      else this.onLine(line);
    } else {
      this.onLine(Buffer.concat(this.parts, this.held).toString('utf8').replace(/\r$/, ''));
    }
    this.parts = [];
    this.held = 0;
    this.overflowing = false;
    this.long = undefined;
  }
}
