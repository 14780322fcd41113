/** How work gets from a branch of ours to where it belongs: pushed to a remote, or merged on this machine. */
import { KernelError } from '../../kernel/errors';
import { NETWORK_TIMEOUT_MS, type Identity } from './git';
import type { Repository } from './repository';

export interface Push {
  readonly remote: string;
  readonly branch: string;
  /**
   * Where our own branch stood on the remote when we pushed last: only then may it be replaced. Absent for a push that
   * must go forward. Never anybody else's branch (D8).
   */
  readonly replaces?: string;
}

/** @throws KernelError `GIT_FAILED` */
export async function pushBranch(repository: Repository, { remote, branch, replaces }: Push): Promise<void> {
  const remoteUrl = (await repository.remotes()).get(remote);
  const lease = replaces === undefined ? [] : [`--force-with-lease=refs/heads/${branch}:${replaces}`];
  const refspec = `refs/heads/${branch}:refs/heads/${branch}`;
  const args = ['push', '--porcelain', ...lease, '--', remote, refspec];
  await repository.git.run(repository.folder, `push ${branch} to ${remote}`, args, {
    timeoutMs: NETWORK_TIMEOUT_MS,
    ...(remoteUrl === undefined ? {} : { remoteUrl }),
  });
}

export interface LocalMerge {
  readonly branch: string;
  readonly base: string;
  readonly message: string;
  /** For the merge commit, where the repository has no identity configured. */
  readonly identity: Identity;
}

/**
 * Merges a branch into another on this machine, without a working tree. Where the base is checked out it is moved
 * forward there, which git refuses rather than touch a change a person has not committed.
 * @returns the commit the base stands at now.
 * @throws KernelError `MERGE_CONFLICT`, `GIT_FAILED`; nothing is changed then.
 */
export async function mergeLocally(repository: Repository, merge: LocalMerge): Promise<string> {
  return repository.exclusively(async () => {
    const { git, folder } = repository;
    const [base, head] = await Promise.all([merge.base, merge.branch].map((name) => commitOf(repository, name)));
    if (base === undefined || head === undefined)
      throw new KernelError('NOT_FOUND', { what: 'branch', id: merge.branch });
    if (await repository.isAncestor(head, base)) return base;
    const tree = await mergedTree(repository, merge, base, head);
    const commit = ['commit-tree', tree, '-p', base, '-p', head, '-m', merge.message];
    const sha = await git.run(folder, `merge ${merge.branch}`, commit, {
      identity: await identityFor(repository, merge),
    });
    const checkedOut = (await repository.worktrees()).find(({ branch }) => branch === merge.base);
    if (checkedOut === undefined) {
      await git.run(folder, `move ${merge.base}`, ['update-ref', `refs/heads/${merge.base}`, sha, base]);
    } else {
      await git.run(checkedOut.path, `move ${merge.base} forward`, ['merge', '--ff-only', '--quiet', sha]);
    }
    return sha;
  });
}

function commitOf(repository: Repository, branch: string): Promise<string | undefined> {
  return repository.commitOf(`refs/heads/${branch}`);
}

/** The tree of the merge. Exit code 1 says that there are conflicts, and the files follow. */
async function mergedTree(repository: Repository, merge: LocalMerge, base: string, head: string): Promise<string> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', base, head];
  const printed = await repository.git.run(repository.folder, `merge ${merge.branch}`, args, { accepts: 1 });
  const [tree = '', ...conflicts] = printed.split('\0').filter(Boolean);
  if (conflicts.length === 0) return tree;
  throw new KernelError('MERGE_CONFLICT', { branch: merge.branch, base: merge.base, files: conflicts.join(', ') });
}

async function identityFor(repository: Repository, merge: LocalMerge): Promise<Identity> {
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map((key) => repository.git.ask(repository.folder, ['config', '--get', key])),
  );
  return name !== undefined && email !== undefined ? { name, email } : merge.identity;
}
