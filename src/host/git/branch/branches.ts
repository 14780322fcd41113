/**
 * The only place that moves or deletes branches of a repository. Each step is a compare-and-swap, after git's own rule.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { ifThere } from '../../files/fileErrors';
import type { Repository } from '../repository';

/** The commit of a branch, which must exist. @throws KernelError `BRANCH_MISSING`, `REPOSITORY_EMPTY` */
export async function existingBranch(repository: Repository, branch: string): Promise<Sha> {
  const commit = await branchCommit(repository, branch);
  if (commit === undefined) throw await missingBranch(repository, branch);
  return commit;
}

/** Why there is no such branch: its name is wrong, there are no commits, or git's file of it is damaged. */
export async function missingBranch(repository: Repository, branch: string): Promise<KernelError> {
  const { git, folder } = repository;
  const ref = `refs/heads/${branch}`;
  const commit = await git.ask(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref]);
  if (commit !== undefined && (await repository.commitOf(commit)) === undefined) {
    const problem = because('the object {commit}, the commit of {branch}, is missing', { commit, branch });
    return new KernelError('OBJECTS_MISSING', { folder, problem });
  }
  const heads = await git.run(folder, ['rev-parse', '--git-path', 'refs/heads']);
  const file = path.resolve(folder, heads, branch);
  if (commit === undefined && (await ifThere(stat(file)))?.isFile() === true) {
    return new KernelError('REPOSITORY_DAMAGED', {
      folder,
      problem: because('{file} does not name a commit', { file }),
    });
  }
  const args = ['for-each-ref', '--count=1', '--format=%(refname)', 'refs/heads', 'refs/remotes'];
  const isEmpty = (await git.run(folder, args)) === '';
  return isEmpty
    ? new KernelError('REPOSITORY_EMPTY', { folder })
    : new KernelError('BRANCH_MISSING', { branch, folder });
}

/** The commit of a branch; undefined if there is none. */
export async function branchCommit({ git, folder }: Repository, branch: string): Promise<Sha | undefined> {
  return shaOf((await git.ask(folder, ['show-ref', '--verify', '--hash', '--', `refs/heads/${branch}`])) ?? '');
}

/** The target of a symbolic branch; any other branch itself. */
export async function branchBehind({ git, folder }: Repository, branch: string): Promise<string> {
  const target = await git.ask(folder, ['symbolic-ref', '--quiet', '--end-of-options', `refs/heads/${branch}`]);
  return target?.startsWith('refs/heads/') === true ? target.slice('refs/heads/'.length) : branch;
}

/** @throws KernelError `GIT_FAILED` if it is no longer at `from` */
export async function setBranch({ git, folder }: Repository, branch: string, from: Sha, to: Sha): Promise<void> {
  const args = ['update-ref', '--end-of-options', `refs/heads/${branch}`, to, from];
  await git.run(folder, args);
}

/**
 * Deletes a branch that is still at a commit, unless it is checked out or a git operation holds it. Returns whether it
 * did.
 * @throws KernelError `GIT_FAILED`
 */
export async function deleteBranch(repository: Repository, branch: string, at: Sha): Promise<boolean> {
  const { git, folder } = repository;
  const { branchUse } = await import('./branchUse.js');
  return repository.exclusively(async () => {
    if ((await branchUse(repository, branch)) !== undefined) return false;
    if ((await repository.worktrees()).some((worktree) => worktree.branch === branch)) return false;
    if (!(await git.attempt(folder, ['update-ref', '-d', '--end-of-options', `refs/heads/${branch}`, at])))
      return false;
    await git.attempt(folder, ['config', '--local', '--remove-section', '--', `branch.${branch}`]);
    return true;
  });
}
