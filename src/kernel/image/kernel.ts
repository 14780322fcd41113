/**
 * One project's kernel: an in-memory database image, always at the current schema, with reads and transactions
 * (`docs/design/architecture.md#write-protocol`). It owns no file; `services/record/kernels.ts` carries images between
 * here and the disk.
 */
import { Touched } from '../change';
import { migrateImage, type Migration } from '../db/migrate';
import type { RecordedStatement } from '../db/recordedStatements';
import type { LeftOutRows } from '../db/rows';
import { SqliteImage, type SqliteEngine } from '../db/sqlite';
import { KernelError } from '../errors/errors';
import { foreignText } from '../errors/reasons/problem';
import { ID_LENGTH } from '../ids';
import type { Ports } from '../ports';
import type { Reader, Sync, Unit } from '../unit';

/** The result of one unit of work inside a transaction. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

export class Kernel {
  private constructor(
    private readonly image: SqliteImage,
    private readonly ports: Ports,
    /**
     * The version of the bytes and what was done to them; `migration.readOnly` is true for versions newer than ours.
     */
    readonly migration: Migration,
    /** The statements of the migration. */
    readonly migrationStatements: readonly RecordedStatement[],
  ) {}

  /**
   * Opens an image, or a new empty database, and brings it to the current schema in memory. The bytes themselves are
   * not changed: the first write saves the migrated image. `isSound`: these bytes were already checked.
   * @throws KernelError `DATABASE_DAMAGED` (with an empty path, which the caller knows), `MIGRATION_FAILED`.
   */
  static open(engine: SqliteEngine, bytes: Uint8Array | undefined, ports: Ports, isSound = false): Kernel {
    const image = openSound(engine, bytes, isSound);
    try {
      const migration = migrateImage(image);
      return new Kernel(image, ports, migration, migration.migrated ? image.recorded : []);
    } catch (error) {
      image.close();
      throw error;
    }
  }

  /** Reads a consistent state. The callback must not keep the reader. */
  read<T>(work: (reader: Reader) => Sync<T>): T {
    return this.image.reading(() => work({ db: this.image, now: this.nowSeconds() }));
  }

  /** Opens the one transaction of a save. */
  begin(): Transaction {
    this.image.begin();
    return new Transaction(this.image, this.nowSeconds(), (length = ID_LENGTH) => this.ports.ids.newId(length));
  }

  /** The committed image as the bytes of a database file. */
  export(): Uint8Array {
    return this.image.export();
  }

  get leftOut(): LeftOutRows {
    return this.image.leftOut;
  }

  close(): void {
    this.image.close();
  }

  private nowSeconds(): number {
    return Math.floor(this.ports.clock.nowMs() / 1000);
  }
}

/** Several units of work that are saved together; each is kept or undone separately. */
export class Transaction {
  private readonly kept = new Touched();
  private readonly before: string;

  constructor(
    private readonly image: SqliteImage,
    private readonly now: number,
    private readonly newId: Unit['newId'],
  ) {
    this.before = image.changeMark();
  }

  /** Whether any statement wrote anything; if not, no save is needed. */
  hasChanges(): boolean {
    return this.image.changeMark() !== this.before;
  }

  /** Runs one unit. A thrown error undoes only this unit and is returned. */
  attempt<T>(work: (unit: Unit) => Sync<T>): Attempt<T> {
    const touched = new Touched();
    const mark = this.image.savepoint();
    try {
      const value = work({ db: this.image, now: this.now, touched, newId: this.newId });
      this.image.release();
      this.kept.absorb(touched);
      return { ok: true, value };
    } catch (error) {
      this.image.undo(mark);
      return { ok: false, error };
    }
  }

  /** The statements of the kept units, for a library that runs them again on the file. */
  get statements(): readonly RecordedStatement[] {
    return this.image.recorded;
  }

  /** Commits the kept units and returns what they touched. */
  commit(): Touched {
    this.image.commit();
    return this.kept;
  }

  rollback(): void {
    this.image.rollback();
  }
}

function openSound(engine: SqliteEngine, bytes: Uint8Array | undefined, isSound: boolean): SqliteImage {
  let image: SqliteImage | undefined;
  try {
    image = new SqliteImage(engine, bytes);
    const damage = bytes === undefined || isSound ? undefined : image.damage();
    if (damage === undefined) return image;
    throw new KernelError('DATABASE_DAMAGED', { path: '', problem: foreignText(damage) });
  } catch (error) {
    image?.close();
    if (KernelError.is(error, 'SQL_FAILED')) {
      throw new KernelError(
        'DATABASE_DAMAGED',
        { path: '', problem: foreignText(error.facts.problem.text) },
        { cause: error },
      );
    }
    throw error;
  }
}
