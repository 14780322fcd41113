/**
 * Creates the branch and the worktree of a subtask, from the latest base (`docs/design/tasks.md#the-base-of-the-work`).
 */
import { problemOf } from '../../../kernel/errors/errors';
import type { Sha } from '../../../kernel/text/gitNames';
import { branchName } from '../../../kernel/tasks/names';
import type { Project, Remote, Subtask } from '../../../kernel/tasks/record/model';
import type { Workplace } from '../../../kernel/tasks/subtask/progress';
import { missingBranch } from '../../../host/git/branch/branches';
import { fetchPatiently } from '../../../host/git/branch/fetch';
import { mergeInto } from '../../../host/git/merge/landedMerge';
import type { Repository } from '../../../host/git/repository';
import type { Fetch } from '../../../host/git/transport/gitHubTransfers';
import { listSnapshots } from '../../../host/git/snapshot/snapshots';
import type { Worktrees } from '../../../host/git/worktree/worktrees';
import { fileKey } from '../../../host/files/pathIdentity';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { addNote } from '../../../kernel/tasks/subtask/subtasks';
import { restoreClone } from '../project/cloneUpkeep';
import type { TaskDeps } from '../deps';
import { ownWorktrees, repositoryOf, worktreeFolder, worktreesAround, worktreesOf } from '../taskFolders';
import { baseRef, followBase, remoteOf, type MoveDeps } from '../project/projectMoves';

/** The identity for our own commits in a repository without one. */
export const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };

/**
 * The commit that work starts from: the remote's current base branch, or the local one without a remote.
 * @throws KernelError `GIT_FAILED`; `BRANCH_MISSING`, `REPOSITORY_EMPTY`
 */
export async function baseCommit(deps: MoveDeps, project: Project, repository: Repository): Promise<Sha> {
  const { transport } = deps;
  const { remote } = project;
  const source = remote === null ? undefined : sourceOf(remote);
  if (source !== undefined && transport !== undefined) {
    await fetchPatiently(repository, () => transport.fetch(repository, source));
  }
  const sha = await repository.commitOf(baseRef(await followBase(deps, project, repository)));
  if (sha === undefined) throw await missingBranch(repository, project.defaultBranch);
  return sha;
}

/** The repository of a project's base branch: the upstream of a fork, or the repository itself. */
function sourceOf(remote: Remote): Fetch {
  const { upstream } = remote;
  return { remote: remoteOf(remote), from: upstream ?? remote };
}

/** A freed clone is restored before work starts. @throws KernelError as `restoreClone` */
export async function bringClone({ kernel, git, log, transport }: TaskDeps, project: Project): Promise<void> {
  if (transport !== undefined) await restoreClone({ kernel, git, log, transport }, project);
}

/**
 * A worktree for the subtask: its existing one, one on its existing branch with the uncommitted changes from its
 * removal, or a new one. A branch with work of a previous round is updated to the latest base if there is no conflict
 * (D20).
 * @throws KernelError `GIT_FAILED`, `WORKTREE_UNSEEN`; as `baseCommit`
 */
export async function prepareWorkplace(
  deps: TaskDeps,
  project: Project,
  subtask: Subtask,
  signal?: AbortSignal,
): Promise<Workplace> {
  const repository = await repositoryOf(deps, project);
  await bringClone(deps, project);
  const latest = await baseCommit(deps, project, repository);
  const branch = subtask.branchName ?? branchName(subtask.id, subtask.title);
  // Its worktree stays where it was created, even if the storage setting changes.
  const made = subtask.worktreePath ?? (await unrecordedWorktree(deps, repository, project, subtask, branch));
  const folder = made ?? worktreeFolder(deps, project, subtask);
  const worktrees =
    made === undefined ? await worktreesOf(deps, project) : await worktreesAround(deps, repository, project, made);
  const noteMoved = async (moved: string): Promise<void> => {
    const text = `An unknown folder was at the path of the worktree. It was moved to ${moved}.`;
    await deps.kernel.write((u) => addNote(u, subtask.id, { author: 'intercore', text }));
    deps.log.warn('folder at the path of a worktree moved', { subtask: subtask.id, folder: moved });
  };
  const make = async (): Promise<Workplace> => {
    const fill = (): Promise<void> => bringBackChanges(deps, worktrees, project, subtask, { branch, folder });
    await worktrees.ensure({ folder, branch, baseSha: latest }, noteMoved, fill);
    const baseSha = (await bringUpToDate(deps, repository, branch, folder, latest)) ? latest : subtask.baseSha;
    return { branchName: branch, worktreePath: folder, baseSha: baseSha ?? latest };
  };
  return deps.heavySteps.run(subtask.id, make, signal);
}

/** A worktree on the branch in another storage: a program created it and stopped leading before the record named it. */
async function unrecordedWorktree(
  deps: TaskDeps,
  repository: Repository,
  project: Project,
  subtask: Subtask,
  branch: string,
): Promise<string | undefined> {
  const own = await fileKey(worktreeFolder(deps, project, subtask));
  for (const worktree of await ownWorktrees(repository, project)) {
    if (worktree.branch !== branch) continue;
    if ((await fileKey(worktree.path)) !== own) return worktree.path;
  }
  return undefined;
}

/**
 * Restores changes that were uncommitted when the worktree was removed (`docs/design/tasks.md#worktrees-without-use`),
 * on their original commit.
 */
async function bringBackChanges(
  deps: TaskDeps,
  worktrees: Worktrees,
  project: Project,
  subtask: Subtask,
  { branch, folder }: { readonly branch: string; readonly folder: string },
): Promise<void> {
  const [last] = deps.kernel.read((r) => listAgentRuns(r, subtask.taskId, subtask.id));
  const endedAt = last?.endedAt ?? null;
  // No agent has worked on it yet.
  if (endedAt === null) return;
  const repository = await repositoryOf(deps, project);
  const head = await repository.commitOf(`refs/heads/${branch}`);
  const kept = (await listSnapshots(repository)).find(
    (snapshot) => snapshot.id.startsWith(subtask.id) && snapshot.head === head && snapshot.takenAt >= endedAt,
  );
  if (kept !== undefined) await worktrees.bringBack(folder, kept.sha);
}

/** Whether the branch contains the latest base now. */
async function bringUpToDate(
  deps: TaskDeps,
  repository: Repository,
  branch: string,
  folder: string,
  latest: Sha,
): Promise<boolean> {
  if (await repository.isAncestor(latest, `refs/heads/${branch}`)) return true;
  if ((await repository.uncommitted(await repository.git.places.gitFolder(folder))).length > 0) return false;
  try {
    await mergeInto(repository, {
      branch,
      head: latest,
      name: latest,
      message: `Update ${branch}`,
      identity: IDENTITY,
    });
    return true;
  } catch (error) {
    // The agent sees the base in its prompt and merges it itself.
    deps.log.info('branch not updated', { branch, problem: problemOf(error) });
    return false;
  }
}
