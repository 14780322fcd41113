/** Locks that a killed git leaves behind (`docs/design/tasks.md#leading-and-recovery`). */
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../files/fileErrors';
import type { GitFolder } from '../trusted/ownTrees';
import type { Git } from './git';

/**
 * Removes the lock of a worktree's index, if it was created before the end of the agent there, in Unix seconds: then no
 * process holds it, and no commit is possible until it is gone. Returns whether it did.
 */
export async function removeLeftLock(git: Git, worktree: GitFolder, endedAt: number): Promise<boolean> {
  const gitDir = await git.askAnywhere(worktree, ['rev-parse', '--absolute-git-dir']);
  if (gitDir === undefined) return false;
  const lock = path.join(gitDir, 'index.lock');
  const found = await ifThere(stat(lock));
  if (found === undefined || found.mtimeMs >= (endedAt + 1) * 1000) return false;
  await rm(lock, { force: true });
  return true;
}
