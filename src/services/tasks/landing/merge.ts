/** Merges a subtask on this machine, or through its pull request (`docs/design/tasks.md#landing`). */
import type { SubtaskLanding } from '../../../contract/results/tasks';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import type { GitHubApi } from '../../../host/github/api';
import { mergePullRequest } from '../../../host/github/pullRequests';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { Project, Subtask } from '../../../kernel/tasks/record/model';
import { isHeld } from '../../../kernel/tasks/subtask/held';
import { completeWithoutPullRequest, type MergeOutcome } from '../../../kernel/tasks/subtask/progress';
import { refuseSubtask } from '../../../kernel/tasks/record/stateRefusals';
import { stateOf } from '../../../kernel/tasks/record/transition';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { ProjectDeps } from '../deps';
import { mergeOnThisMachine, recordMerge } from './branchLanding';
import { repositoryOf } from '../taskFolders';
import { provenCommit } from '../proof/provenCommit';
import { landingOf, movedProblem, targetOf } from './pullRequests';
import { baseCommit } from '../work/worktreePreparation';

export interface MergeDeps extends ProjectDeps {
  readonly github: () => GitHubApi;
  readonly transport: GitHubTransport;
}

interface Found {
  readonly subtask: Subtask;
  readonly project: Project;
}

/**
 * Merges a completed subtask into the base branch on this machine, or merges its open pull request on GitHub, and
 * records it. A merge that already happened on GitHub is only recorded.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`; `MERGE_CONFLICT`, `GIT_FAILED`; `PULL_REQUEST_UNMERGED` if there is no
 * open one; as `GitHubApi.send`
 */
export async function mergeWhereItBelongs(deps: MergeDeps, id: string): Promise<MergeOutcome> {
  const { subtask, project } = find(deps, id);
  if (project.remote === null) return mergeOnThisMachine(deps, id);
  refuseUnmergeable(subtask);
  const landing = await landingOf(deps.github(), project, subtask);
  if (landing.kind === 'closed' || landing.kind === 'none') throw unmerged(subtask, landing);
  if (landing.kind === 'open') {
    const head = await provenCommit(deps.kernel, await repositoryOf(deps, project), subtask);
    const moved = movedProblem(subtask, landing);
    if (moved !== undefined) throw moved;
    await mergePullRequest(deps.github(), targetOf(project.remote), subtask.prNumber ?? 0, head);
  }
  return recordRemoteMerge(deps, project, subtask, landing);
}

export interface MarkOptions {
  /** Whether to check with GitHub first, or with git for a project on this machine. */
  readonly verify: boolean;
}

/**
 * Records a merge that happened elsewhere. This completes a held subtask without a pull request.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`; if it is checked, `PULL_REQUEST_UNMERGED` and as `GitHubApi.send`
 */
export async function markMerged(deps: MergeDeps, id: string, { verify }: MarkOptions): Promise<MergeOutcome> {
  const { subtask, project } = find(deps, id);
  refuseUnmergeable(subtask);
  const landing = verify ? await whereItLanded(deps, project, subtask) : undefined;
  if (landing !== undefined && landing.kind !== 'merged') throw unmerged(subtask, landing);
  if (isHeld(subtask)) await deps.kernel.write((u) => completeWithoutPullRequest(u, subtask.id));
  return recordRemoteMerge(deps, project, subtask, landing);
}

/** Also for a project on this machine: whether its base branch contains the work. @throws as `landingOf` */
export async function subtaskLanding(deps: MergeDeps, id: string): Promise<SubtaskLanding> {
  const { subtask, project } = find(deps, id);
  return whereItLanded(deps, project, subtask);
}

async function whereItLanded(deps: MergeDeps, project: Project, subtask: Subtask): Promise<SubtaskLanding> {
  if (project.remote !== null && subtask.prNumber !== null) return landingOf(deps.github(), project, subtask);
  if (subtask.status === 'MERGED') return { kind: 'merged', url: null, sha: null, head: null };
  const { branchName, provenSha, baseSha } = subtask;
  const repository = await repositoryOf(deps, project);
  if (branchName === null) return { kind: 'none' };
  const work = provenSha ?? (await repository.commitOf(`refs/heads/${branchName}`));
  // A branch at its starting commit has no work, although the base branch has its commit.
  if (work === undefined || work === baseSha) return { kind: 'none' };
  const base = await baseCommit(deps, project, repository);
  const isIn = await repository.isAncestor(work, base);
  return isIn ? { kind: 'merged', url: null, sha: base, head: null } : { kind: 'none' };
}

/** Fetches the remote first, so that the branch can be deleted if nothing is lost. */
async function recordRemoteMerge(
  deps: MergeDeps,
  project: Project,
  subtask: Subtask,
  landing?: SubtaskLanding,
): Promise<MergeOutcome> {
  try {
    await baseCommit(deps, project, await repositoryOf(deps, project));
  } catch (error) {
    deps.log.info('base not fetched after a merge', { project: project.id, problem: problemOf(error) });
  }
  const moved = landing === undefined ? undefined : movedProblem(subtask, landing);
  return recordMerge(deps, subtask, moved?.message);
}

function find({ kernel }: MergeDeps, id: string): Found {
  return kernel.read((r) => {
    const subtask = getSubtask(r, id);
    return { subtask, project: getProject(r, getTask(r, subtask.taskId).projectId) };
  });
}

/** A held subtask is merged without the pull request that could not be made. */
function refuseUnmergeable(subtask: Subtask): void {
  if (!isHeld(subtask)) refuseSubtask(subtask.id, stateOf(subtask), 'merge');
}

function unmerged({ id }: Subtask, landing: SubtaskLanding): KernelError {
  const state = {
    open: 'its pull request is open',
    closed: 'its pull request was closed without a merge',
    merged: 'it is merged',
    none: 'it has no pull request, and its base branch lacks its commits',
  }[landing.kind];
  return new KernelError('PULL_REQUEST_UNMERGED', { subtask: id, state });
}
