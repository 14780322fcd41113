/** How work on a branch of ours is merged on this machine. */
import { KernelError } from '../../kernel/errors';
import type { Identity } from './git';
import type { Repository } from './repository';

export interface LocalMerge {
  /** The local branch that moves. */
  readonly branch: string;
  /** What it takes in: a commit, or a name of one. */
  readonly head: string;
  readonly message: string;
  /** For the merge commit, where the repository has no identity configured. */
  readonly identity: Identity;
}

/**
 * Merges a commit into a branch on this machine, without a working tree of its own. Where the branch is checked out it
 * is moved forward there, which git refuses rather than touch a change a person has not committed.
 * @returns the commit the branch stands at now.
 * @throws KernelError `MERGE_CONFLICT`, `GIT_FAILED`, `NOT_FOUND`; nothing is changed then.
 */
export async function mergeInto(repository: Repository, merge: LocalMerge): Promise<string> {
  return repository.exclusively(async () => {
    const { git, folder } = repository;
    const base = await commitOf(repository, `refs/heads/${merge.branch}`);
    const head = await commitOf(repository, merge.head);
    if (await repository.isAncestor(head, base)) return base;
    const tree = await mergedTree(repository, merge, base, head);
    const commit = ['commit-tree', tree, '-p', base, '-p', head, '-m', merge.message];
    const identity = await identityFor(repository, merge);
    const sha = await git.run(folder, `merge into ${merge.branch}`, commit, { identity });
    const checkedOut = (await repository.worktrees()).find(({ branch, isGone }) => branch === merge.branch && !isGone);
    if (checkedOut === undefined) {
      await git.run(folder, `move ${merge.branch}`, [
        'update-ref',
        '--end-of-options',
        `refs/heads/${merge.branch}`,
        sha,
        base,
      ]);
    } else {
      const tree = await git.places.gitFolder(checkedOut.path);
      await git.run(tree, `move ${merge.branch} forward`, ['merge', '--ff-only', '--quiet', '--end-of-options', sha]);
    }
    return sha;
  });
}

async function commitOf(repository: Repository, name: string): Promise<string> {
  const sha = await repository.commitOf(name);
  if (sha === undefined) throw new KernelError('NOT_FOUND', { what: 'commit', id: name });
  return sha;
}

/** The tree of the merge. Exit code 1 says that there are conflicts, and the files follow. */
async function mergedTree(repository: Repository, merge: LocalMerge, base: string, head: string): Promise<string> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', '--end-of-options', base, head];
  const printed = await repository.git.run(repository.folder, `merge into ${merge.branch}`, args, { accepts: 1 });
  const [tree = '', ...conflicts] = printed.split('\0').filter(Boolean);
  if (conflicts.length === 0) return tree;
  throw new KernelError('MERGE_CONFLICT', { branch: merge.head, base: merge.branch, files: conflicts.join(', ') });
}

async function identityFor(repository: Repository, merge: LocalMerge): Promise<Identity> {
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map((key) => repository.git.ask(repository.folder, ['config', '--get', key])),
  );
  return name !== undefined && email !== undefined ? { name, email } : merge.identity;
}
