/**
 * Writes the next content of a record to its file (`docs/design/storage.md`): two adapters, native and image, behind
 * one port.
 */
import type { Generation } from '../../../host/database/generation';
import type { Snapshot } from '../../../host/image/imageReading';
import type { RecordedStatement } from '../../../kernel/db/recordedStatements';

/** The content that units created in memory. */
export interface NextContent {
  /** The statements that produce it from the content of generation `basedOn`; undefined: from no file. */
  readonly statements: readonly RecordedStatement[];
  readonly basedOn: Generation | undefined;
  /** The whole database as an image. */
  readonly image: () => Uint8Array;
  /** The file is in WAL mode, and stays so. */
  readonly walMode: boolean;
}

/** The period in which no other process of ours writes the file. */
export interface WriteSession {
  /** The generation of the current file; undefined if there is none. */
  readonly generation: Generation | undefined;
  /** Reads the file as it is now. @throws KernelError as `ImageFile.read`. */
  read(): Promise<Snapshot | undefined>;
  /** Copies the current database and returns the copy's path. */
  backUp(nowMs: number): Promise<string>;
  /**
   * Makes the next content durable and returns its generation; undefined if the file is not as expected: then nothing
   * was changed.
   * @throws KernelError; nothing was changed then either.
   */
  save(next: NextContent): Promise<Generation | undefined>;
}

export interface RecordWriter {
  /**
   * Runs `work` while no other process of ours may write the file.
   * @throws KernelError `DATABASE_BUSY`, `DATABASE_IN_USE`, `DATABASE_HOT_JOURNAL`, `DATABASE_LOG_LEFT`,
   * `DATABASE_PATH`, `DATABASE_MISSING`.
   */
  hold<T>(work: (session: WriteSession) => Promise<T>): Promise<T>;
}
