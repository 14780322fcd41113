/**
 * One content of a database file in memory, and the save that creates the next one
 * (`docs/design/architecture.md#write-protocol`).
 */
import { UNKNOWN_GENERATION, type Generation } from '../../host/database/generation';
import type { ImageFile } from '../../host/image/imageFile';
import type { Snapshot } from '../../host/image/imageReading';
import type { Touched } from '../../kernel/change';
import type { RecordedStatement } from '../../kernel/db/recordedStatements';
import type { SqliteEngine } from '../../kernel/db/sqlite';
import { KernelError } from '../../kernel/errors/errors';
import { Kernel } from '../../kernel/image/kernel';
import type { Ports } from '../../kernel/ports';
import type { WriteSession } from './writers/recordWriter';
import type { AnyWrite } from './writeQueue';

/**
 * The result of a save. `unchanged`: the writes failed or wrote nothing, so the file is unchanged. `overtaken`: another
 * process wrote first; nothing is saved, and the image is obsolete.
 */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly touched: Touched }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'overtaken' };

/** The dependencies of images. */
export interface ImageSource {
  readonly file: ImageFile;
  readonly engine: () => Promise<SqliteEngine>;
  readonly ports: Ports;
  /** Refuses a database before anything of it is read. @throws KernelError */
  readonly admit?: ((database: string) => void) | undefined;
  /** Whether a large image is checked in a worker thread. */
  readonly checksInThread?: boolean | undefined;
}

/** Above this size, opening and checking an image blocks a thread for longer than a frame. */
const LARGE_BYTES = 6_000_000;

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
   * Reads the file, or the result of `read`; undefined if there is none.
   * @throws KernelError as `admit`, `ImageFile.inspect`, `ImageFile.read` and `Kernel.open`; the system's error if the
   * file cannot be read.
   */
  static async open(source: ImageSource, read?: () => Promise<Snapshot | undefined>): Promise<LoadedImage | undefined> {
    source.admit?.(source.file.path);
    const snapshot = await (read ?? readerOf(source))();
    if (snapshot === undefined) return undefined;
    let { bytes } = snapshot;
    // Other programs wait while a file is read under its lock, and starting a thread takes longer than the check.
    const isApart = source.checksInThread === true && read === undefined;
    const isSound = isApart && (bytes?.length ?? 0) > LARGE_BYTES;
    if (isSound && bytes !== undefined) {
      const { checkImageInThread } = await import('../../host/image/threadCheck.js');
      bytes = await checkImageInThread(source.file.path, bytes);
    }
    const kernel = openKernel(await source.engine(), bytes, source, isSound);
    return new LoadedImage(kernel, source, snapshot.walMode, snapshot.generation);
  }

  /** A new database without a file. */
  static async create(source: ImageSource): Promise<LoadedImage> {
    return new LoadedImage(openKernel(await source.engine(), undefined, source), source, false, undefined);
  }

  /** Whether this is the content of the file at that generation. */
  isOf(generation: Generation | undefined): boolean {
    return generation === this.savedAs && generation !== UNKNOWN_GENERATION;
  }

  /** Whether the file lacks part of the current schema, or is missing. */
  get needsSave(): boolean {
    return this.savedAs === undefined || this.lacksMigration;
  }

  /**
   * Runs the writes in one transaction and saves them together; with `force` also if they change nothing. `backup` is
   * called with the copy of a file whose schema is about to change. The transaction is synchronous; file access is not.
   * After an error the file is unchanged and the image is obsolete.
   */
  async save(
    session: WriteSession,
    takeWrites: () => readonly AnyWrite[],
    { force, backup }: { readonly force: boolean; readonly backup: (path: string) => void },
  ): Promise<SaveOutcome> {
    const { file, ports } = this.source;
    const { wasEmpty } = this.kernel.migration;
    if (this.lacksMigration && !wasEmpty) backup(await session.backUp(ports.clock.nowMs()));
    const executed = this.execute(takeWrites(), force);
    file.step('executed');
    if (executed === undefined) return { kind: 'unchanged' };
    const generation = await session.save({
      statements: [...(this.lacksMigration ? this.kernel.migrationStatements : []), ...executed.statements],
      basedOn: this.savedAs,
      image: () => this.kernel.export(),
      walMode: this.walMode,
    });
    if (generation === undefined) return { kind: 'overtaken' };
    this.savedAs = generation;
    this.lacksMigration = false;
    return { kind: 'saved', touched: executed.touched };
  }

  close(): void {
    this.kernel.close();
  }

  private execute(writes: readonly AnyWrite[], force: boolean): Executed | undefined {
    const transaction = this.kernel.begin();
    try {
      const kept = writes.filter((write) => write.run(transaction));
      if (force || (kept.length > 0 && transaction.hasChanges())) {
        const { statements } = transaction;
        return { touched: transaction.commit(), statements };
      }
      transaction.rollback();
      return undefined;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }
}

/** The result of the writes in memory. */
interface Executed {
  readonly touched: Touched;
  readonly statements: readonly RecordedStatement[];
}

function readerOf({ file }: ImageSource): () => Promise<Snapshot | undefined> {
  return async () => {
    await file.inspect();
    return file.read();
  };
}

/** Adds the path, which the kernel does not know, to the error of a damaged image. */
function openKernel(engine: SqliteEngine, bytes: Uint8Array | undefined, source: ImageSource, isSound = false): Kernel {
  try {
    return Kernel.open(engine, bytes, source.ports, isSound);
  } catch (error) {
    if (!KernelError.is(error, 'DATABASE_DAMAGED')) throw error;
    const { problem } = error.facts;
    throw new KernelError('DATABASE_DAMAGED', { path: source.file.path, problem }, { cause: error });
  }
}
