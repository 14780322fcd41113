/**
 * Moves aside a folder that git does not know, in the place of a worktree of ours. It becomes a worktree itself, so
 * that it is listed, saved in a snapshot, and removed like any other. If that is interrupted, the folder is still in
 * its place, or is already that worktree.
 */
import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import { isFileInside, isSameFile, seen } from '../../files/pathIdentity';
import { replaceSmallFile } from '../../files/smallFile';
import { finishWorktree } from './finishedWorktree';
import { lockFlags } from '../makingLocks';
import type { Repository } from '../repository';
import { filesIn, filesOfWorktree, linkedFiles, markRoot, markWorktree, worktreeFilesFolder } from '../worktreeFiles';
import { renameOver } from '../../files/renames';

/** Returns the new path. Its files are changes on `commit`. @throws KernelError `GIT_FAILED` */
export async function moveAside(repository: Repository, folder: string, root: string, commit: string): Promise<string> {
  const isTree = (await lstat(folder)).isDirectory() && (await isWithoutRepository(repository, folder));
  if (isTree) return intoWorktree(repository, folder, root, commit);
  const moved = await freeName(repository, keptName(folder));
  await renameOver(folder, moved);
  return moved;
}

const keptName = (folder: string): string => `${folder}.kept`;

/**
 * Without a repository of its own. A broken link, or one to another worktree of the repository, does not count, and is
 * removed.
 */
async function isWithoutRepository(repository: Repository, folder: string): Promise<boolean> {
  const entry = path.join(folder, '.git');
  const found = await ifThere(lstat(entry));
  if (found === undefined) return true;
  if (!found.isFile()) return false;
  const leads = await linkedFiles(folder);
  if (leads !== undefined && !(await isFileInside(await worktreeFilesFolder(repository), leads))) return false;
  await rm(entry);
  return true;
}

/** A worktree without files, on a commit. */
interface EmptyTree {
  readonly path: string;
  readonly head: string;
}

/**
 * Git creates worktrees only in empty folders, so one is created next to it, and the folder replaces it with its link.
 */
async function intoWorktree(repository: Repository, folder: string, root: string, commit: string): Promise<string> {
  const { path: moved, head } =
    (await earlierTree(repository, folder)) ?? (await emptyWorktree(repository, folder, commit));
  const files = await filesOfWorktree(repository, moved);
  if (files === undefined) throw new Error(`Git does not list the worktree ${moved} that it created.`);
  const readHead = ['read-tree', '--end-of-options', head];
  const env = { GIT_INDEX_FILE: path.join(files, 'index') };
  await repository.git.run(repository.folder, readHead, { env });
  await markRoot(root);
  await markWorktree(files, root, folder);
  const link = path.join(folder, '.git');
  await replaceSmallFile(link, `gitdir: ${files}\n`);
  try {
    await rm(path.join(moved, '.git'), { force: true });
    await ifThere(rmdir(moved));
    await renameOver(folder, moved);
  } catch (error) {
    // A folder that cannot be moved, such as a mount point, is not changed.
    await rm(link, { force: true });
    throw error;
  }
  await finishWorktree(files, root, moved);
  return moved;
}

async function emptyWorktree(repository: Repository, folder: string, commit: string): Promise<EmptyTree> {
  const { git } = repository;
  const moved = await freeName(repository, keptName(folder));
  const args = ['worktree', 'add', ...lockFlags('aside'), '--quiet', '--no-checkout', '--detach', '--', moved, commit];
  await git.run(repository.folder, args);
  return { path: moved, head: commit };
}

/** A worktree that was created for this folder earlier, and did not get it. */
async function earlierTree(repository: Repository, folder: string): Promise<EmptyTree | undefined> {
  for (const { path: tree, head, step } of await repository.worktrees()) {
    if (step !== 'aside' || !(await isFor(tree, folder))) continue;
    const entries = (await ifThere(readdir(tree))) ?? [];
    if (entries.every((name) => name === '.git')) return { path: tree, head };
  }
  return undefined;
}

async function isFor(tree: string, folder: string): Promise<boolean> {
  const wanted = path.basename(keptName(folder));
  const name = path.basename(tree).replace(/-\d+$/, '');
  return name === wanted && (await isSameFile(path.dirname(tree), path.dirname(folder)));
}

/** Free on the disk, and not the path of a missing worktree. */
async function freeName(repository: Repository, wanted: string): Promise<string> {
  const all = await worktreeFilesFolder(repository);
  const isTaken = async (name: string): Promise<boolean> =>
    (await seen(lstat(name))) !== undefined || (await filesIn(all, name)) !== undefined;
  let name = wanted;
  for (let n = 2; await isTaken(name); n += 1) name = `${wanted}-${n}`;
  return name;
}
