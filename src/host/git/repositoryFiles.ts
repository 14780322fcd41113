/** The files of the repository of a working tree, found without starting git where that is sure. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../files/fileErrors';
import type { GitFolder } from '../trusted/ownTrees';
import { gitDirectoryOf } from './config/gitDirectory';

/** Git, as far as it is needed here. */
export interface GitCalls {
  checkTrust(action: string): void;
  run(folder: GitFolder, args: readonly string[]): Promise<string>;
}

/** Absolute. */
export interface RepositoryFiles {
  /** Of the working tree: index, head. */
  readonly own: string;
  /** Shared by all working trees of the repository: objects, branches, configuration. */
  readonly common: string;
}

/**
 * The files of the repository in which git runs in a folder.
 * @throws KernelError `GIT_FAILED`, and as `gitDirectoryOf`
 */
export async function repositoryFiles(git: GitCalls, folder: GitFolder): Promise<RepositoryFiles> {
  git.checkTrust('find its own files');
  const found = await gitDirectoryOf(folder);
  // Inside a working tree, or for another owner, git has more rules.
  if (found?.top === folder && (await isOurs(found.common))) return found;
  const args = ['rev-parse', '--absolute-git-dir', '--git-common-dir'];
  const [own = '', common = ''] = (await git.run(folder, args)).split('\n');
  return { own, common: path.resolve(folder, common) };
}

async function isOurs(folder: string): Promise<boolean> {
  return process.getuid === undefined || (await stat(folder)).uid === process.getuid();
}

/** The configuration that is stored in a repository, without the files that it includes. */
export async function storedConfig({ own, common }: RepositoryFiles): Promise<string> {
  const files = [path.join(common, 'config'), path.join(own, 'config.worktree')];
  return (await Promise.all(files.map(async (file) => (await ifThere(readFile(file, 'utf8'))) ?? ''))).join('\n');
}
