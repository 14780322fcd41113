/**
 * The files that a repository keeps of one of its worktrees (`.git/worktrees/<name>`), and the mark by which a worktree
 * of ours knows the folder that it was made in.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors';
import { ifThere, systemCode } from '../fileErrors';
import { placeKey, UNSEEN_CODES } from '../pathIdentity';
import { readSmallFile } from '../smallFile';
import type { Repository } from './repository';

/** In the folder that worktrees are made in. */
const ROOT_MARK = '.intercore-worktrees';
/** In the files of a worktree: the mark of its folder. */
const TREE_MARK = 'intercore-root';
const MARK = /^[0-9a-f]{32}$/;

/** Where the repository keeps the files of a worktree; undefined where it has none. */
export async function filesOfWorktree({ git, folder }: Repository, tree: string): Promise<string | undefined> {
  const common = await git.run(folder, 'find its own files', ['rev-parse', '--git-common-dir']);
  const all = path.join(path.resolve(folder, common), 'worktrees');
  const wanted = await placeKey(tree);
  for (const name of (await ifThere(readdir(all))) ?? []) {
    const files = path.join(all, name);
    const named = (await readSmallFile(path.join(files, 'gitdir')))?.replace(/\r?\n$/, '');
    if (named === undefined || named === '') continue;
    if ((await placeKey(path.dirname(path.resolve(files, named)))) === wanted) return files;
  }
  return undefined;
}

/** Marks the folder that worktrees are made in, where it has no mark yet. */
export async function markRoot(root: string): Promise<void> {
  if ((await markIn(path.join(root, ROOT_MARK))) !== undefined) return;
  try {
    const text = randomBytes(16).toString('hex');
    await writeFile(path.join(root, ROOT_MARK), text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Notes for a worktree which folder it was made in. */
export async function markWorktree(files: string, root: string): Promise<void> {
  const mark = await markIn(path.join(root, ROOT_MARK));
  const file = path.join(files, TREE_MARK);
  if (mark === undefined || (await markIn(file)) === mark) return;
  await writeFile(file, mark, { mode: 0o600 });
}

/** Whether the folder of a worktree is there, or was deleted. Undefined: neither is known, since it cannot be seen. */
export async function presenceOf(
  tree: string,
  files: string,
  root: string,
): Promise<'present' | 'deleted' | undefined> {
  if ((await ifThere(lstat(tree))) !== undefined) return 'present';
  const [recorded, found] = await Promise.all([
    markIn(path.join(files, TREE_MARK)),
    markIn(path.join(root, ROOT_MARK)),
  ]);
  // Those of earlier versions have no mark: then the folder that it was made in must be there at least.
  const isSameRoot = recorded === undefined ? (await ifThere(stat(root))) !== undefined : recorded === found;
  return isSameRoot ? 'deleted' : undefined;
}

/**
 * Refuses a place that nobody can see now: a link above it leads nowhere, or a folder may not be read. That nothing is
 * there yet is no obstacle.
 * @throws KernelError `WORKTREE_UNSEEN`
 */
export async function refuseUnseen(tree: string, clone: string): Promise<void> {
  const obstacle = await obstacleTo(tree);
  if (obstacle !== undefined) throw unseen(tree, clone, obstacle);
}

/** Whether a worktree cannot be seen: something is in the way to it, or even the folder that it was made in is not there. */
export async function isUnseen(tree: string): Promise<boolean> {
  if ((await obstacleTo(tree)) !== undefined) return true;
  return (await ifThere(lstat(tree))) === undefined && (await ifThere(lstat(path.dirname(tree)))) === undefined;
}

export function unseen(path_: string, clone: string, problem: string): KernelError {
  return new KernelError('WORKTREE_UNSEEN', { path: path_, clone, problem });
}

async function obstacleTo(tree: string): Promise<string | undefined> {
  for (let place = tree; ; place = path.dirname(place)) {
    try {
      const found = await ifThere(lstat(place));
      if (found === undefined && place !== path.dirname(place)) continue;
      if (place === tree) return undefined;
      const target = await ifThere(stat(place));
      if (target === undefined) return `the link ${place} leads nowhere`;
      return target.isDirectory() ? undefined : `${place} is no folder`;
    } catch (error) {
      const code = systemCode(error);
      if (!UNSEEN_CODES.has(code)) throw error;
      return `${place} cannot be read (${code ?? ''})`;
    }
  }
}

async function markIn(file: string): Promise<string | undefined> {
  const text = (await readSmallFile(file))?.trim();
  return text !== undefined && MARK.test(text) ? text : undefined;
}
