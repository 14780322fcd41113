/** Brings a repository here: whole, or not at all (`spec/village.md` §8). */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors';
import { ifThere, systemCode } from '../fileErrors';
import type { Git } from './git';
import { Repository } from './repository';

export interface Clone {
  /** Without a credential in it. */
  readonly url: string;
  /** Where it was forked from: the remote `upstream`, whose branches are fetched too. */
  readonly upstreamUrl?: string;
  /** Absolute; nothing may be there. */
  readonly folder: string;
  /** An empty place on the same disk, where the clone is made. It goes with a failure. */
  readonly draft: string;
  readonly signal?: AbortSignal;
}

const CLONE_TIMEOUT_MS = 600_000;
/** What a crash left of a clone is taken away after a day. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * Rejects once the signal aborts.
 * @throws KernelError `FOLDER_TAKEN`, `GIT_FAILED`; nothing is left behind then.
 */
export async function cloneRepository(git: Git, clone: Clone): Promise<Repository> {
  const { url, upstreamUrl, folder, draft, signal } = clone;
  await refuseTaken(folder);
  await mkdir(path.dirname(draft), { recursive: true, mode: 0o700 });
  const remote = { timeoutMs: CLONE_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
  try {
    const args = ['clone', '--quiet', '--origin', 'origin', '--', url, draft];
    await git.run(path.dirname(draft), `clone ${url}`, args, { ...remote, remoteUrl: url });
    if (upstreamUrl !== undefined) {
      await git.run(draft, 'add the remote upstream', ['remote', 'add', '--', 'upstream', upstreamUrl]);
      const fetch = ['fetch', '--quiet', '--no-tags', '--', 'upstream'];
      await git.run(draft, `fetch from ${upstreamUrl}`, fetch, { ...remote, remoteUrl: upstreamUrl });
    }
    signal?.throwIfAborted();
    await moveInto(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 });
    signal?.throwIfAborted();
    throw error;
  }
  return new Repository(git, folder);
}

/** @throws KernelError `FOLDER_TAKEN` */
export async function refuseTaken(folder: string): Promise<void> {
  if ((await ifThere(stat(folder))) !== undefined) throw new KernelError('FOLDER_TAKEN', { path: folder });
}

async function moveInto(draft: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    throw new KernelError('FOLDER_TAKEN', { path: folder }, { cause: error });
  }
}

/** Takes away what crashed programs left below the folder of drafts. */
export async function removeOldDrafts(drafts: string, nowMs: number): Promise<void> {
  for (const name of (await ifThere(readdir(drafts))) ?? []) {
    const draft = path.join(drafts, name);
    const found = await ifThere(stat(draft));
    if (found !== undefined && nowMs - found.mtimeMs > LEFTOVER_AGE_MS)
      await rm(draft, { recursive: true, force: true });
  }
}
