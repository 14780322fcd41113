/**
 * The file half of the write protocol (`docs/design/architecture.md#write-protocol`): reading a database whole and
 * replacing it whole, so that every reader always sees a complete one. `services/record/projectKernel.ts` is the other
 * half.
 */
import { constants, type Stats } from 'node:fs';
import { access, link, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { inWalMode, isWalMode, setWalMode } from './databaseHeader';
import { syncFolder } from '../files/durable';
import { ifThere, isNoEntry, isPermission, systemCode } from '../files/fileErrors';
import { DRAFT_MODE, oldOf, withFileLock, type FileLock } from '../locks/fileLock';
import { generationFrom, generationOf, type Generation } from './generation';
import { CheckedFiles } from '../inspection/checkedFiles';
import { MAX_DATABASE_BYTES, MAX_JOURNAL_BYTES, MAX_LOG_BYTES } from '../inspection/limits';
import { naming } from '../inspection/refusal';
import { readRegular } from '../inspection/regularFile';
import {
  canShowUsers,
  hasHotJournal,
  hasLog,
  hotJournalError,
  journalPath,
  leftLogError,
  lockingUser,
  otherUser,
  walPath,
} from './otherUsers';
import { resolveDatabase, type DatabaseLocation } from './paths';
import { asPlainFile } from './rawAccess';
import { applyWal, logPosition } from './wal';

/** The steps of a save after which a process may die; the file is sound after each. */
export const SAVE_STEPS = [
  'locked',
  'compared',
  'executed',
  'exported',
  'written',
  'synced',
  'held',
  'renamed',
  'saved',
] as const;
export type SaveStep = (typeof SAVE_STEPS)[number];

export interface ImageFileOptions {
  /** How long to wait for other programs before a typed error. */
  readonly busyTimeoutMs: number;
  /** As in `FileLockOptions`. */
  readonly longestPauseMs?: number | undefined;
  /** Called after every step of a save. */
  readonly onStep?: (step: SaveStep) => void;
  /** Files that were already checked; without it each `ImageFile` checks each file once. */
  readonly checked?: CheckedFiles | undefined;
  /**
   * Reads the file under SQLite's own lock, if plain reading keeps meeting a writer or finds the remains of a dead one.
   * Undefined without such a library, or if it may not change the file.
   */
  readonly underLock?: () => (() => Promise<Snapshot | undefined>) | undefined;
  /** Undoes in memory the unfinished transaction of a journal. Without it a file with such a journal is not read. */
  readonly rollBack?: (main: Uint8Array, journal: Uint8Array) => Uint8Array;
}

/** The content of a file, or the content to write. */
export interface Content {
  /** The database as an image in memory, with WAL mode off. */
  readonly bytes: Uint8Array;
  /** The file is in WAL mode, which is kept. */
  readonly walMode: boolean;
}

/** One consistent reading of the file. */
export interface Snapshot {
  /** The database with its log merged and WAL mode off; undefined for an empty file, which is a new database. */
  readonly bytes: Uint8Array | undefined;
  readonly generation: Generation;
  readonly walMode: boolean;
}

const RETRY_MS = 20;
/** How often a file is read without a lock before SQLite takes one. */
const PLAIN_ATTEMPTS = 3;
/** Longer than a tick of any file system's clock. */
const CLOCK_TICK_MS = 20;

export class ImageFile {
  private readonly checked: CheckedFiles;
  /** The last save found a program that uses the file. */
  private isShared = false;

  constructor(
    private readonly location: DatabaseLocation,
    readonly options: ImageFileOptions,
  ) {
    this.checked = options.checked ?? new CheckedFiles();
  }

  /**
   * To be called before SQLite opens the file.
   * @throws KernelError as `inspectFiles`, `DATABASE_PATH`, and `DATABASE_HOT_JOURNAL` where SQLite may not roll back.
   */
  async inspect(): Promise<void> {
    const file = await this.target();
    // Loaded with the first record, so that a window starts without it.
    const { inspectFiles } = await import('../inspection/inspection.js');
    const { busyTimeoutMs } = this.options;
    const rollsBack = this.options.underLock?.() !== undefined;
    const deadline = performance.now() + this.options.busyTimeoutMs;
    for (;;) {
      try {
        await asPlainFile(file, () => inspectFiles(file, this.checked, { busyTimeoutMs, rollsBack }));
        return;
      } catch (error) {
        // The check reads without a lock, and other programs may write continuously.
        if (!KernelError.is(error, 'DATABASE_CHANGING') || performance.now() >= deadline) throw error;
      }
      await delay(RETRY_MS);
    }
  }

  /** Records that we created the file, so that it need not be inspected. */
  async isOurs(): Promise<void> {
    await this.checked.add(await this.target());
  }

  /**
   * Reads the file; undefined if there is none.
   * @throws KernelError `DATABASE_PATH`, `DATABASE_REFUSED`, `DATABASE_DAMAGED`, `DATABASE_HOT_JOURNAL`,
   * `DATABASE_CHANGING`; the system's error where it cannot be read.
   */
  async read(): Promise<Snapshot | undefined> {
    const file = await this.target();
    const deadline = performance.now() + this.options.busyTimeoutMs;
    for (let attempts = 1; ; attempts++) {
      const outcome = await asPlainFile(file, () => tryRead(file, this.options.rollBack));
      if (typeof outcome !== 'string') return outcome;
      const underLock = attempts >= PLAIN_ATTEMPTS ? this.options.underLock?.() : undefined;
      if (underLock !== undefined) return underLock();
      if (attempts >= PLAIN_ATTEMPTS && performance.now() >= deadline && outcome !== 'young') {
        if (outcome === 'changed') throw new KernelError('DATABASE_CHANGING', { path: file, attempts });
        throw hotJournalError(file);
      }
      await delay(RETRY_MS);
    }
  }

  get path(): string {
    return this.location.path;
  }

  /** The file that is actually read and replaced: the target of `path`, if that is a symlink inside the folder. */
  target(): Promise<string> {
    return resolveDatabase(this.location);
  }

  /** The current generation; undefined if there is no file. */
  async generation(): Promise<Generation | undefined> {
    const file = await this.target();
    return asPlainFile(file, () => generationOf(file));
  }

  /**
   * Runs `work` under the cross-process lock.
   * @throws KernelError `DATABASE_BUSY`, `DATABASE_PATH`, `DATABASE_MISSING` if the folder is gone.
   */
  async lock<T>(work: (lock: FileLock) => Promise<T>): Promise<T> {
    const [file, folder] = await Promise.all([this.target(), ifThere(stat(path.dirname(this.path)))]);
    if (folder === undefined) throw new KernelError('DATABASE_MISSING', { path: file });
    const { busyTimeoutMs: timeoutMs, longestPauseMs } = this.options;
    return withFileLock(file, { timeoutMs, longestPauseMs }, work);
  }

  /**
   * Waits until no program has the locked file open in place, and returns its generation. Programs without a lock are
   * only searched to merge a log, or if the last save found one: `replace` finds them all and then changes nothing, and
   * the next attempt waits here. Each search takes longer than a write.
   * @param log handles the log of a dead program, if this system shows that no program has the file open.
   * @throws KernelError `DATABASE_IN_USE`, `DATABASE_HOT_JOURNAL` or `DATABASE_LOG_LEFT` when the busy timeout passes
   * first.
   */
  async whenUnused(lock: FileLock, log: 'merge' | 'ignore'): Promise<Generation | undefined> {
    const deadline = performance.now() + this.options.busyTimeoutMs;
    const isThorough = this.isShared || log === 'ignore';
    for (;;) {
      const [generation, obstacle] = await asPlainFile(lock.file, () =>
        Promise.all([generationOf(lock.file), isThorough ? obstacleTo(lock.file) : likelyObstacleTo(lock.file)]),
      );
      if (obstacle === undefined) return generation;
      if (obstacle.code === 'DATABASE_LOG_LEFT' && canShowUsers()) {
        if (log === 'ignore') return generation;
        if (await this.mergeLog(lock)) continue;
      }
      if (performance.now() >= deadline) throw obstacle;
      await delay(RETRY_MS);
    }
  }

  /**
   * Replaces the image with generation `expected` (undefined: no file), durably. Returns the new generation; undefined
   * if the file or the lock is no longer as expected or a program started to use the file, and then nothing was
   * changed.
   * @throws the system's error; then nothing was changed.
   */
  replace(lock: FileLock, content: Content, expected: Generation | undefined): Promise<Generation | undefined> {
    return asPlainFile(lock.file, () => this.replaceFile(lock, content, expected));
  }

  private async replaceFile(
    lock: FileLock,
    { bytes, walMode }: Content,
    expected: Generation | undefined,
  ): Promise<Generation | undefined> {
    const saved = await this.writeDraft(lock, walMode ? inWalMode(bytes) : bytes);
    if (saved === undefined) return undefined;
    await this.checked.expect(lock.file, lock.draft);
    const [found, obstacle] = await Promise.all([generationOf(lock.file), obstacleTo(lock.file)]);
    this.isShared = obstacle !== undefined;
    if (found !== expected || obstacle !== undefined) return undefined;
    const held = expected === undefined ? undefined : await holdOld(lock);
    this.step('held');
    try {
      if (!(await renameDraft(lock))) return undefined;
      this.step('renamed');
      if (held !== undefined && (await putBack(lock.file, held, { saved, expected: found }))) {
        this.isShared = true;
        return undefined;
      }
    } finally {
      if (held !== undefined) await rm(held, { force: true });
    }
    await syncFolder(path.dirname(lock.file));
    await this.checked.add(lock.file);
    this.step('saved');
    return saved;
  }

  /** Whether a dead program left a log that is not merged yet. */
  async hasLeftLog(): Promise<boolean> {
    const file = await this.target();
    return (await hasLog(file)) && (await otherUser(file)) === undefined;
  }

  /** Why the file cannot be written; undefined if it can. */
  async readOnlyReason(): Promise<KernelError | undefined> {
    const file = await this.target();
    try {
      await access(path.dirname(file), constants.W_OK | constants.X_OK);
      await access(file, constants.W_OK);
      return undefined;
    } catch (error) {
      if (!isPermission(error)) throw error;
      return new KernelError('DATABASE_READ_ONLY', { path: file, problem: problemOf(error) }, { cause: error });
    }
  }

  step(step: SaveStep): void {
    this.options.onStep?.(step);
  }

  private async mergeLog(lock: FileLock): Promise<boolean> {
    const { mergeLeftLog } = await import('./leftLog.js');
    return asPlainFile(lock.file, async () => {
      const found = await tryRead(lock.file, undefined);
      if (found === undefined || typeof found === 'string' || found.bytes === undefined) return false;
      const merged = found.walMode ? inWalMode(found.bytes) : found.bytes;
      return mergeLeftLog(lock.file, { merged, heldName: oldOf(lock.draft) }, Date.now());
    });
  }

  /** Undefined if the draft is gone: the lock was taken over. */
  private async writeDraft({ file, draft }: FileLock, bytes: Uint8Array): Promise<Generation | undefined> {
    const handle = await ifThere(open(draft, 'r+'));
    if (handle === undefined) return undefined;
    try {
      const [target] = await Promise.all([ifThere(stat(file)), handle.writeFile(bytes)]);
      if (target !== undefined) await keepOwner(handle, target);
      this.step('written');
      await handle.sync();
      this.step('synced');
      return generationFrom(await handle.stat({ bigint: true }), bytes, undefined);
    } finally {
      await handle.close();
    }
  }
}

/** `young`: a change within the same clock tick could not be distinguished from this content. */
async function tryRead(
  file: string,
  rollBack: ImageFileOptions['rollBack'],
): Promise<Snapshot | undefined | 'hot' | 'changed' | 'young'> {
  const [generation, before] = [await generationOf(file), await mainStamp(file)];
  if (generation === undefined) return undefined;
  if (await hasHotJournal(file)) return rollBack === undefined ? 'hot' : readRolledBack(file, generation, rollBack);
  // The log first: a checkpoint between the two readings only makes pages of the log appear in the file as well.
  const log = await readRegular(walPath(file), MAX_LOG_BYTES);
  const main = await readRegular(file, MAX_DATABASE_BYTES);
  if (await hasHotJournal(file)) return 'hot';
  if (main === undefined) return 'changed';
  const position = log && naming(file, () => logPosition(log));
  const isLogged = log !== undefined && log.length > 0;
  if ((isWalMode(main) && !isLogged) || position !== undefined) {
    if (await isYoung(file)) return 'young';
  }
  if ((await generationOf(file)) === generation) return snapshotOf(file, { main, log, generation });
  // Additions to the log since then belong to later transactions. A checkpoint would have written the file.
  const stats = await ifThere(stat(file, { bigint: true }));
  if (position === undefined || stats === undefined || (await mainStamp(file)) !== before) return 'changed';
  return snapshotOf(file, { main, log, generation: generationFrom(stats, main, position) });
}

/** The database as it was before the unfinished transaction. */
async function readRolledBack(
  file: string,
  generation: Generation,
  rollBack: NonNullable<ImageFileOptions['rollBack']>,
): Promise<Snapshot | 'changed'> {
  const log = await readRegular(walPath(file), MAX_LOG_BYTES);
  const torn = await readRegular(file, MAX_DATABASE_BYTES);
  // The journal last: it has the former content of every page written before.
  const journal = await readRegular(journalPath(file), MAX_JOURNAL_BYTES);
  const isSame = (await generationOf(file)) === generation;
  if (torn === undefined || journal === undefined || !isSame) return 'changed';
  return snapshotOf(file, { main: naming(file, () => rollBack(torn, journal)), log, generation });
}

/** Changes with every write to the file itself. */
async function mainStamp(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':');
}

/** In WAL mode without a log, only the modification time distinguishes contents. */
async function isYoung(file: string): Promise<boolean> {
  const stats = await ifThere(stat(file));
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < CLOCK_TICK_MS;
}

/** The bytes of a database and its log, which are changed in place. */
export async function snapshotOf(
  file: string,
  { main, log, generation }: { main: Uint8Array; log: Uint8Array | undefined; generation: Generation },
): Promise<Snapshot> {
  const bytes = log === undefined || log.length === 0 ? main : naming(file, () => applyWal(main, log));
  if (bytes.length === 0) return { bytes: undefined, generation, walMode: false };
  const { inspectImage } = await import('../inspection/inspection.js');
  inspectImage(file, bytes);
  const walMode = isWalMode(bytes);
  if (walMode) setWalMode(bytes, false);
  return { bytes, generation, walMode };
}

/** Every obstacle, except a program that only has the file open. */
async function likelyObstacleTo(file: string): Promise<KernelError | undefined> {
  const [by, hot, isLogged] = await Promise.all([lockingUser(file), hasHotJournal(file), hasLog(file)]);
  if (hot || isLogged) return obstacleTo(file);
  return by === undefined ? undefined : new KernelError('DATABASE_IN_USE', { path: file, by });
}

async function obstacleTo(file: string): Promise<KernelError | undefined> {
  const [by, hot, isLogged] = await Promise.all([otherUser(file), hasHotJournal(file), hasLog(file)]);
  if (by !== undefined) return new KernelError('DATABASE_IN_USE', { path: file, by });
  if (hot) return hotJournalError(file);
  return isLogged ? leftLogError(file) : undefined;
}

/** Gives the file a second name in the lock's folder, so that it can be checked, and put back, once it is replaced. */
async function holdOld({ file, draft }: FileLock): Promise<string | undefined> {
  const held = oldOf(draft);
  try {
    await link(file, held);
    return held;
  } catch (error) {
    // The lock is gone, or the file system has no second names.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The replaced file and its replacement. */
interface Replacement {
  readonly expected: Generation | undefined;
  readonly saved: Generation;
}

/**
 * Restores the old file if a program opened it just before the replacement, or has written and closed it since the
 * comparison, and returns whether it did. If another program has opened the new file meanwhile, that is kept: SQLite
 * then stops the first program from writing.
 */
async function putBack(file: string, held: string, { expected, saved }: Replacement): Promise<boolean> {
  const [ofOld, hot, isLogged] = await Promise.all([otherUser(file, held), hasHotJournal(file), hasLog(file)]);
  // No program opens the old file from now on: any write to it is complete, or its program was just found.
  const isWritten = (await generationOf(held)) !== expected;
  if (ofOld === undefined && !hot && !isWritten) return false;
  const isUsed = (await otherUser(file)) !== undefined;
  // A new log belongs to the program with the old file.
  const isUntouched = !isUsed && (isLogged || (await generationOf(file)) === saved);
  if (!isUntouched && !hot) return false;
  // Another program has taken over the lock, removed the old file, and may have written the new file, which is
  // therefore kept.
  if ((await ifThere(rename(held, file).then(() => true))) === undefined) return false;
  await syncFolder(path.dirname(file));
  return true;
}

/** A draft is private and ours. The replacement keeps the mode of the file, and its owner if we may change owners. */
async function keepOwner(draft: FileHandle, target: Stats): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && (target.uid !== 0 || target.gid !== process.getegid?.())) await draft.chown(target.uid, target.gid);
  const mode = target.mode & 0o777;
  if (mode !== DRAFT_MODE) await draft.chmod(mode);
}

/** False if the draft was removed. Windows refuses while a scanner has the target open, which passes. */
async function renameDraft({ draft, file }: FileLock): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(draft, file);
      return true;
    } catch (error) {
      if (isNoEntry(error)) return false;
      if (process.platform !== 'win32' || !isSharingViolation(error) || attempt === 10) throw error;
      await delay(RETRY_MS);
    }
  }
}

function isSharingViolation(error: unknown): boolean {
  return isPermission(error) || systemCode(error) === 'EBUSY';
}
