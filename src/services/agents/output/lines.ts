/** Cutting a stream of bytes into lines within bounds, however it arrives. */
import { LongLine } from './longLine';

const NEWLINE = 0x0a;

/** Lines longer than this are not held whole. */
export const MAX_LINE_BYTES = 1024 * 1024;

export interface LineCutterOptions {
  readonly maxBytes?: number;
  /** Give an object of JSON beyond the bound to `onLine` without what is long in it. */
  readonly shortensJson?: boolean;
}

/**
 * Gives each line, without its end, to `onLine`. A line beyond the bound is dropped whole and counted, or shortened, so
 * that a bounded part of it is held at any time; the outcome does not depend on how the bytes are cut into chunks.
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

  /** Gives what follows the last line end, if anything does. */
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
