/**
 * Named advisory locks for scripts, as folders below one base that belongs to the user alone
 * (`docs/design/formats.md#named-locks`). No link is followed, and nothing is deleted but lock files and the empty
 * folders of locks. These are not the lock of a database; that is `fileLock.ts`.
 */
import { lstat, mkdir, readdir, readFile, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { makeFolders } from '../files/folders';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';

/** Another user of the machine must not be able to hold, break or redirect a lock, so the base is not shared. */
export function namedLockBase(env: Readonly<Record<string, string | undefined>>): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && path.isAbsolute(runtime)) return path.join(runtime, 'intercore', 'locks');
  const user = process.getuid?.() ?? os.userInfo().username;
  return path.join(process.platform === 'win32' ? os.tmpdir() : '/tmp', `intercore-${user}`, 'locks');
}

/** Any process may take over a lock older than this, even if its holder is alive (Q19). */
export const STALE_AFTER_MS = 5000;
const RETRY_MS = 100;
const OWNER_FILE = 'owner.json';

const ownerFile = z.object({ pid: z.int(), host: z.string(), owner: z.string(), created: z.int() });
export type LockOwner = z.infer<typeof ownerFile>;

export interface NamedLock {
  readonly name: string;
  readonly scope: string;
  /** Absent where the directory holds no readable owner file. */
  readonly owner: LockOwner | undefined;
  readonly ageMs: number;
}

export interface LockClock {
  nowMs(): number;
}

export class NamedLocks {
  constructor(
    private readonly clock: LockClock,
    private readonly base: string,
  ) {}

  /**
   * Takes the lock, waiting up to `waitMs`; false when it stays held.
   * @throws KernelError `INVALID_ARGUMENT` for a name or scope that is not a single path element; `LOCKS_UNSAFE`
   */
  async acquire(name: string, scope: string, owner: LockOwner, waitMs: number): Promise<boolean> {
    const folder = this.folder(name, scope);
    const deadline = this.clock.nowMs() + waitMs;
    await this.prepare();
    await makeFolders(path.dirname(folder));
    await refuseUnsafe(path.dirname(folder));
    for (;;) {
      if (await this.claim(folder, owner)) return true;
      await this.breakStale(folder);
      if (await this.claim(folder, owner)) return true;
      if (this.clock.nowMs() >= deadline) return false;
      await delay(RETRY_MS);
    }
  }

  /** Releases the lock: `released`, or why not. */
  async release(name: string, scope: string, owner: string): Promise<'released' | 'not found' | 'not owner'> {
    const folder = this.folder(name, scope);
    if (!(await this.isThere())) return 'not found';
    const held = await readOwner(folder);
    if (held === undefined) return 'not found';
    if (held.owner !== owner) return 'not owner';
    await unlink(path.join(folder, OWNER_FILE)).catch(ignoreMissing);
    await rmdir(folder).catch(ignoreMissing);
    return 'released';
  }

  /** All locks, by name and scope. */
  async list(): Promise<NamedLock[]> {
    const found: NamedLock[] = [];
    if (!(await this.isThere())) return found;
    for (const name of await names(this.base)) {
      for (const scope of await names(path.join(this.base, name))) {
        const folder = path.join(this.base, name, scope);
        const owner = await readOwner(folder);
        const since = owner === undefined ? (await lstat(folder).catch(ignoreMissing))?.mtimeMs : owner.created * 1000;
        if (since !== undefined) found.push({ name, scope, owner, ageMs: Math.max(0, this.clock.nowMs() - since) });
      }
    }
    return found;
  }

  /**
   * Removes locks older than `ageMs` whose process is gone, and returns their number. A folder with other content is
   * kept.
   */
  async clean(ageMs: number): Promise<number> {
    let cleaned = 0;
    for (const lock of await this.list()) {
      if (lock.ageMs < ageMs || (lock.owner !== undefined && isAlive(lock.owner.pid))) continue;
      if (await removeLock(this.folder(lock.name, lock.scope))) cleaned++;
    }
    return cleaned;
  }

  /** @throws KernelError `LOCKS_UNSAFE` */
  private async isThere(): Promise<boolean> {
    if ((await lstat(this.base).catch(ignoreMissing)) === undefined) return false;
    await this.check();
    return true;
  }

  private async prepare(): Promise<void> {
    await makeFolders(path.dirname(path.dirname(this.base)));
    for (const folder of [path.dirname(this.base), this.base]) {
      await mkdir(folder, { mode: 0o700 }).catch(ignoreExisting);
    }
    await this.check();
  }

  private async check(): Promise<void> {
    await refuseUnsafe(path.dirname(this.base));
    await refuseUnsafe(this.base);
  }

  private folder(name: string, scope: string): string {
    for (const part of [name, scope]) {
      if (part === '' || part === '.' || /[/\\]|\.\./.test(part)) {
        throw new KernelError('INVALID_ARGUMENT', {
          argument: 'lock name or scope',
          problem: because('"{text}" is not allowed', { text: part }),
        });
      }
    }
    return path.join(this.base, name, scope);
  }

  private async claim(folder: string, owner: LockOwner): Promise<boolean> {
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      await writeFile(path.join(folder, OWNER_FILE), JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      await rmdir(folder).catch(ignoreMissing);
      throw error;
    }
    return true;
  }

  /**
   * The rename decides between two programs that break the same lock. A program that took the lock after its owner was
   * read gets its file back: until then the folder exists, so no other can take it.
   */
  private async breakStale(folder: string): Promise<void> {
    const held = await readOwner(folder);
    if (held === undefined || this.clock.nowMs() - held.created * 1000 < STALE_AFTER_MS) return;
    const aside = path.join(folder, `${OWNER_FILE}.breaking.${process.hrtime.bigint()}`);
    const won = await rename(path.join(folder, OWNER_FILE), aside).then(() => true, ignoreMissing);
    if (won !== true) return;
    const moved = await readOwnerFile(aside);
    if (moved?.owner !== held.owner || moved.created !== held.created) {
      await rename(aside, path.join(folder, OWNER_FILE)).catch(ignoreMissing);
      return;
    }
    await unlink(aside).catch(ignoreMissing);
    await rmdir(folder).catch(ignoreMissing);
  }
}

/**
 * @throws KernelError `LOCKS_UNSAFE` unless it is a real folder that belongs to this user and that no other user can
 * open
 */
async function refuseUnsafe(folder: string): Promise<void> {
  const found = await lstat(folder);
  const refuse = (problem: Problem<'LOCKS_UNSAFE'>): never => {
    throw new KernelError('LOCKS_UNSAFE', { path: folder, problem });
  };
  if (!found.isDirectory()) refuse(because(found.isSymbolicLink() ? 'it is a link' : 'it is not a folder'));
  const own = process.geteuid?.();
  if (own === undefined) return;
  if (found.uid !== own) refuse(because('it belongs to the user {user}', { user: found.uid }));
  if ((found.mode & 0o077) !== 0) refuse(because('other users may enter it'));
}

/** False if the folder contains anything but lock files: then it is kept. */
async function removeLock(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ignoreMissing);
  if (entries?.every((entry) => entry.isFile() && entry.name.startsWith(OWNER_FILE)) !== true) return false;
  for (const { name } of entries) await unlink(path.join(folder, name)).catch(ignoreMissing);
  await rmdir(folder).catch(ignoreMissing);
  return true;
}

function readOwner(folder: string): Promise<LockOwner | undefined> {
  return readOwnerFile(path.join(folder, OWNER_FILE));
}

async function readOwnerFile(file: string): Promise<LockOwner | undefined> {
  if ((await lstat(file).catch(ignoreMissing))?.isFile() !== true) return undefined;
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  try {
    return ownerFile.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

async function names(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function isAlive(pid: number): boolean {
  // No script holds a lock as process 1, and 0 and below would mean groups of processes.
  if (pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
