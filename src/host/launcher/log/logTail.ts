/**
 * Follows a file that grows: an agent's log (`docs/design/agents.md#processes`). A log whose middle was cut is followed
 * in its new file.
 */
import { watch, type FSWatcher } from 'node:fs';
import { stat, type FileHandle } from 'node:fs/promises';
import type { KernelError } from '../../../kernel/errors/errors';
import { inFile, inOutput, readCut } from './cutLog';
import { ifThere, readFailure } from '../../files/fileErrors';
import { openRegular } from '../../files/smallFile';
import type { OwnStorageFile } from '../../trusted/insideFolder';

/** Size of one read, which also limits the memory of a reader. */
const CHUNK_BYTES = 64 * 1024;

/** Time between the system's report that the file grew and reading it, so that a busy agent causes few reads. */
const GATHER_MS = 50;

export interface TailListener {
  /** The next bytes, in a separate buffer. */
  readonly onBytes: (bytes: Buffer) => void;
  /** Everything has been read, and it was more than before. */
  readonly onGrown: () => void;
  /** A read failed; following continues. */
  readonly onProblem: (error: KernelError) => void;
}

/**
 * Passes on the bytes of a file, from the start, each once and in order; bytes that were cut before they were read are
 * replaced by the line about the cut. Owned by its creator: nothing is read after `dispose`.
 */
export class LogTail {
  private file: FileHandle | undefined;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** In the open file. */
  private offset = 0;
  private reading: Promise<void> = Promise.resolve();
  private disposed = false;

  constructor(
    readonly path: OwnStorageFile,
    private readonly listener: TailListener,
  ) {}

  /** Starts to follow, and reads existing content. */
  start(): void {
    this.watch();
    this.schedule();
  }

  /** Reads to the end of the file as it is now. */
  drain(): Promise<void> {
    this.reading = this.reading.then(() => this.readOn());
    return this.reading;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.timer);
    this.watcher?.close();
    await this.reading;
    await this.file?.close();
    this.file = undefined;
  }

  private watch(): void {
    try {
      this.watcher = watch(this.path, { persistent: false }, () => this.schedule());
      this.watcher.on('error', (error) => this.listener.onProblem(readFailure(this.path, error)));
    } catch (error) {
      this.listener.onProblem(readFailure(this.path, error));
    }
  }

  private schedule(): void {
    if (this.disposed || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.drain();
    }, GATHER_MS).unref();
  }

  private async readOn(): Promise<void> {
    let read = 0;
    try {
      while (!this.disposed) {
        const bytes = await this.next();
        if (bytes === undefined) break;
        read += bytes.length;
        if (bytes.length > 0) this.listener.onBytes(bytes);
      }
    } catch (error) {
      this.listener.onProblem(readFailure(this.path, error));
    }
    if (read > 0 && !this.disposed) this.listener.onGrown();
  }

  /** The next bytes; empty if the file was replaced, undefined at the end. */
  private async next(): Promise<Buffer | undefined> {
    const file = (this.file ??= await this.openFile());
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.offset);
    this.offset += bytesRead;
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    return (await this.moveOn(file)) ? Buffer.alloc(0) : undefined;
  }

  /** Whether the log was replaced by one whose middle is cut; reading continues there at the same position. */
  private async moveOn(file: FileHandle): Promise<boolean> {
    const [open, there] = await Promise.all([file.stat(), ifThere(stat(this.path))]);
    if (there === undefined || (there.ino === open.ino && there.dev === open.dev)) return false;
    // Output between the last read and the cut is still in the open file.
    if (open.size > this.offset) return true;
    const next = await this.openFile();
    this.offset = inFile(inOutput(this.offset, await readCut(file)), await readCut(next));
    this.file = next;
    await file.close();
    if (this.watcher !== undefined) {
      this.watcher.close();
      this.watch();
    }
    return true;
  }

  private async openFile(): Promise<FileHandle> {
    const file = await openRegular(this.path);
    if (file === undefined) throw new Error('it is not a regular file');
    return file;
  }
}
