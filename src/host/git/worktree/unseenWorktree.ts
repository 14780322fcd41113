/** Worktrees that git lists and that cannot be seen: the reason, and removing one from git by name. */
import { lstat, rm } from 'node:fs/promises';
import { KernelError } from '../../../kernel/errors/errors';
import { ifThere } from '../../files/fileErrors';
import type { Repository } from '../repository';
import { filesOfWorktree } from '../worktreeFiles';
import { unseenProblem, type UnseenReason } from './worktreePresence';

/** Why a worktree of a repository cannot be seen; undefined for one that exists or was deleted. */
export async function whyUnseen(repository: Repository, tree: string): Promise<UnseenReason | undefined> {
  return unseenProblem(tree, await filesOfWorktree(repository, tree));
}

/**
 * Removes a worktree that cannot be seen from its repository. Its folder is not changed, so this is not `git worktree
 * remove`, which would delete it if it appeared meanwhile. Content that only the repository's files of it have (commits
 * on no branch, staged files, commits of submodules) is saved under a ref, which is returned.
 * @throws KernelError `STALE` if it can be seen by now; `GIT_FAILED`
 */
export function forgetUnseen(
  repository: Repository,
  tree: string,
  snapshotId: string,
  isUnused: () => boolean | Promise<boolean>,
): Promise<string | undefined> {
  return repository.exclusively(async () => {
    if (!(await isUnused())) return undefined;
    const files = await filesOfWorktree(repository, tree);
    if (files === undefined) return undefined;
    if ((await unseenProblem(tree, files)) === undefined) {
      throw new KernelError('STALE', { what: 'worktree', id: tree, expected: 'out of sight', found: 'there' });
    }
    const { keepDeleted } = await import('./deletedWorktree.js');
    const kept = await keepDeleted(repository, files, snapshotId);
    if ((await ifThere(lstat(files)))?.isDirectory() === true) await rm(files, { recursive: true, force: true });
    return kept;
  });
}
