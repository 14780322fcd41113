/**
 * The file half of the write protocol (`docs/design/architecture.md#write-protocol`): reading a database whole and
 * replacing it whole, so that every reader always sees a complete one. `services/record/projectKernel.ts` is the other
 * half.
 */
import { constants } from 'node:fs';
import { access, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';
import { inWalMode } from '../database/databaseHeader';
import { generationFrom, generationOf, type Generation } from '../database/generation';
import { canShowUsers, hasLog, hotJournalError, otherUser } from '../database/otherUsers';
import { asPlainFile } from '../database/rawAccess';
import { syncFolder } from '../files/durable';
import { ifThere, isPermission } from '../files/fileErrors';
import { resolveDatabase, type DatabaseLocation } from '../files/paths';
import { oldOf, withFileLock, type FileLock } from '../locks/fileLock';
import { CheckedFiles } from './checkedFiles';
import { tryRead, type RollBack, type Snapshot } from './imageReading';
import { holdOld, keepOwner, likelyObstacleTo, obstacleTo, putBack, renameDraft } from './imageReplacement';

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
  readonly rollBack?: RollBack;
}

/** The content of a file, or the content to write. */
export interface Content {
  /** The database as an image in memory, with WAL mode off. */
  readonly bytes: Uint8Array;
  /** The file is in WAL mode, which is kept. */
  readonly walMode: boolean;
}

const RETRY_MS = 20;
/** How often a file is read without a lock before SQLite takes one. */
const PLAIN_ATTEMPTS = 3;

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
    const { inspectFiles } = await import('./inspection.js');
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
      return new KernelError(
        'DATABASE_READ_ONLY',
        { path: file, problem: foreignText(problemOf(error)) },
        { cause: error },
      );
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
