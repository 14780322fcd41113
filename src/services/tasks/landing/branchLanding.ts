/**
 * Lands completed work: merges it on this machine, or records a merge that happened elsewhere
 * (`docs/design/tasks.md#landing`).
 */
import type { Sha } from '../../../kernel/text/gitNames';
import { branchCommit, deleteBranch } from '../../../host/git/branch/branches';
import { mergeInto } from '../../../host/git/merge/landedMerge';
import type { Repository } from '../../../host/git/repository';
import type { Project, Subtask } from '../../../kernel/tasks/record/model';
import {
  announceMerge,
  forgetWorktree,
  mergeSubtask,
  recordLandingProblem,
  type MergeOutcome,
} from '../../../kernel/tasks/subtask/progress';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import { problemOf } from '../../../kernel/errors/errors';
import type { ProjectDeps } from '../deps';
import { refused, refuseSubtask } from '../../../kernel/tasks/record/stateRefusals';
import { stateOf } from '../../../kernel/tasks/record/transition';
import { repositoryOf, worktreesAround } from '../taskFolders';
import { followBase } from '../project/projectMoves';
import { provenCommit } from '../proof/provenCommit';
import { runUpkeep, unlessLocked } from '../stageRunner';
import { noteSubmodules } from '../proof/submoduleNote';
import { lostLinks, refuseLostLinks } from '../proof/submoduleProof';
import { IDENTITY } from '../work/worktreePreparation';

/**
 * Merges the proven commit of a completed subtask of a project without a remote into its base branch, and records it.
 * Then removes the worktree; uncommitted changes are kept in a snapshot. A failure to merge is stored with the subtask.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`; as `provenCommit` and `mergeInto`, and no branch is changed
 */
export async function mergeOnThisMachine(deps: ProjectDeps, id: string): Promise<MergeOutcome> {
  const { subtask, task, project } = deps.kernel.read((r) => {
    const found = getSubtask(r, id);
    const owner = getTask(r, found.taskId);
    return { subtask: found, task: owner, project: getProject(r, owner.projectId) };
  });
  refuseSubtask(id, stateOf(subtask), 'merge');
  if (subtask.branchName === null) throw refused('subtask', id, subtask.status, 'merge', 'subtaskUnproven');
  const repository = await repositoryOf(deps, project);
  const isThere = await repository.hasBranch(project.defaultBranch);
  const { defaultBranch } = isThere ? project : await followBase(deps, project, repository);
  const head = await provenCommit(deps.kernel, repository, subtask);
  const announce = async (commit: Sha): Promise<void> => {
    await deps.kernel.write((u) => announceMerge(u, subtask.id, commit));
  };
  try {
    const latest = await branchCommit(repository, defaultBranch);
    const isIn = latest !== undefined && (await repository.isAncestor(head, latest));
    if (!isIn) await refuseLostLinks(repository, subtask, latest, head);
    await mergeInto(repository, {
      branch: defaultBranch,
      head,
      name: subtask.branchName,
      landing: { announced: subtask.mergeSha, announce },
      message: `${subtask.title}\n\nMerges ${subtask.branchName}, part ${subtask.number} of "${task.title}".`,
      identity: IDENTITY,
    });
  } catch (error) {
    await deps.kernel.write((u) => recordLandingProblem(u, subtask.id, problemOf(error)));
    throw error;
  }
  return recordMerge(deps, subtask);
}

/**
 * The work is in the base branch: records that, with a remark if the merged commit is not the proven one, then cleans
 * up. A failure to clean up is only logged. The pull request check may have recorded it already; that is no failure,
 * and nothing is freed twice.
 */
export async function recordMerge(
  deps: ProjectDeps,
  { id }: Subtask,
  remark: string | null = null,
): Promise<MergeOutcome> {
  const outcome = await deps.kernel.write((u) => {
    const subtask = getSubtask(u, id);
    if (subtask.status !== 'MERGED') return mergeSubtask(u, id, remark);
    return { subtask, unblocked: [], taskDone: getTask(u, subtask.taskId).status === 'DONE' };
  });
  await clearUp(deps, outcome.subtask);
  return outcome;
}

/**
 * Removes its worktree, after a snapshot, and its branch if nothing is lost. Can be run again after an interruption.
 */
export async function clearUp(deps: ProjectDeps, subtask: Subtask): Promise<void> {
  const { worktreePath, branchName } = subtask;
  if (worktreePath === null) return;
  await runUpkeep(deps, 'cleanUp', subtask.id, () =>
    unlessLocked(deps, async () => {
      const project = deps.kernel.read((r) => getProject(r, getTask(r, subtask.taskId).projectId));
      const repository = await repositoryOf(deps, project);
      const keeps = await lostLinks(repository, subtask);
      const worktrees = await worktreesAround(deps, repository, project, worktreePath);
      const kept = await worktrees.remove(worktreePath, `${subtask.id}-merged`, () => true, keeps);
      if (branchName !== null) await deleteMerged(repository, project, branchName);
      await deps.kernel.write((u) => {
        forgetWorktree(u, subtask.id);
        noteSubmodules(u, subtask.id, kept);
      });
    }),
  );
}

/** Deletes a branch if the base, here or on the remote, has all its commits, unless it is in use. */
async function deleteMerged(repository: Repository, project: Project, branch: string): Promise<void> {
  const places = ['heads', 'remotes/origin', 'remotes/upstream'];
  const bases = places.map((place) => `refs/${place}/${project.defaultBranch}`);
  const head = await branchCommit(repository, branch);
  if (head === undefined) return;
  const { git, folder } = repository;
  const args = ['for-each-ref', '--format=%(refname)', '--contains', head, '--end-of-options', ...bases];
  // A name also lists the refs below it.
  const containing = (await git.run(folder, args)).split('\n').filter((ref) => bases.includes(ref));
  if (containing.length > 0) await deleteBranch(repository, branch, head);
}
