/**
 * A repository's files of one of its worktrees (`.git/worktrees/<name>`), and the mark that identifies a worktree as
 * ours, with the folder in which it was created.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../files/fileErrors';
import { fileKey, seen } from '../files/pathIdentity';
import { readSmallFile, replaceSmallFile } from '../files/smallFile';
import { gitDirectoryOf, leadsElsewhere } from './config/gitDirectory';
import type { Repository } from './repository';
import { repositoryFiles } from './repositoryFiles';

/** In the folder in which worktrees are created. */
const ROOT_MARK = '.intercore-worktrees';
/** In the files of a worktree of ours: the mark of that folder, and the inode of its own. */
const TREE_MARK = 'intercore-root';
const MARK = /^[0-9a-f]{32}$/;
const INODE = /^\d{1,20}$/;

/** The folder with the repository's files of all its worktrees. */
export async function worktreeFilesFolder({ git, folder }: Repository): Promise<string> {
  return path.join((await repositoryFiles(git, folder)).common, 'worktrees');
}

/** The same without running git, in a folder where git may run; undefined if it has no repository of its own. */
export async function worktreeFilesIn(clone: string): Promise<string | undefined> {
  try {
    const found = await gitDirectoryOf(clone);
    return found === undefined ? undefined : path.join(found.common, 'worktrees');
  } catch (error) {
    if (leadsElsewhere(error)) return undefined;
    throw error;
  }
}

/** The repository's files of a worktree; undefined if it has none. */
export async function filesOfWorktree(repository: Repository, tree: string): Promise<string | undefined> {
  return filesIn(await worktreeFilesFolder(repository), tree);
}

/** @param all the folder with a repository's files of all its worktrees */
export async function filesIn(all: string, tree: string): Promise<string | undefined> {
  const wanted = await fileKey(tree);
  for (const name of (await ifThere(readdir(all))) ?? []) {
    const files = path.join(all, name);
    const named = (await readSmallFile(path.join(files, 'gitdir')))?.replace(/\r?\n$/, '');
    if (named === undefined || named === '') continue;
    if ((await fileKey(path.dirname(path.resolve(files, named)))) === wanted) return files;
  }
  return undefined;
}

/**
 * The recorded path of a worktree of ours, if that does not exist and this folder is the worktree anyway: it has its
 * name, its inode, and its parent folder. It is mounted elsewhere now, or was moved with its parent.
 */
export async function otherPathOf(all: string, root: string, tree: string): Promise<string | undefined> {
  const [found, mark] = await Promise.all([ifThere(lstat(tree, { bigint: true })), rootMark(root)]);
  if (found === undefined || mark === undefined) return undefined;
  for (const name of (await ifThere(readdir(all))) ?? []) {
    const files = path.join(all, name);
    const made = await treeMark(files);
    if (made?.root !== mark || made.inode !== String(found.ino)) continue;
    const named = (await readSmallFile(path.join(files, 'gitdir')))?.replace(/\r?\n$/, '') ?? '';
    const known = path.dirname(path.resolve(files, named));
    const isSameName = path.basename(known) === path.basename(tree);
    if (isSameName && (await seen(lstat(known))) === undefined) return known;
  }
  return undefined;
}

/** The target of a folder's `.git` file; undefined if it does not exist. */
export async function linkedFiles(tree: string): Promise<string | undefined> {
  const text = (await readSmallFile(path.join(tree, '.git'))) ?? '';
  const named = /^gitdir: (.+?)\r?\n?$/.exec(text)?.[1];
  if (named === undefined) return undefined;
  const place = path.resolve(tree, named);
  return (await seen(stat(place))) === undefined ? undefined : place;
}

/**
 * Whether the folder of a worktree leads to the repository's files of it. A broken `.git` file is rewritten, as `git
 * worktree repair` does, since its target is unambiguous.
 */
export async function leadsToFiles(tree: string, files: string): Promise<boolean> {
  const entry = path.join(tree, '.git');
  if ((await ifThere(lstat(entry)))?.isFile() !== true) return false;
  const found = await linkedFiles(tree);
  if (found !== undefined) return (await fileKey(found)) === (await fileKey(files));
  await writeFile(entry, `gitdir: ${files}\n`);
  return true;
}

/** Marks the folder in which worktrees are created, if it has no mark yet. */
export async function markRoot(root: string): Promise<void> {
  if ((await rootMark(root)) !== undefined) return;
  await replaceSmallFile(path.join(root, ROOT_MARK), randomBytes(16).toString('hex'));
}

/** The recorded facts of a worktree that we created. */
export interface TreeMark {
  /** The mark of the folder in which it was created. */
  readonly root: string;
  /** Of its own folder; undefined if an earlier version created it. */
  readonly inode: string | undefined;
}

/** Records that a worktree is ours, its parent folder, and its own folder. */
export async function markWorktree(files: string, root: string, tree: string): Promise<void> {
  const mark = await rootMark(root);
  if (mark === undefined) return;
  const found = await ifThere(lstat(tree, { bigint: true }));
  // Some file systems have no inode numbers.
  const inode = found === undefined || found.ino === 0n ? undefined : String(found.ino);
  const known = await treeMark(files);
  if (known?.root === mark && known.inode === inode) return;
  const lines = [mark, ...(inode === undefined ? [] : [inode])];
  await replaceSmallFile(path.join(files, TREE_MARK), `${lines.join('\n')}\n`);
}

/** The recorded facts of a worktree of ours; undefined for one of the user. */
export async function treeMark(files: string): Promise<TreeMark | undefined> {
  const [root = '', inode = ''] = ((await readSmallFile(path.join(files, TREE_MARK))) ?? '').trim().split('\n');
  return MARK.test(root) ? { root, inode: INODE.test(inode) ? inode : undefined } : undefined;
}

/** The mark of a folder in which worktrees are created. */
export function rootMark(root: string): Promise<string | undefined> {
  return markIn(path.join(root, ROOT_MARK));
}

async function markIn(file: string): Promise<string | undefined> {
  const text = (await readSmallFile(file))?.trim();
  return text !== undefined && MARK.test(text) ? text : undefined;
}
