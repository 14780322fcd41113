/** Cutting a stream of bytes into lines within bounds, however it arrives. */

const NEWLINE = 0x0a;

/** Lines longer than this are not worth their memory: no agent says anything we read in more. */
export const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Gives each line, without its end, to `onLine`. A line beyond the bound is dropped whole and counted, so that at most
 * the bound is held at any time; the outcome does not depend on how the bytes are cut into chunks.
 */
export class LineCutter {
  /** Lines that were too long to read. */
  dropped = 0;
  private parts: Buffer[] = [];
  private held = 0;
  private overflowing = false;

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly maxBytes = MAX_LINE_BYTES,
  ) {}

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
    if (this.overflowing || bytes.length === 0) return;
    if (this.held + bytes.length > this.maxBytes) {
      this.overflowing = true;
      this.parts = [];
      this.held = 0;
      return;
    }
    this.parts.push(bytes);
    this.held += bytes.length;
  }

  private finishLine(): void {
    if (this.overflowing) {
      this.dropped += 1;
    } else {
      this.onLine(Buffer.concat(this.parts, this.held).toString('utf8').replace(/\r$/, ''));
    }
    this.parts = [];
    this.held = 0;
    this.overflowing = false;
  }
}
