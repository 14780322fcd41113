/**
 * The file half of the write protocol (design §4): reading a database whole and replacing it whole, so that every
 * reader at every instant sees a complete one. `services/projectKernel.ts` is the other half.
 */
import { constants } from 'node:fs';
import { access, open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../kernel/errors';
import { isDatabase, isWalMode, setWalMode } from './databaseHeader';
import { ifThere, isNoEntry, isPermission, systemCode } from './fileErrors';
import { withFileLock, type FileLock } from './fileLock';
import { generationOf, generationOnceRenamed, type Generation } from './generation';
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
}

/** One consistent reading of the file. */
export interface Snapshot {
  /** The database with its log merged and WAL mode off, or undefined for a file of no bytes, which is a new database. */
  readonly bytes: Uint8Array | undefined;
  readonly generation: Generation;
  /** The file is in WAL mode and is to stay so. */
  readonly walMode: boolean;
}

const RETRY_MS = 20;
const NEW_FILE_MODE = 0o600;

export class ImageFile {
  constructor(
    private readonly location: DatabaseLocation,
    readonly options: ImageFileOptions,
  ) {}

  /**
   * Reads the file, or gives undefined where there is none.
   * @throws KernelError `DATABASE_PATH`, `DATABASE_DAMAGED` (no SQLite file), `DATABASE_HOT_JOURNAL`,
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
    const file = await this.target();
    if ((await ifThere(stat(path.dirname(file)))) === undefined)
      throw new KernelError('DATABASE_MISSING', { path: file });
    return withFileLock(file, { timeoutMs: this.options.busyTimeoutMs }, work);
  }

  /**
   * Waits until no program has the database open in place.
   * @throws KernelError `DATABASE_IN_USE` or `DATABASE_HOT_JOURNAL` when the busy timeout passes first.
   */
  async waitUntilUnused(): Promise<void> {
    const deadline = performance.now() + this.options.busyTimeoutMs;
    for (;;) {
      const obstacle = await this.obstacle();
      if (obstacle === undefined) return;
      if (performance.now() >= deadline) throw obstacle;
      await delay(RETRY_MS);
    }
  }

  /**
   * Puts a new image in place of the one with generation `expected` (undefined: of no file), durably. Gives the new
   * generation, or undefined when the file or the lock is no longer as expected; then nothing was changed.
   * @throws the system's error, or `DATABASE_IN_USE`; nothing was changed then either.
   */
  async replace(
    lock: FileLock,
    image: { readonly bytes: Uint8Array; readonly walMode: boolean },
    expected: Generation | undefined,
  ): Promise<Generation | undefined> {
    const file = await this.target();
    if (image.walMode) setWalMode(image.bytes, true);
    const generation = await this.writeDraft(file, lock.draft, image.bytes);
    if (generation === undefined || (await generationOf(file)) !== expected) return undefined;
    const obstacle = await this.obstacle();
    if (obstacle !== undefined) throw obstacle;
    if (!(await renameDraft(lock.draft, file))) return undefined;
    this.step('renamed');
    await syncFolder(path.dirname(file));
    this.step('saved');
    return generation;
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

  private async obstacle(): Promise<KernelError | undefined> {
    const file = await this.target();
    const by = await otherUser(file);
    if (by !== undefined) return new KernelError('DATABASE_IN_USE', { path: file, by });
    if (!(await hasHotJournal(file))) return undefined;
    return new KernelError('DATABASE_HOT_JOURNAL', { path: file, journal: path.basename(journalPath(file)) });
  }

  /** Undefined when the draft is gone, which means that the lock was taken over. */
  private async writeDraft(file: string, draft: string, bytes: Uint8Array): Promise<Generation | undefined> {
    const handle = await ifThere(open(draft, 'r+'));
    if (handle === undefined) return undefined;
    try {
      await handle.writeFile(bytes);
      await keepOwner(handle, file);
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
  const log = await ifThere(readFile(walPath(file)));
  const stored = await ifThere(readFile(file));
  if (stored === undefined || (await hasHotJournal(file)) || (await generationOf(file)) !== generation)
    return 'changed';
  const bytes = log === undefined || log.length === 0 ? stored : applyWal(stored, log);
  if (bytes.length === 0) return { bytes: undefined, generation, walMode: false };
  if (!isDatabase(bytes)) {
    throw new KernelError('DATABASE_DAMAGED', { path: file, problem: 'it does not begin like a SQLite database' });
  }
  const walMode = isWalMode(bytes);
  if (walMode) setWalMode(bytes, false);
  return { bytes, generation, walMode };
}

/** A new file is private; one that is replaced keeps its mode, and its owner where we may give files away. */
async function keepOwner(handle: FileHandle, file: string): Promise<void> {
  const target = await ifThere(stat(file));
  const draft = await handle.stat();
  if (target !== undefined && (target.uid !== draft.uid || target.gid !== draft.gid) && process.getuid?.() === 0) {
    await handle.chown(target.uid, target.gid);
  }
  await handle.chmod(target === undefined ? NEW_FILE_MODE : target.mode & 0o777);
}

/** False when the draft was taken away. Windows refuses while a scanner has the target open, which passes. */
async function renameDraft(draft: string, file: string): Promise<boolean> {
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

/** Makes a rename durable. Windows cannot open folders and needs no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
