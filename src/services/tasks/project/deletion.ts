/** Deletes a task: ends its agents, removes its worktrees after a snapshot, and keeps unmerged work on its branches. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskDeletion } from '../../../contract/results/tasks';
import { branchCommit, deleteBranch } from '../../../host/git/branch/branches';
import type { Repository } from '../../../host/git/repository';
import type { Snapshot } from '../../../host/git/snapshot/snapshotWriter';
import type { Worktrees } from '../../../host/git/worktree/worktrees';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { DispatchId } from '../../../kernel/ids';
import type { Project } from '../../../kernel/tasks/record/model';
import { deleteTask } from '../../../kernel/tasks/project/removal';
import type { Sha } from '../../../kernel/text/gitNames';
import type { ProjectDeps } from '../deps';
import { repositoryOf, worktreesAround, worktreesFor } from '../taskFolders';
import { lostLinks } from '../proof/submoduleProof';

/** Longer than the grace period before another program kills an agent. */
const AGENT_ENDS_MS = 15_000;
const LOOK_MS = 250;

export interface DeletionDeps extends ProjectDeps {
  /** Ends agents; resolves when their processes are gone, or could not be ended. */
  readonly endDispatches: (ids: readonly DispatchId[]) => Promise<void>;
}

/** @throws KernelError `NOT_FOUND`; nothing is changed then. Failures to clean up are in the result. */
export async function deleteTaskWhole(deps: DeletionDeps, id: string): Promise<TaskDeletion> {
  const { project, task, subtasks, dispatches } = await deps.kernel.write((u) => deleteTask(u, id));
  await deps.endDispatches(dispatches);
  const named = subtasks.flatMap(({ branchName }) => (branchName === null ? [] : [branchName]));
  const snapshots: string[] = [];
  const left: { path: string; problem: string }[] = [];
  let repository: Repository;
  try {
    repository = await repositoryOf(deps, project);
  } catch (error) {
    // The task was deleted from the record; files on disk stay.
    return {
      taskId: task.id,
      branches: named,
      snapshots,
      left: [{ path: project.clonePath, problem: problemOf(error) }],
    };
  }
  for (const owner of [task.id, ...subtasks.map((subtask) => subtask.id)]) {
    for (const worktree of await foundFor(deps, repository, project, owner)) {
      try {
        const around = () => worktreesAround(deps, repository, project, worktree);
        const subtask = subtasks.find(({ id: owned }) => owned === owner);
        const keeps = subtask === undefined ? undefined : await lostLinks(repository, subtask);
        const kept = await removeOnceUnused(deps, around, worktree, { id: `${owner}-deleted`, keeps });
        if (kept !== undefined) snapshots.push(kept.ref);
      } catch (error) {
        left.push({ path: worktree, problem: problemOf(error) });
      }
    }
  }
  return { taskId: task.id, branches: await unmerged(repository, project, named), snapshots, left };
}

/** Another program ends the agents that only it may end, when it sees that their record is gone. */
async function removeOnceUnused(
  { kernel }: ProjectDeps,
  around: () => Promise<Worktrees>,
  worktree: string,
  { id, keeps }: { readonly id: string; readonly keeps: ReadonlySet<Sha> | undefined },
): Promise<Snapshot | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      return await (await around()).remove(worktree, id, () => true, keeps);
    } catch (error) {
      if (!KernelError.is(error, 'WORKTREE_IN_USE') || waitedMs >= AGENT_ENDS_MS) throw error;
      await delay(LOOK_MS);
      await kernel.refresh();
    }
  }
}

/** None if the repository cannot be read: it may be gone. */
async function foundFor(
  { log }: ProjectDeps,
  repository: Repository,
  project: Project,
  id: string,
): Promise<readonly string[]> {
  try {
    return await worktreesFor(repository, project, id);
  } catch (error) {
    log.warn('worktrees not listed', { id, problem: problemOf(error) });
    return [];
  }
}

/** Deletes branches without work of their own. The others stay and are returned. */
async function unmerged(repository: Repository, project: Project, branches: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const branch of branches) {
    const head = await branchCommit(repository, branch).catch(() => undefined);
    if (head === undefined) continue;
    const isMerged = await repository.isAncestor(head, `refs/heads/${project.defaultBranch}`);
    if (!isMerged || !(await deleteBranch(repository, branch, head))) kept.push(branch);
  }
  return kept;
}
