/** Links to other repositories in the work of a subtask: each must lead to a commit that its own remote has. */
import { branchCommit } from '../../host/git/branches';
import { changedGitlinks, resolvedAddress, submoduleAddresses, type Gitlink } from '../../host/git/gitlinks';
import { redact } from '../../host/git/redaction';
import type { OwnView } from '../../host/git/ownView';
import { askSubmoduleRemote } from '../../host/git/submoduleRemotes';
import { KernelError } from '../../kernel/errors';
import { shaOf, type Sha } from '../../kernel/gitNames';
import { shellWord } from '../../kernel/shellWord';
import type { Work } from './checkRuns';
import { short } from './provenCommit';

/**
 * Why a commit links to what nobody else can have; undefined where it does not, and no remote is asked where it changes
 * no link.
 * @throws KernelError `SUBMODULE_UNREACHABLE` where a remote could not be asked; `GIT_FAILED`
 */
export async function submoduleProblem(
  view: OwnView,
  { project, subtask, signal }: Work,
  tree: string,
  commit: Sha,
): Promise<string | undefined> {
  const base = shaOf(subtask.baseSha ?? '');
  const latest = await branchCommit(view.repository, project.defaultBranch);
  const links = await changedGitlinks(
    view,
    [base, latest].flatMap((one) => one ?? []),
    commit,
  );
  if (links.length === 0) return undefined;
  const addresses = await submoduleAddresses(view, commit);
  const superproject = (await view.repository.remotes()).get('origin') ?? view.repository.folder;
  for (const link of links) {
    const address = addresses.get(link.path);
    if (address === undefined) return unregistered(link);
    const resolved = resolvedAddress(address, superproject);
    const answer = await askSubmoduleRemote(view.repository, { address: resolved, commit: link.commit, tree, signal });
    const remote = redact(resolved);
    if (answer.kind === 'lacks') return unpushed(link, remote);
    if (answer.kind === 'unreachable')
      throw new KernelError('SUBMODULE_UNREACHABLE', { path: link.path, remote, problem: answer.problem });
  }
  return undefined;
}

function unregistered({ path, commit }: Gitlink): string {
  const folder = shellWord(path);
  return [
    `“${path}” is a repository of its own, and the commit holds only a link to its commit ${short(commit)}, which no other repository has`,
    `To make its files part of this repository, run: git rm --cached -- ${folder}; rm -rf -- ${shellWord(`${path}/.git`)}; git add -- ${folder}; then commit`,
    `To make it a submodule, push it to a remote of its own and run: git rm --cached -- ${folder}; git submodule add -- <address> ${folder}`,
  ].join('. ');
}

function unpushed({ path, commit }: Gitlink, remote: string): string {
  return [
    `the submodule “${path}” is at the commit ${short(commit)}, which its remote ${remote} does not have`,
    `Push it first, for example with: git -C ${shellWord(path)} push origin ${commit}:refs/heads/<branch>; or check out a commit there that the remote has, and commit that`,
  ].join('. ');
}
