/** Follows a file that grows: an agent's log (design §8). */
import { watch, type FSWatcher } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { KernelError } from '../kernel/errors';
import { readFailure } from './fileErrors';

/** Read at once; also what bounds the memory of a reader. */
const CHUNK_BYTES = 64 * 1024;

/** Time between the system's word that the file grew and reading it, so that a busy agent costs few reads. */
const GATHER_MS = 50;

export interface TailListener {
  /** The next bytes, in a buffer of their own. */
  readonly onBytes: (bytes: Buffer) => void;
  /** All that is there has been read, and it was more than before. */
  readonly onGrown: () => void;
  /** A read failed; following goes on. */
  readonly onProblem: (error: KernelError) => void;
}

/**
 * Hands on the bytes of a file, from the start, each once and in order. Owned by whoever makes it: nothing is read
 * after `dispose`.
 */
export class LogTail {
  private file: FileHandle | undefined;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private position = 0;
  private reading: Promise<void> = Promise.resolve();
  private disposed = false;

  constructor(
    readonly path: string,
    private readonly listener: TailListener,
  ) {}

  /** Begins to follow, and reads what is there. */
  start(): void {
    try {
      this.watcher = watch(this.path, { persistent: false }, () => this.schedule());
      this.watcher.on('error', (error) => this.listener.onProblem(readFailure(this.path, error)));
    } catch (error) {
      this.listener.onProblem(readFailure(this.path, error));
    }
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

  private schedule(): void {
    if (this.disposed || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.drain();
    }, GATHER_MS).unref();
  }

  private async readOn(): Promise<void> {
    const before = this.position;
    try {
      while (!this.disposed) {
        this.file ??= await open(this.path, 'r');
        const { bytesRead, buffer } = await this.file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.position);
        if (bytesRead === 0) break;
        this.position += bytesRead;
        this.listener.onBytes(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      this.listener.onProblem(readFailure(this.path, error));
    }
    if (this.position > before && !this.disposed) this.listener.onGrown();
  }
}
