/**
 * One transaction of the native library on a database file, in place, under SQLite's own locks. All calls are
 * synchronous; if they may block, they run in a thread.
 *
 * A plain descriptor is opened before the connection and closed after it. It is used to read the header, which
 * identifies the content: closing a descriptor while SQLite holds a lock would drop that lock (`rawAccess.ts`).
 */
import { randomInt } from 'node:crypto';
import { closeSync, constants, fstatSync, futimesSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { RecordedStatement } from '../../kernel/db/recordedStatements';
import type { SqlValue } from '../../kernel/db/sqlTypes';
import { HEADER_SIZE, isWalMode } from '../database/databaseHeader';
import { systemCode } from '../files/fileErrors';
import { generationFrom, UNKNOWN_GENERATION, type Generation } from '../database/generation';
import { walPath } from '../database/otherUsers';
import { logPosition } from '../database/wal';
import type { NativeAnswer } from './messages';
import type { NativeDatabase, NativeModule, NativeValue } from './sqliteModule';

/** Of a new database. */
const CREATED_MODE = 0o600;
/** By how many microseconds a marked modification time is set back. */
const MARK_SPAN = 1000;
const [BUSY, LOCKED] = [5, 6];

/**
 * `synchronous = EXTRA`: a commit in rollback mode is on disk when it returns, as a replaced file was. The rest follows
 * SQLite's recommendations for untrusted files.
 */
const SETTINGS = `PRAGMA trusted_schema = OFF; PRAGMA recursive_triggers = OFF; PRAGMA foreign_keys = ON;
  PRAGMA synchronous = EXTRA; PRAGMA cell_size_check = ON;`;

export class NativeSession {
  /** The library's count of foreign commits during our transaction. */
  private dataVersion: unknown;

  private constructor(
    private readonly file: string,
    private readonly descriptor: number,
    private readonly database: NativeDatabase,
  ) {}

  /** Undefined if there is no file and none should be created. */
  static open(module: NativeModule, file: string, create: boolean): NativeSession | undefined {
    const descriptor = opened(file, create);
    if (descriptor === undefined) return undefined;
    try {
      const database = new module.DatabaseSync(file, { allowExtension: false, enableForeignKeyConstraints: true });
      return new NativeSession(file, descriptor, database);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  begin(purpose: 'read' | 'write'): NativeAnswer {
    if (!this.isInPlace()) return { kind: 'busy' };
    this.database.enableDefensive?.(true);
    const isLocked = unlessBusy(() => {
      this.database.exec(SETTINGS);
      this.lock(purpose);
    });
    if (!isLocked) return { kind: 'busy' };
    // Replaced between the opening and the lock: this is no longer the file.
    if (!this.isInPlace()) return { kind: 'busy' };
    this.dataVersion = this.readDataVersion();
    return { kind: 'started', generation: this.generation() };
  }

  read(): NativeAnswer {
    // The log first: a checkpoint between the two readings only makes pages of the log appear in the file as well.
    const log = readLog(this.file);
    const { size } = fstatSync(this.descriptor);
    const main = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const count = readSync(this.descriptor, main, at, size - at, at);
      if (count === 0) break;
      at += count;
    }
    return { kind: 'content', main, log, generation: this.generation() };
  }

  replay(statements: readonly RecordedStatement[]): NativeAnswer {
    for (const { sql, params, changes, key } of statements) {
      if (params === undefined) {
        this.database.exec(sql);
        continue;
      }
      const done = this.database.prepare(sql).run(...params.map(bound));
      const differs =
        (changes !== undefined && BigInt(done.changes) !== BigInt(changes)) ||
        (key !== undefined && BigInt(done.lastInsertRowid) !== BigInt(key));
      if (!differs) continue;
      const problem = `${done.changes} rows, key ${done.lastInsertRowid}, not ${changes ?? 'any'} and ${key ?? 'any'}: ${sql}`;
      return { kind: 'differs', problem };
    }
    return { kind: 'replayed' };
  }

  commit(): NativeAnswer {
    if (!unlessBusy(() => this.database.exec('COMMIT'))) return { kind: 'busy' };
    return { kind: 'committed', generation: this.generationAfterCommit() };
  }

  /** Closing undoes what is not committed. */
  close(): void {
    try {
      this.database.close();
    } finally {
      closeSync(this.descriptor);
    }
  }

  private lock(purpose: 'read' | 'write'): void {
    this.database.exec(purpose === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN');
    // The first read takes a reader's lock; this one needs no schema.
    if (purpose === 'read') this.database.prepare('PRAGMA user_version').get();
  }

  /**
   * The generation of what was committed. Checked under another lock, because another commit may have followed: then it
   * is unknown, and the next write reads the file again.
   */
  private generationAfterCommit(): Generation {
    const isLogged = isWalMode(this.header());
    // Closing would do the same, but then the content of the file would not be known.
    if (isLogged) this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (!unlessBusy(() => this.lock('write'))) return UNKNOWN_GENERATION;
    const isOurs = this.readDataVersion() === this.dataVersion;
    const isMarked = !isLogged || readLog(this.file) !== undefined || this.mark();
    const generation = isOurs && isMarked ? this.generation() : UNKNOWN_GENERATION;
    this.database.exec('ROLLBACK');
    return generation;
  }

  /**
   * In WAL mode without a log, only the modification time distinguishes contents, and two commits of one clock tick
   * have the same. So ours gets a time that no clock gives, while no other program can write. False if that is not
   * permitted.
   */
  private mark(): boolean {
    try {
      const { atimeMs } = fstatSync(this.descriptor);
      futimesSync(this.descriptor, atimeMs / 1000, Date.now() / 1000 - (1 + randomInt(MARK_SPAN)) / 1e6);
      return true;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return false;
    }
  }

  private generation(): Generation {
    const log = readLog(this.file);
    const stats = fstatSync(this.descriptor, { bigint: true });
    return generationFrom(stats, this.header(), log && logPosition(log));
  }

  private header(): Uint8Array {
    const header = new Uint8Array(HEADER_SIZE);
    return header.subarray(0, readSync(this.descriptor, header, 0, HEADER_SIZE, 0));
  }

  private isInPlace(): boolean {
    const here = fstatSync(this.descriptor, { bigint: true });
    const there = statSync(this.file, { bigint: true, throwIfNoEntry: false });
    return there?.ino === here.ino && there.dev === here.dev;
  }

  private readDataVersion(): unknown {
    return this.database.prepare('PRAGMA data_version').get()?.['data_version'];
  }
}

/** As sql.js binds numbers: whole ones of 32 bits as integers, all others as reals. */
function bound(value: SqlValue): NativeValue {
  return typeof value === 'number' && value === (value | 0) ? BigInt(value) : value;
}

function opened(file: string, create: boolean): number | undefined {
  const flags = constants.O_RDONLY | (create ? constants.O_CREAT : 0);
  try {
    return openSync(file, flags, CREATED_MODE);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function readLog(file: string): Uint8Array | undefined {
  try {
    const log = readFileSync(walPath(file));
    return log.length === 0 ? undefined : log;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** False if another program holds the needed lock. */
function unlessBusy(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && [BUSY, LOCKED].includes(code & 0xff);
}

/** SQLite's extended result code of an error. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
