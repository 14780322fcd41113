/**
 * Creates a clone from a repository on this machine: completely, or not at all
 * (`docs/design/github.md#adding-a-project`).
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { defined } from '../../../kernel/defined';
import { ifThere, systemCode } from '../../files/fileErrors';
import { LOCAL_SOURCE, takeOver } from './fetch';
import type { Git } from '../git';
import { Repository } from '../repository';
import { renameOver } from '../../files/renames';

export interface Clone {
  /** A bare repository of our own, with the branches of `origin` and the remote-tracking branches of `upstream`. */
  readonly source: string;
  /** The address of `origin`. */
  readonly url: string;
  /** The address of `upstream`. */
  readonly upstreamUrl: string | undefined;
  /** Absolute; it must not exist. */
  readonly folder: string;
  /** An empty folder on the same disk, where the clone is created. It is removed after a failure. */
  readonly draft: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rejects once the signal aborts.
 * @throws KernelError `FOLDER_TAKEN`, `GIT_FAILED`; nothing is left behind then.
 */
export async function cloneRepository(git: Git, clone: Clone): Promise<Repository> {
  const { source, url, upstreamUrl, folder, draft, signal } = clone;
  await mkdir(path.dirname(draft), { recursive: true, mode: 0o700 });
  const options = { ...LOCAL_SOURCE, ...defined({ signal }) };
  try {
    const args = ['clone', '--quiet', '--no-checkout', '--origin', 'origin', '--end-of-options', source, draft];
    await git.run(await git.places.gitFolder(path.dirname(draft)), args, options);
    const made = await git.places.gitFolder(draft);
    await git.run(made, ['remote', 'set-url', '--end-of-options', 'origin', url]);
    if (upstreamUrl !== undefined) {
      await git.run(made, ['remote', 'add', '--end-of-options', 'upstream', upstreamUrl]);
      await takeOver(new Repository(git, made), source, '+refs/remotes/upstream/*:refs/remotes/upstream/*', signal);
    }
    // After the address of the remote is set, which filters such as git-lfs need.
    await git.run(made, ['reset', '--hard'], options);
    signal?.throwIfAborted();
    await moveInto(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
  return new Repository(git, await git.places.gitFolder(folder));
}

/** @throws KernelError `FOLDER_TAKEN` */
export async function refuseTaken(folder: string): Promise<void> {
  if ((await ifThere(stat(folder))) !== undefined) throw new KernelError('FOLDER_TAKEN', { path: folder });
}

async function moveInto(draft: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await renameOver(draft, folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    throw new KernelError('FOLDER_TAKEN', { path: folder }, { cause: error });
  }
}
