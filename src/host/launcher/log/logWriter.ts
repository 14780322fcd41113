/**
 * Writes an agent's output to its log, within a limit. The launcher's side of `cutLog`; it imports nothing but Node.
 * Writing is synchronous, so an agent that prints faster than the disk writes is slowed down and nothing accumulates
 * here.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { cutLine, HEAD_BYTES, MIN_LIMIT_BYTES } from './cutLog';

const COPY_BYTES = 1024 * 1024;

export class LogWriter {
  private descriptor: number;
  private size = 0;
  private cutBytes = 0;
  private lineBytes = 0;
  /** Bytes that could not be written because the disk was full. */
  private lost = 0;
  private readonly limit: number;

  /** @param limitBytes 0 for no limit. */
  constructor(
    private readonly file: string,
    limitBytes: number,
  ) {
    this.limit = limitBytes === 0 ? Infinity : Math.max(limitBytes, MIN_LIMIT_BYTES);
    this.descriptor = openSync(file, 'w+', 0o600);
  }

  write(bytes: Buffer): void {
    try {
      if (this.lost > 0) this.noteLost();
      for (let from = 0; from < bytes.length;) {
        const room = Math.max(1, this.limit - this.size);
        const written = writeSync(this.descriptor, bytes, from, Math.min(bytes.length - from, room));
        from += written;
        this.size += written;
        if (this.size >= this.limit) this.cut();
      }
    } catch (error) {
      // The agent continues even if its log cannot.
      if (!isSystemError(error)) throw error;
      this.lost += bytes.length;
    }
  }

  /** Closes the log, and returns its hash as `sha256:` and hexadecimal digits; null if it cannot be read. */
  end(): string | null {
    try {
      const hash = createHash('sha256');
      this.copy(0, this.size, (bytes) => hash.update(bytes));
      return `sha256:${hash.digest('hex')}`;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return null;
    } finally {
      closeSync(this.descriptor);
    }
  }

  /** Keeps the start, and of the rest the newest half of the limit. The file is replaced, so no reader sees half of it. */
  private cut(): void {
    const kept = Math.min(Math.floor(this.limit / 2), this.size - HEAD_BYTES - this.lineBytes);
    const cutBytes = this.cutBytes + this.size - HEAD_BYTES - this.lineBytes - kept;
    const draft = `${this.file}.${process.pid}`;
    const next = openSync(draft, 'w+', 0o600);
    try {
      const line = cutLine(cutBytes);
      this.copy(0, HEAD_BYTES, (bytes) => writeWhole(next, bytes));
      writeWhole(next, Buffer.from(line));
      this.copy(this.size - kept, kept, (bytes) => writeWhole(next, bytes));
      renameSync(draft, this.file);
      closeSync(this.descriptor);
      this.descriptor = next;
      this.size = HEAD_BYTES + line.length + kept;
      this.cutBytes = cutBytes;
      this.lineBytes = line.length;
    } catch (error) {
      closeSync(next);
      rmSync(draft, { force: true });
      throw error;
    }
  }

  private noteLost(): void {
    const line = `\n[intercore] ${this.lost} bytes could not be written here.\n`;
    writeWhole(this.descriptor, Buffer.from(line));
    this.size += line.length;
    this.lost = 0;
  }

  private copy(from: number, length: number, take: (bytes: Buffer) => void): void {
    const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(1, length)));
    for (let done = 0; done < length;) {
      const count = readSync(this.descriptor, buffer, 0, Math.min(buffer.length, length - done), from + done);
      if (count === 0) return;
      take(buffer.subarray(0, count));
      done += count;
    }
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length;) from += writeSync(descriptor, bytes, from);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
