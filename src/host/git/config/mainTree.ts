/** The main working tree of a repository with a separate git folder, for which git names that folder instead. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import { isSameFile } from '../../files/pathIdentity';
import { gitDirectoryOf, leadsElsewhere, namedTree } from './gitDirectory';

/** @param listed the first path of `git worktree list`. Unchanged if it is the working tree, or if there is none. */
export async function mainTreeOf(listed: string): Promise<string> {
  const inner = path.join(listed, '.git');
  const gitDir = (await ifThere(lstat(inner)))?.isDirectory() === true ? inner : listed;
  const named = await namedTree(gitDir);
  const tree = named === undefined ? undefined : await ifThere(realpath(named));
  return tree !== undefined && (await isTreeOf(tree, gitDir)) ? tree : listed;
}

/** The tree must lead to the repository, too: the configuration alone may name the tree of another one. */
async function isTreeOf(tree: string, gitDir: string): Promise<boolean> {
  try {
    const found = await gitDirectoryOf(tree);
    return found !== undefined && found.top === tree && (await isSameFile(found.common, gitDir));
  } catch (error) {
    if (leadsElsewhere(error)) return false;
    throw error;
  }
}
