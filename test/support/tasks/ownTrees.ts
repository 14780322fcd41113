/** Worktrees that are ours by their mark, made without a task. */
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';
import { filesIn, markRoot, markWorktree } from '../../../src/host/git/worktreeFiles';

/** A worktree on a new branch of a clone. */
export async function addOwnWorktree(clone: string, branch: string, folder: string): Promise<void> {
  await git(clone, ['worktree', 'add', '--quiet', '-b', branch, folder]);
  const files = await filesIn(path.join(clone, '.git', 'worktrees'), folder);
  if (files === undefined) throw new Error(`git knows no worktree ${folder}`);
  await markRoot(path.dirname(folder));
  await markWorktree(files, path.dirname(folder), folder);
}
