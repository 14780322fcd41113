/** Follows a file that grows: an agent's log (design §8). */
import { watch, type FSWatcher } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { KernelError, problemOf } from '../kernel/errors';

/** Read at once; also what bounds the memory of a reader. */
const CHUNK_BYTES = 64 * 1024;

/** Time between the system's word that the file grew and reading it, so that a busy agent costs few reads. */
const GATHER_MS = 50;

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

  /** `onBytes` gets a buffer of its own each time. `onProblem` hears of a read that failed; following goes on. */
  constructor(
    readonly path: string,
    private readonly onBytes: (bytes: Buffer) => void,
    private readonly onProblem: (error: KernelError) => void,
  ) {}

  /** Begins to follow, and reads what is there. */
  start(): void {
    try {
      this.watcher = watch(this.path, { persistent: false }, () => this.schedule());
      this.watcher.on('error', (error) => this.onProblem(unreadable(this.path, error)));
    } catch (error) {
      this.onProblem(unreadable(this.path, error));
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
    try {
      while (!this.disposed) {
        this.file ??= await open(this.path, 'r');
        const { bytesRead, buffer } = await this.file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.position);
        if (bytesRead === 0) return;
        this.position += bytesRead;
        this.onBytes(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      this.onProblem(unreadable(this.path, error));
    }
  }
}

function unreadable(path: string, error: unknown): KernelError<'FILE_UNREADABLE'> {
  return new KernelError('FILE_UNREADABLE', { path, problem: problemOf(error) }, { cause: error });
}
