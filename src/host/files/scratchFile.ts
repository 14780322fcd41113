/** A file for what does not fit into memory. Its own process alone has it, and it is gone with it where the system allows. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Reads and writes do not wait: they are small, and the system keeps what is in use in memory. */
export class ScratchFile {
  private readonly file = path.join(tmpdir(), `intercore-${process.pid}-${randomBytes(8).toString('hex')}`);
  private readonly descriptor = openSync(this.file, 'wx+', 0o600);
  private length = 0;

  constructor() {
    // Windows keeps the name until the file is closed.
    if (process.platform !== 'win32') rmSync(this.file, { force: true });
  }

  /** Gives where the bytes are. */
  append(bytes: Buffer): number {
    const at = this.length;
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.descriptor, bytes, done, bytes.length - done, at + done);
    }
    this.length += bytes.length;
    return at;
  }

  read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.descriptor, bytes, done, length - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  dispose(): void {
    closeSync(this.descriptor);
    rmSync(this.file, { force: true });
  }
}
