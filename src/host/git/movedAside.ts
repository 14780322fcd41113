/**
 * A folder that git does not know, in the place where a worktree of ours has to be: it is moved aside and becomes a
 * worktree itself, so that it is listed, kept in a snapshot, and removed like any other.
 */
import { lstat, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../fileErrors';
import { isPlaceInside, seen } from '../pathIdentity';
import type { Repository } from './repository';
import { filesOfWorktree, linkedFiles, markWorktree, worktreeFilesFolder } from './worktreeFiles';

/** Gives the new path. Its files are changes on `commit`. @throws KernelError `GIT_FAILED` */
export async function moveAside(repository: Repository, folder: string, root: string, commit: string): Promise<string> {
  const moved = await freeName(`${folder}.kept`);
  await rename(folder, moved);
  const isFolder = (await lstat(moved)).isDirectory();
  if (isFolder && (await isWithoutRepository(repository, moved))) await makeWorktree(repository, moved, root, commit);
  return moved;
}

/** Without one of its own. A link that leads nowhere, or to another worktree of the repository, is none, and goes. */
async function isWithoutRepository(repository: Repository, folder: string): Promise<boolean> {
  const entry = path.join(folder, '.git');
  const found = await ifThere(lstat(entry));
  if (found === undefined) return true;
  if (!found.isFile()) return false;
  const leads = await linkedFiles(folder);
  if (leads !== undefined && !(await isPlaceInside(await worktreeFilesFolder(repository), leads))) return false;
  await rm(entry);
  return true;
}

/** Git makes worktrees of empty folders only, so one is made next to it, whose link the folder gets. */
async function makeWorktree(repository: Repository, folder: string, root: string, commit: string): Promise<void> {
  const { git } = repository;
  const empty = await freeName(`${folder}.new`);
  const args = ['worktree', 'add', '--quiet', '--no-checkout', '--detach', '--', empty, commit];
  await git.run(repository.folder, 'make a worktree of a folder', args);
  const files = await filesOfWorktree(repository, empty);
  if (files === undefined) return;
  await rename(path.join(empty, '.git'), path.join(folder, '.git'));
  await writeFile(path.join(files, 'gitdir'), `${path.join(folder, '.git')}\n`);
  await rmdir(empty);
  await markWorktree(files, root, folder);
  await git.run(await git.places.gitFolder(folder), 'make a worktree of a folder', ['read-tree', 'HEAD']);
}

async function freeName(wanted: string): Promise<string> {
  let name = wanted;
  for (let n = 2; (await seen(lstat(name))) !== undefined; n += 1) name = `${wanted}-${n}`;
  return name;
}
