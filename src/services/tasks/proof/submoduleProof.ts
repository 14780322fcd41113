/** Proves links to other repositories in the work of a subtask: each must name a commit that its own remote has. */
import { storedReason, UNPUSHED, UNREGISTERED } from '../../../kernel/errors/reasons/storedReasons';
import { withOwnView } from '../../../host/git/view/ownView';
import type { Repository } from '../../../host/git/repository';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { branchCommit } from '../../../host/git/branch/branches';
import { changedGitlinks, resolvedAddress, submoduleAddresses, type Gitlink } from '../../../host/git/nested/gitlinks';
import { redact } from '../../../host/git/redaction';
import type { OwnView } from '../../../host/git/view/ownView';
import { askSubmoduleRemote, type RemoteAnswer } from '../../../host/git/nested/submoduleRemotes';
import { KernelError } from '../../../kernel/errors/errors';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { shellWord } from '../../../kernel/text/shellWord';
import type { Work } from '../worktreeSetup/commandRuns';
import { defined } from '../../../kernel/defined';
import { short } from './provenCommit';

/**
 * Why a commit links to a commit that others cannot fetch; undefined if it does not. No remote is contacted if it
 * changes no link. @throws KernelError `SUBMODULE_UNREACHABLE` if a remote could not be contacted; `GIT_FAILED`
 */
export async function submoduleProblem(
  view: OwnView,
  { project, subtask, signal }: Work,
  tree: string,
  commit: Sha,
): Promise<string | undefined> {
  const latest = await branchCommit(view.repository, project.defaultBranch);
  for await (const { link, remote, answer } of answers(view, { subtask, latest, commit, tree, signal })) {
    if (answer === undefined) return unregistered(link);
    if (answer.kind === 'lacks') return unpushed(link, remote);
    if (answer.kind === 'unreachable')
      throw new KernelError('SUBMODULE_UNREACHABLE', { path: link.path, remote, problem: answer.problem });
  }
  return undefined;
}

/**
 * Refuses proven work if the remote of a submodule has lost a commit since then. An unreachable remote is no reason to
 * refuse: commits that only the worktree has are kept when it is removed.
 * @throws KernelError `SUBMODULE_LOST`; `GIT_FAILED`
 */
export async function refuseLostLinks(
  repository: Repository,
  subtask: Subtask,
  latest: Sha | undefined,
  commit: Sha,
): Promise<void> {
  await withOwnView(repository, async (view) => {
    for await (const { link, remote, answer } of answers(view, { subtask, latest, commit, tree: subtask.worktreePath }))
      if (answer?.kind === 'lacks')
        throw new KernelError('SUBMODULE_LOST', { path: link.path, commit: short(link.commit), remote });
  });
}

/** Submodule commits that the work of a subtask links to and that their remotes do not have now. */
export async function lostLinks(repository: Repository, subtask: Subtask): Promise<ReadonlySet<Sha>> {
  const lost = new Set<Sha>();
  const { branchName, provenSha } = subtask;
  const head = branchName === null ? undefined : await branchCommit(repository, branchName);
  // Git names no commit of a branch whose object is missing.
  const commit = head ?? (provenSha === null ? undefined : await repository.commitOf(provenSha));
  if (commit === undefined) return lost;
  await withOwnView(repository, async (view) => {
    for await (const { link, answer } of answers(view, { subtask, commit, tree: subtask.worktreePath }))
      if (answer?.kind !== 'has') lost.add(link.commit);
  });
  return lost;
}

interface LinkQuestion {
  readonly subtask: Subtask;
  /** The commit of its base branch, whose links are not checked. */
  readonly latest?: Sha | undefined;
  readonly commit: Sha;
  readonly tree: string | null;
  readonly signal?: AbortSignal;
}

interface LinkAnswer {
  readonly link: Gitlink;
  readonly remote: string;
  /** Undefined if `.gitmodules` names no remote. */
  readonly answer: RemoteAnswer | undefined;
}

/** Contacts the remote of each link that a commit changes; none if it changes none. */
async function* answers(view: OwnView, question: LinkQuestion): AsyncGenerator<LinkAnswer> {
  const { subtask, latest, commit, tree, signal } = question;
  const bases = [shaOf(subtask.baseSha ?? ''), latest].flatMap((one) => one ?? []);
  const links = await changedGitlinks(view, bases, commit);
  if (links.length === 0) return;
  const addresses = await submoduleAddresses(view, commit);
  const superproject = (await view.repository.remotes()).get('origin') ?? view.repository.folder;
  for (const link of links) {
    const address = addresses.get(link.path);
    const resolved = address === undefined ? '' : resolvedAddress(address, superproject);
    const asked = { address: resolved, commit: link.commit, tree, ...defined({ signal }) };
    const answer = address === undefined ? undefined : await askSubmoduleRemote(view.repository, asked);
    yield { link, remote: redact(resolved), answer };
  }
}

function unregistered({ path, commit }: Gitlink): string {
  const folder = shellWord(path);
  return storedReason(UNREGISTERED, {
    path,
    commit: short(commit),
    add: `git rm --cached -- ${folder}; rm -rf -- ${shellWord(`${path}/.git`)}; git add -- ${folder}`,
    link: `git rm --cached -- ${folder}; git submodule add -- <address> ${folder}`,
  });
}

function unpushed({ path, commit }: Gitlink, remote: string): string {
  const command = `git -C ${shellWord(path)} push origin ${commit}:refs/heads/<branch>`;
  return storedReason(UNPUSHED, { path, commit: short(commit), remote, command });
}
