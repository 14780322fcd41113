/**
 * The file half of the write protocol (design §4): reading a database whole and replacing it whole, so that every
 * reader at every instant sees a complete one. `services/projectKernel.ts` is the other half.
 */
import { constants, type Stats } from 'node:fs';
import { access, open, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../kernel/errors';
import { inWalMode, isWalMode, setWalMode } from './databaseHeader';
import { syncFolder } from './durable';
import { ifThere, isNoEntry, isPermission, systemCode } from './fileErrors';
import { DRAFT_MODE, withFileLock, type FileLock } from './fileLock';
import { generationOf, generationOnceRenamed, type Generation } from './generation';
import { CheckedFiles } from './inspection/checkedFiles';
import { inspectFiles, inspectImage } from './inspection/inspection';
import { MAX_DATABASE_BYTES, MAX_LOG_BYTES } from './inspection/limits';
import { naming } from './inspection/refusal';
import { readRegular } from './inspection/regularFile';
import { hasHotJournal, journalPath, otherUser, walPath } from './otherUsers';
import { resolveDatabase, type DatabaseLocation } from './paths';
import { applyWal } from './wal';

/** The moments of a save at which a process may die; the file is sound after each. */
export const SAVE_STEPS = [
  'locked',
  'compared',
  'executed',
  'exported',
  'written',
  'synced',
  'renamed',
  'saved',
] as const;
export type SaveStep = (typeof SAVE_STEPS)[number];

export interface ImageFileOptions {
  /** How long to wait for other programs before a typed error. */
  readonly busyTimeoutMs: number;
  /** Told of every step of a save as it is done. */
  readonly onStep?: (step: SaveStep) => void;
  /** Which files have been checked before; without it each is checked once by each `ImageFile`. */
  readonly checked?: CheckedFiles | undefined;
}

/** What a file holds, or is to hold. */
export interface Content {
  /** The database as an image in memory, with WAL mode off. */
  readonly bytes: Uint8Array;
  /** The file is in WAL mode, and stays so. */
  readonly walMode: boolean;
}

/** One consistent reading of the file. */
export interface Snapshot {
  /** The database with its log merged and WAL mode off, or undefined for a file of no bytes, which is a new database. */
  readonly bytes: Uint8Array | undefined;
  readonly generation: Generation;
  readonly walMode: boolean;
}

const RETRY_MS = 20;

export class ImageFile {
  private readonly checked: CheckedFiles;

  constructor(
    private readonly location: DatabaseLocation,
    readonly options: ImageFileOptions,
  ) {
    this.checked = options.checked ?? new CheckedFiles();
  }

  /**
   * To be called before SQLite opens the file.
   * @throws KernelError as `inspectFiles`, and `DATABASE_PATH`.
   */
  async inspect(): Promise<void> {
    await inspectFiles(await this.target(), this.checked);
  }

  /**
   * Reads the file, or gives undefined where there is none.
   * @throws KernelError `DATABASE_PATH`, `DATABASE_REFUSED`, `DATABASE_DAMAGED`, `DATABASE_HOT_JOURNAL`,
   * `DATABASE_CHANGING`; the system's error where it cannot be read.
   */
  async read(): Promise<Snapshot | undefined> {
    const file = await this.target();
    const deadline = performance.now() + this.options.busyTimeoutMs;
    for (let attempts = 1; ; attempts++) {
      const outcome = await tryRead(file);
      if (outcome !== 'hot' && outcome !== 'changed') return outcome;
      if (performance.now() >= deadline) {
        if (outcome === 'changed') throw new KernelError('DATABASE_CHANGING', { path: file, attempts });
        throw new KernelError('DATABASE_HOT_JOURNAL', { path: file, journal: path.basename(journalPath(file)) });
      }
      await delay(RETRY_MS);
    }
  }

  get path(): string {
    return this.location.path;
  }

  /** The file that is really read and replaced: where `path` is a symlink inside the folder, what it points to. */
  target(): Promise<string> {
    return resolveDatabase(this.location);
  }

  /** The generation now, or undefined where there is no file. */
  async generation(): Promise<Generation | undefined> {
    return generationOf(await this.target());
  }

  /**
   * Runs `work` under the cross-process lock.
   * @throws KernelError `DATABASE_BUSY`, `DATABASE_PATH`, `DATABASE_MISSING` where the folder is gone.
   */
  async lock<T>(work: (lock: FileLock) => Promise<T>): Promise<T> {
    const [file, folder] = await Promise.all([this.target(), ifThere(stat(path.dirname(this.path)))]);
    if (folder === undefined) throw new KernelError('DATABASE_MISSING', { path: file });
    return withFileLock(file, { timeoutMs: this.options.busyTimeoutMs }, work);
  }

  /**
   * Waits until no program has the locked file open in place, and gives its generation then.
   * @throws KernelError `DATABASE_IN_USE` or `DATABASE_HOT_JOURNAL` when the busy timeout passes first.
   */
  async whenUnused(lock: FileLock): Promise<Generation | undefined> {
    const deadline = performance.now() + this.options.busyTimeoutMs;
    for (;;) {
      const [generation, obstacle] = await Promise.all([generationOf(lock.file), obstacleTo(lock.file)]);
      if (obstacle === undefined) return generation;
      if (performance.now() >= deadline) throw obstacle;
      await delay(RETRY_MS);
    }
  }

  /**
   * Puts a new image in place of the one with generation `expected` (undefined: of no file), durably. Gives the new
   * generation, or undefined when the file or the lock is no longer as expected or a program began to use the file;
   * then nothing was changed.
   * @throws the system's error; nothing was changed then either.
   */
  async replace(
    lock: FileLock,
    { bytes, walMode }: Content,
    expected: Generation | undefined,
  ): Promise<Generation | undefined> {
    const saved = await this.writeDraft(lock, walMode ? inWalMode(bytes) : bytes);
    if (saved === undefined) return undefined;
    const [found, obstacle] = await Promise.all([generationOf(lock.file), obstacleTo(lock.file)]);
    if (found !== expected || obstacle !== undefined) return undefined;
    if (!(await renameDraft(lock))) return undefined;
    this.step('renamed');
    await syncFolder(path.dirname(lock.file));
    await this.checked.add(lock.file);
    this.step('saved');
    return saved;
  }

  /** Why the file cannot be written, or undefined when it can. */
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

  /** Undefined when the draft is gone, which means that the lock was taken over. */
  private async writeDraft({ file, draft }: FileLock, bytes: Uint8Array): Promise<Generation | undefined> {
    const handle = await ifThere(open(draft, 'r+'));
    if (handle === undefined) return undefined;
    try {
      const [target] = await Promise.all([ifThere(stat(file)), handle.writeFile(bytes)]);
      if (target !== undefined) await keepOwner(handle, target);
      this.step('written');
      await handle.sync();
      this.step('synced');
      return await generationOnceRenamed(handle, bytes);
    } finally {
      await handle.close();
    }
  }
}

async function tryRead(file: string): Promise<Snapshot | undefined | 'hot' | 'changed'> {
  const generation = await generationOf(file);
  if (generation === undefined) return undefined;
  if (await hasHotJournal(file)) return 'hot';
  // The log first: a checkpoint between the two readings only makes pages of the log appear in the file as well.
  const log = await readRegular(walPath(file), MAX_LOG_BYTES);
  const stored = await readRegular(file, MAX_DATABASE_BYTES);
  if ((await hasHotJournal(file)) || (await generationOf(file)) !== generation) return 'changed';
  if (stored === undefined) return 'changed';
  const bytes = log === undefined || log.length === 0 ? stored : naming(file, () => applyWal(stored, log));
  if (bytes.length === 0) return { bytes: undefined, generation, walMode: false };
  inspectImage(file, bytes);
  const walMode = isWalMode(bytes);
  if (walMode) setWalMode(bytes, false);
  return { bytes, generation, walMode };
}

async function obstacleTo(file: string): Promise<KernelError | undefined> {
  const [by, hot] = await Promise.all([otherUser(file), hasHotJournal(file)]);
  if (by !== undefined) return new KernelError('DATABASE_IN_USE', { path: file, by });
  if (!hot) return undefined;
  return new KernelError('DATABASE_HOT_JOURNAL', { path: file, journal: path.basename(journalPath(file)) });
}

/** A draft is private and ours. What replaces a file keeps its mode, and its owner where we may give files away. */
async function keepOwner(draft: FileHandle, target: Stats): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && (target.uid !== 0 || target.gid !== process.getegid?.())) await draft.chown(target.uid, target.gid);
  const mode = target.mode & 0o777;
  if (mode !== DRAFT_MODE) await draft.chmod(mode);
}

/** False when the draft was taken away. Windows refuses while a scanner has the target open, which passes. */
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
