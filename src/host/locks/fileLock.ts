/**
 * The cross-process lock of a database, which is also its fence (`docs/design/architecture.md#write-protocol`).
 *
 * The lock is the folder `<database>.lock` while it holds a file, the *draft*, whose name no other process ever uses.
 * The next image is written into that very draft, and saving is renaming it over the database. So one rename both saves
 * and gives the lock up, and a lock is taken from a dead or sleeping holder by deleting its draft: from then on the
 * holder cannot save, however late it wakes. Lock libraries that keep an empty folder or a time stamp leave a moment in
 * which two holders can both save, and one loses an acknowledged write; here every step is one atomic call:
 *
 * - take: rename a prepared folder, draft inside, to the lock; fails while the lock holds a draft;
 * - take over: unlink the dead holder's draft by its name, which no other process uses;
 * - save: rename the draft over the database; fails once it was taken;
 * - give back: unlink the draft, by its name.
 *
 * A holder is dead when its process is gone from this machine, or has not refreshed its draft for `STALE_AFTER_MS`
 * (other machines on a shared disk, reused pids). The replaced file has the time of an earlier save, so its age shows
 * nothing: while it is the only file in the lock, the holder refreshes the lock's folder instead.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import { ifThere, isNoEntry, systemCode } from '../files/fileErrors';
import { signalReaches } from './signalReach';

export const STALE_AFTER_MS = 10_000;
/** The mode of a draft, and so of a new database. */
export const DRAFT_MODE = 0o600;
const REFRESH_MS = 2_000;
/** Ends the second name of the file that is replaced under the lock. */
const OLD = '-old';
/** `<pid>-<machine>-<random>`, and the second name of the file that is replaced. */
const DRAFT_NAME = /^\d+-[0-9a-z]+-[0-9a-f]+(-old)?$/;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;
/**
 * Growth of the pause from one try to the next: more tries than with doubling, and less waiting after the holder is
 * done.
 */
const GROWTH = 1.5;

export interface FileLock {
  /** The file that is locked. */
  readonly file: string;
  /** An empty file of mode 0600 next to the database. Renaming it away both saves and releases the lock. */
  readonly draft: string;
}

export interface FileLockOptions {
  /** How long to wait for another holder; 0 tries once. */
  readonly timeoutMs: number;
  /**
   * The longest pause between two tries, if not the default: with a longer one, many waiting processes leave the
   * processors to the holder, and the next turn to those with a shorter one.
   */
  readonly longestPauseMs?: number | undefined;
}

/**
 * Runs `work` while this process holds the lock of `file`.
 * @throws KernelError `DATABASE_BUSY` when it stays held, `LOCK_UNKNOWN` where no version of ours made it; the system's
 * error where the lock cannot be made.
 */
export async function withFileLock<T>(
  file: string,
  options: FileLockOptions,
  work: (lock: FileLock) => Promise<T>,
): Promise<T> {
  const folder = `${file}.lock`;
  const name = draftName();
  await take(file, folder, name, options);
  const draft = path.join(folder, name);
  const refreshing = new Refresh(draft);
  try {
    return await work({ file, draft });
  } finally {
    await refreshing.stop();
    await giveBack(folder, draft);
  }
}

async function take(file: string, folder: string, name: string, options: FileLockOptions): Promise<void> {
  const { timeoutMs, longestPauseMs = LONGEST_PAUSE_MS } = options;
  const started = performance.now();
  if (await claim(folder, name)) return;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, longestPauseMs)) {
    if ((await isFree(folder)) && (await claim(folder, name))) return;
    const waitedMs = Math.round(performance.now() - started);
    if (waitedMs >= timeoutMs) throw await heldBy(file, folder, waitedMs);
    // Uneven waits keep several processes from trying at the same time.
    await delay(Math.min(pauseMs * (0.5 + Math.random()), timeoutMs - waitedMs));
  }
}

/** One try to become the holder. */
async function claim(folder: string, name: string): Promise<boolean> {
  const prepared = `${folder}-${name}`;
  await mkdir(prepared, { mode: 0o700 });
  try {
    await writeFile(path.join(prepared, name), '', { flag: 'wx', mode: DRAFT_MODE });
    await rename(prepared, folder);
    return true;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    // Prepared so slowly that another program removed it as the remains of a dead one.
    if (systemCode(error) === 'ENOENT') return false;
    if (isTaken(error)) return false;
    if (systemCode(error) === 'ENOTDIR') throw unknownLock(folder, because('it is not a folder'));
    throw error;
  }
}

/**
 * Codes for a folder that cannot be replaced because it is not empty; Windows refuses every existing folder, with these
 * codes.
 */
function isTaken(error: unknown): boolean {
  const code = systemCode(error);
  return (
    code === 'ENOTEMPTY' ||
    code === 'EEXIST' ||
    (process.platform === 'win32' && (code === 'EPERM' || code === 'EACCES'))
  );
}

/**
 * Whether the lock can be claimed now; drafts of dead holders are removed first.
 * @throws KernelError `LOCK_UNKNOWN` if it contains something that no version of ours creates.
 */
async function isFree(folder: string): Promise<boolean> {
  const holders = await holdersOf(folder);
  const foreign = holders.find((holder) => !DRAFT_NAME.test(holder));
  if (foreign !== undefined)
    throw unknownLock(folder, because('{file} was made by another program', { file: foreign }));
  const dead = await Promise.all(holders.map((holder) => isDead(holder, signOf(folder, holder))));
  if (dead.includes(false)) return false;
  // The draft first. Where it is gone, its holder may have saved just now, and still needs the file that it replaced.
  for (const holder of [...holders].sort()) {
    if ((await ifThere(unlink(path.join(folder, holder)).then(() => true))) === undefined) break;
  }
  // Needed only on Windows; elsewhere an empty folder is replaced. It fails if another process was faster.
  if (process.platform === 'win32') await removeFolder(folder);
  return true;
}

/** Why a lock stayed held. */
async function heldBy(file: string, folder: string, waitedMs: number): Promise<KernelError> {
  for (const holder of await holdersOf(folder)) {
    const stats = await ifThere(stat(signOf(folder, holder)));
    if (stats !== undefined && stats.mtimeMs - Date.now() > STALE_AFTER_MS) {
      const facts = { file: holder, date: stats.mtime.toISOString() };
      return unknownLock(folder, because('{file} is dated in the future, at {date}', facts));
    }
  }
  return new KernelError('DATABASE_BUSY', { path: file, waitedMs });
}

/** The draft of the living holder of the lock of `file`; undefined if it is not held. */
export async function holderOf(file: string): Promise<string | undefined> {
  const folder = `${file}.lock`;
  for (const holder of await holdersOf(folder)) {
    if (DRAFT_NAME.test(holder) && !(await isDead(holder, signOf(folder, holder)))) return path.join(folder, holder);
  }
  return undefined;
}

async function holdersOf(folder: string): Promise<readonly string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

function unknownLock(folder: string, problem: Problem<'LOCK_UNKNOWN'>): KernelError {
  return new KernelError('LOCK_UNKNOWN', { path: folder, problem });
}

/** The file or folder whose time shows that the holder is alive. */
function signOf(folder: string, holder: string): string {
  return holder.endsWith(OLD) ? folder : path.join(folder, holder);
}

/** @param sign the file or folder that its creator refreshes, or has just created. */
async function isDead(name: string, sign: string): Promise<boolean> {
  const [pid, machine] = name.split('-');
  if (machine === machineId() && !signalReaches(Number(pid))) return true;
  const stats = await ifThere(stat(sign));
  return stats === undefined || Date.now() - stats.mtimeMs > STALE_AFTER_MS;
}

/** Never fails: it must not hide the result of the work, and remains expire without a refresh. */
async function giveBack(folder: string, draft: string): Promise<void> {
  try {
    // After a save the folder is already empty.
    if (await removeFolder(folder)) return;
    await ifThere(unlink(draft));
    await removeFolder(folder);
  } catch {
    return;
  }
}

/**
 * Deletes remains, next to the database, of processes that died while they prepared a lock. They are harmless, so this
 * is done when a database is opened, not at every save.
 */
export async function removeRemains(file: string): Promise<void> {
  const prefix = `${path.basename(file)}.lock-`;
  const parent = path.dirname(file);
  for (const entry of (await ifThere(readdir(parent))) ?? []) {
    if (!entry.startsWith(prefix)) continue;
    const prepared = path.join(parent, entry);
    if (await isDead(entry.slice(prefix.length), prepared)) await rm(prepared, { recursive: true, force: true });
  }
}

/** Shows other machines that the holder is alive, without keeping this process alive. */
class Refresh {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly draft: string) {
    this.schedule();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.touch();
    }, REFRESH_MS).unref();
  }

  private async touch(): Promise<void> {
    try {
      await this.touchSign(new Date());
    } catch (error) {
      // The lock was released or taken over. The save itself detects that, and there is nothing to refresh.
      if (isNoEntry(error)) return;
    }
    if (this.timer !== undefined) this.schedule();
  }

  private async touchSign(now: Date): Promise<void> {
    try {
      await utimes(this.draft, now, now);
    } catch (error) {
      if (!isNoEntry(error)) throw error;
      // Saved. The old file itself keeps its time, which shows whether another program has written it.
      await stat(oldOf(this.draft));
      await utimes(path.dirname(this.draft), now, now);
    }
  }
}

/** The second name, in the lock, of the file that the draft replaces. */
export function oldOf(draft: string): string {
  return `${draft}${OLD}`;
}

/** `<pid>-<machine>-<random>`. */
function draftName(): string {
  return `${process.pid}-${machineId()}-${randomBytes(8).toString('hex')}`;
}

/** Identifies the process table of our pid: one boot of one machine or container. */
function machineId(): string {
  return createHash('sha256').update(processTable()).digest('hex').slice(0, 12);
}

function processTable(): string {
  const host = `${process.platform}|${os.hostname()}`;
  if (process.platform !== 'linux') return host;
  try {
    return `${host}|${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')}|${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // A sandbox hides /proc. Without a reliable process table, only a draft's age shows that its holder died.
    return randomBytes(16).toString('hex');
  }
}

/** Removes an empty folder; false where it is not empty, because the draft is still there or it has a new holder. */
async function removeFolder(folder: string): Promise<boolean> {
  try {
    await ifThere(rmdir(folder));
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}
