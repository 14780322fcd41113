/** One content of a database file in memory, and the save that makes the next one (design §4, steps 2 to 4). */
import { backUp } from '../host/backups';
import type { FileLock } from '../host/fileLock';
import type { Generation } from '../host/generation';
import type { ImageFile } from '../host/imageFile';
import type { Touched } from '../kernel/change';
import type { SqliteEngine } from '../kernel/db/sqlite';
import { KernelError } from '../kernel/errors';
import { Kernel } from '../kernel/kernel';
import type { Ports } from '../kernel/ports';
import type { AnyWrite } from './writeQueue';

/**
 * What a save came to. `unchanged`: the writes failed or wrote nothing, so the file is as it was. `overtaken`: another
 * process wrote first; nothing is saved, and the image is of no use any more.
 */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly touched: Touched }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'overtaken' };

/** What images are made with. */
export interface ImageSource {
  readonly file: ImageFile;
  readonly engine: () => Promise<SqliteEngine>;
  readonly ports: Ports;
}

export class LoadedImage {
  private lacksMigration: boolean;

  private constructor(
    readonly kernel: Kernel,
    private readonly source: ImageSource,
    private readonly walMode: boolean,
    private savedAs: Generation | undefined,
  ) {
    this.lacksMigration = kernel.migration.migrated;
  }

  /**
   * Reads the file; undefined where there is none.
   * @throws KernelError as `ImageFile.inspect`, `ImageFile.read` and `Kernel.open`; the system's error where the file cannot be read.
   */
  static async open(source: ImageSource): Promise<LoadedImage | undefined> {
    await source.file.inspect();
    const snapshot = await source.file.read();
    if (snapshot === undefined) return undefined;
    const kernel = openKernel(await source.engine(), snapshot.bytes, source);
    return new LoadedImage(kernel, source, snapshot.walMode, snapshot.generation);
  }

  /** A new database that is no file yet. */
  static async create(source: ImageSource): Promise<LoadedImage> {
    return new LoadedImage(openKernel(await source.engine(), undefined, source), source, false, undefined);
  }

  /** Whether this is the content of the file at that generation. */
  isOf(generation: Generation | undefined): boolean {
    return generation === this.savedAs;
  }

  /** Whether the file lacks something of the current schema, or is not there at all. */
  get needsSave(): boolean {
    return this.savedAs === undefined || this.lacksMigration;
  }

  /**
   * Runs the writes in one transaction and saves them together; with `force` also when they change nothing. The
   * transaction and the export are synchronous, all work on files is not. After a throw the file is as it was and the
   * image is of no use any more.
   */
  async save(lock: FileLock, takeWrites: () => readonly AnyWrite[], force: boolean): Promise<SaveOutcome> {
    const { file, ports } = this.source;
    if (this.lacksMigration && !this.kernel.migration.wasEmpty) await backUp(lock.file, ports.clock.nowMs());
    const touched = this.execute(takeWrites(), force);
    file.step('executed');
    if (touched === undefined) return { kind: 'unchanged' };
    const bytes = this.kernel.export();
    file.step('exported');
    const generation = await file.replace(lock, { bytes, walMode: this.walMode }, this.savedAs);
    if (generation === undefined) return { kind: 'overtaken' };
    this.savedAs = generation;
    this.lacksMigration = false;
    return { kind: 'saved', touched };
  }

  close(): void {
    this.kernel.close();
  }

  private execute(writes: readonly AnyWrite[], force: boolean): Touched | undefined {
    const transaction = this.kernel.begin();
    try {
      const kept = writes.filter((write) => write.run(transaction));
      if (force || (kept.length > 0 && transaction.hasChanges())) return transaction.commit();
      transaction.rollback();
      return undefined;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }
}

/** Puts the path into the error of a damaged image, which the kernel does not know. */
function openKernel(engine: SqliteEngine, bytes: Uint8Array | undefined, source: ImageSource): Kernel {
  try {
    return Kernel.open(engine, bytes, source.ports);
  } catch (error) {
    if (!KernelError.is(error, 'DATABASE_DAMAGED')) throw error;
    const { problem } = error.facts;
    throw new KernelError('DATABASE_DAMAGED', { path: source.file.path, problem }, { cause: error });
  }
}
