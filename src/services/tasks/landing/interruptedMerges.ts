/** Merges that were interrupted, by a crash or kill -9, in the repositories of a record. */
import { existsSync } from 'node:fs';
import type { Git } from '../../../host/git/git';
import { hasMergeNotes } from '../../../host/git/merge/mergeNotes';
import type { RepairedMerge } from '../../../host/git/merge/movingFiles';
import type { Repository } from '../../../host/git/repository';
import { KernelError } from '../../../kernel/errors/errors';

/**
 * Undoes or completes them, if no other step of ours and no orphaned git process uses the repository now. Without
 * interrupted merges no git process starts.
 * @throws KernelError `MERGE_UNFINISHED`
 */
export async function repairInterrupted(git: Git, clonePath: string): Promise<readonly RepairedMerge[]> {
  return (await inInterrupted(git, clonePath, (repairMerges, repository) => repairMerges(repository, 0))) ?? [];
}

/** Whether a merge needs repair. */
export async function isInterrupted(git: Git, clonePath: string): Promise<boolean> {
  return (await inInterrupted(git, clonePath, () => Promise.resolve(true))) ?? false;
}

type Repair = (repository: Repository, patienceMs: number) => Promise<RepairedMerge[]>;

async function inInterrupted<T>(
  git: Git,
  clonePath: string,
  work: (repair: Repair, repository: Repository) => Promise<T>,
): Promise<T | undefined> {
  if (!existsSync(clonePath) || !(await git.places.isKnown(clonePath))) return undefined;
  const folder = await git.places.gitFolder(clonePath);
  if (!(await hasMergeNotes(folder))) return undefined;
  const { Repository } = await import('../../../host/git/repository.js');
  const { repairMerges } = await import('../../../host/git/merge/movingFiles.js');
  const repository = new Repository(git, folder);
  const ifStillThere = async (): Promise<T | undefined> =>
    (await hasMergeNotes(folder)) ? work(repairMerges, repository) : undefined;
  try {
    return await repository.exclusively(ifStillThere, 0);
  } catch (error) {
    // A merge is in progress.
    if (KernelError.is(error, 'GIT_BUSY')) return undefined;
    throw error;
  }
}
