/** Completes a worktree of ours. Separate from its locks, which a window needs at startup. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { markWorktree } from '../worktreeFiles';

/** The worktree is finished: it has our mark, and no lock of ours. */
export async function finishWorktree(files: string, root: string, tree: string): Promise<void> {
  await markWorktree(files, root, tree);
  await rm(path.join(files, 'locked'), { force: true });
}
