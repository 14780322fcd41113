/**
 * Named advisory locks for scripts, as directories under one base that every program of the original agrees on
 * (`spec/kernel.md` §11). These are not the lock of a database; that is `fileLock.ts`.
 */
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { KernelError } from '../kernel/errors';

export const NAMED_LOCK_BASE = '/tmp/intercore/locks';
/** A lock older than this may be taken over by whoever wants it, alive or not (Q19). */
export const STALE_AFTER_MS = 5000;
const RETRY_MS = 100;

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
    private readonly base: string = NAMED_LOCK_BASE,
  ) {}

  /**
   * Takes the lock, waiting up to `waitMs`; false when it stays held.
   * @throws KernelError `INVALID_ARGUMENT` for a name or scope that is no single path element.
   */
  async acquire(name: string, scope: string, owner: LockOwner, waitMs: number): Promise<boolean> {
    const folder = this.folder(name, scope);
    const deadline = this.clock.nowMs() + waitMs;
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    for (;;) {
      if (await this.claim(folder, owner)) return true;
      await this.breakStale(folder);
      if (await this.claim(folder, owner)) return true;
      if (this.clock.nowMs() >= deadline) return false;
      await delay(RETRY_MS);
    }
  }

  /** Gives the lock back: `released`, or why not. */
  async release(name: string, scope: string, owner: string): Promise<'released' | 'not found' | 'not owner'> {
    const folder = this.folder(name, scope);
    const held = await readOwner(folder);
    if (held === undefined) return 'not found';
    if (held.owner !== owner) return 'not owner';
    await rm(path.join(folder, 'owner.json'), { force: true });
    await rmdir(folder).catch(ignoreMissing);
    return 'released';
  }

  /** All locks, by name and scope. */
  async list(): Promise<NamedLock[]> {
    const found: NamedLock[] = [];
    for (const name of await names(this.base)) {
      for (const scope of await names(path.join(this.base, name))) {
        const folder = path.join(this.base, name, scope);
        const owner = await readOwner(folder);
        const since = owner === undefined ? (await stat(folder).catch(ignoreMissing))?.mtimeMs : owner.created * 1000;
        if (since !== undefined) found.push({ name, scope, owner, ageMs: Math.max(0, this.clock.nowMs() - since) });
      }
    }
    return found;
  }

  /** Removes locks older than `ageMs` whose process is gone, and tells how many. */
  async clean(ageMs: number): Promise<number> {
    let cleaned = 0;
    for (const lock of await this.list()) {
      if (lock.ageMs < ageMs || (lock.owner !== undefined && isAlive(lock.owner.pid))) continue;
      await rm(this.folder(lock.name, lock.scope), { recursive: true, force: true });
      cleaned++;
    }
    return cleaned;
  }

  private folder(name: string, scope: string): string {
    for (const part of [name, scope]) {
      if (part === '' || part === '.' || /[/\\]|\.\./.test(part)) {
        throw new KernelError('INVALID_ARGUMENT', {
          argument: 'lock name or scope',
          problem: `"${part}" is not allowed`,
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
      await writeFile(path.join(folder, 'owner.json'), JSON.stringify(owner), { mode: 0o600 });
    } catch (error) {
      await rmdir(folder).catch(ignoreMissing);
      throw error;
    }
    return true;
  }

  /** The rename decides between two that break the same lock. */
  private async breakStale(folder: string): Promise<void> {
    const held = await readOwner(folder);
    if (held === undefined || this.clock.nowMs() - held.created * 1000 < STALE_AFTER_MS) return;
    const aside = path.join(folder, `owner.json.breaking.${process.hrtime.bigint()}`);
    const won = await rename(path.join(folder, 'owner.json'), aside).then(() => true, ignoreMissing);
    if (won !== true) return;
    await rm(aside, { force: true });
    await rmdir(folder).catch(ignoreMissing);
  }
}

async function readOwner(folder: string): Promise<LockOwner | undefined> {
  const text = await readFile(path.join(folder, 'owner.json'), 'utf8').catch(ignoreMissing);
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
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
