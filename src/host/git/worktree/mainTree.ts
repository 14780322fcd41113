/** Where the main working tree of a repository is whose own files are in another folder: git names those files instead. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import { isSameFile } from '../../files/pathIdentity';
import { gitDirectoryOf, leadsElsewhere, namedTree } from '../gitDirectory';

/** @param listed what `git worktree list` names first. Unchanged where it is the working tree, or there is none. */
export async function mainTreeOf(listed: string): Promise<string> {
  const inner = path.join(listed, '.git');
  const gitDir = (await ifThere(lstat(inner)))?.isDirectory() === true ? inner : listed;
  const named = await namedTree(gitDir);
  const tree = named === undefined ? undefined : await ifThere(realpath(named));
  return tree !== undefined && (await isTreeOf(tree, gitDir)) ? tree : listed;
}

/** The tree leads to the repository, too: a configuration alone may name the tree of another one. */
async function isTreeOf(tree: string, gitDir: string): Promise<boolean> {
  try {
    const found = await gitDirectoryOf(tree);
    return found !== undefined && found.top === tree && (await isSameFile(found.common, gitDir));
  } catch (error) {
    if (leadsElsewhere(error)) return false;
    throw error;
  }
}
