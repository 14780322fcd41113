/**
 * Repositories below the top of a working tree: submodules, and unregistered repositories. Found by their `.git` on
 * disk, or by the content of a bare one; git is not asked, since an agent in the tree may have written everything that
 * it would read.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, isPermission, systemCode } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { readSmallFile } from '../../files/smallFile';

export interface NestedRepository {
  /** Its folder, relative to the tree, with slashes. */
  readonly path: string;
  /** The real path of its git folder, if that is inside the tree; undefined if it is elsewhere. */
  readonly gitDir: string | undefined;
  /** For a worktree of another repository inside the tree: the git folder of that repository. */
  readonly common?: string;
  /** Its folder is its git folder. */
  readonly isBare?: boolean;
}

export interface FoundBelow {
  /** Outer ones before nested ones. */
  readonly repositories: readonly NestedRepository[];
  /** Files with matching names; relative to the tree, with slashes. */
  readonly files: readonly string[];
  /** False where a limit ended the search. */
  readonly isComplete: boolean;
}

export interface SearchLimits {
  readonly maxFolders: number;
  readonly maxDepth: number;
  readonly maxMs: number;
  /** Of repositories, and of files. */
  readonly maxFound: number;
}

const LIMITS: SearchLimits = { maxFolders: 100_000, maxDepth: 24, maxMs: 20_000, maxFound: 1_000 };

/**
 * Searches a tree from the top down, so that a limit omits the deepest part. Links are not followed.
 * @param own the git folder of the tree, which belongs to it.
 */
export async function searchTree(
  tree: string,
  own: string,
  isWanted: (name: string) => boolean,
  limits: SearchLimits = LIMITS,
): Promise<FoundBelow> {
  const roots = [await realpath(tree), await realpath(own)];
  const repositories: NestedRepository[] = [];
  const files: string[] = [];
  const endMs = performance.now() + limits.maxMs;
  let level = [''];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      count += 1;
      const isOver = count > limits.maxFolders || depth > limits.maxDepth || performance.now() > endMs;
      if (isOver || Math.max(repositories.length, files.length) > limits.maxFound)
        return { repositories, files, isComplete: false };
      const entries = await entriesOf(path.join(tree, folder));
      const found = folder === '' ? undefined : await repositoryIn(tree, folder, entries, roots);
      if (found !== undefined) repositories.push(found);
      if (found?.isBare === true) continue;
      for (const entry of entries) {
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && entry.name !== '.git') next.push(name);
        else if (entry.isFile() && isWanted(name)) files.push(name);
      }
    }
    level = next;
  }
  return { repositories, files, isComplete: true };
}

async function repositoryIn(
  tree: string,
  folder: string,
  entries: readonly Dirent[],
  roots: readonly string[],
): Promise<NestedRepository | undefined> {
  const place = path.join(tree, folder);
  if (entries.some(({ name }) => name === '.git'))
    return { path: folder, ...((await gitDirOf(place, roots)) ?? { gitDir: undefined }) };
  const isBare = ['objects', 'refs'].every((wanted) =>
    entries.some((entry) => entry.name === wanted && entry.isDirectory()),
  );
  const hasHead = entries.some((entry) => entry.name === 'HEAD' && entry.isFile());
  return isBare && hasHead ? { path: folder, gitDir: await realpath(place), isBare } : undefined;
}

/** Empty if the folder is gone or not readable. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isPermission(error) || ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

/**
 * The git folder of a repository below a tree, if it is inside the tree, and the repository is not a worktree of
 * another one.
 */
export async function gitDirBelow(tree: string, folder: string): Promise<string | undefined> {
  const own = await leadOf(tree);
  const found = await gitDirOf(path.join(tree, folder), [await realpath(tree), ...(own === undefined ? [] : [own])]);
  return found?.common === undefined ? found?.gitDir : undefined;
}

/** The target of a folder's `.git`, if it is below one of the roots. */
async function gitDirOf(
  folder: string,
  roots: readonly string[],
): Promise<(Pick<NestedRepository, 'common'> & { readonly gitDir: string }) | undefined> {
  const gitDir = await leadOf(folder);
  if (gitDir === undefined || !roots.some((root) => isInside(root, gitDir))) return undefined;
  if ((await ifThere(lstat(path.join(gitDir, 'commondir')))) === undefined)
    return (await hasObjects(gitDir)) ? { gitDir } : undefined;
  // A worktree of another repository, whose files show it as git writes them.
  const common = path.dirname(path.dirname(gitDir));
  const shared = (await readSmallFile(path.join(gitDir, 'commondir')))?.trim() ?? '';
  const isOfIt = (await ifThere(realpath(path.resolve(gitDir, shared)))) === common;
  const isBelow = path.basename(path.dirname(gitDir)) === 'worktrees' && roots.some((root) => isInside(root, common));
  return isOfIt && isBelow && (await hasObjects(common)) ? { gitDir, common } : undefined;
}

async function hasObjects(gitDir: string): Promise<boolean> {
  return (await ifThere(lstat(path.join(gitDir, 'objects'))))?.isDirectory() === true;
}

/** The real path of the target of a folder's `.git`. */
async function leadOf(folder: string): Promise<string | undefined> {
  const entry = path.join(folder, '.git');
  const isFolder = (await ifThere(lstat(entry)))?.isDirectory() === true;
  const named = isFolder ? '.git' : /^gitdir: ([^\r\n]+)/.exec((await readSmallFile(entry)) ?? '')?.[1];
  return named === undefined ? undefined : ifThere(realpath(path.resolve(folder, named)));
}

export interface ModuleStore {
  /** Its name in its superproject, after the names of the outer ones. */
  readonly name: string;
  readonly gitDir: string;
}

/** Git folders of submodules inside that of a tree, including nested submodules. */
export async function moduleStores(own: string): Promise<ModuleStore[]> {
  const stores: ModuleStore[] = [];
  const open = [{ folder: path.join(own, 'modules'), name: '' }];
  for (let next = open.pop(); next !== undefined && stores.length < LIMITS.maxFound; next = open.pop()) {
    const entries = (await entriesOf(next.folder)).filter((entry) => entry.isDirectory());
    const isStore = entries.some(({ name }) => name === 'objects') && entries.some(({ name }) => name === 'refs');
    if (isStore && next.name !== '') {
      stores.push({ name: next.name, gitDir: await realpath(next.folder) });
      open.push({ folder: path.join(next.folder, 'modules'), name: next.name });
    } else {
      for (const { name } of entries)
        open.push({ folder: path.join(next.folder, name), name: next.name === '' ? name : `${next.name}/${name}` });
    }
  }
  return stores;
}
