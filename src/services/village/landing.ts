/** Work that is completed goes where it belongs: merged on this machine, or said to be merged where it was (§19). */
import { KernelError } from '../../kernel/errors';
import { mergeInto } from '../../host/git/landing';
import type { Subtask } from '../../kernel/village/model';
import { mergeSubtask, forgetWorktree, type MergeOutcome } from '../../kernel/village/progress';
import { getProject, getTask } from '../../kernel/village/service';
import { getSubtask } from '../../kernel/village/subtasks';
import { problemOf } from '../../kernel/errors';
import type { VillageDeps } from './deps';
import { repositoryOf, worktreesAround } from './places';
import { IDENTITY } from './workplace';

export type LandingDeps = Pick<VillageDeps, 'kernel' | 'git' | 'log'>;

/**
 * Merges a completed subtask of a project without a remote into its base branch, and records it. The worktree goes
 * then; what is not committed in it is kept in a snapshot.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`; `MERGE_CONFLICT`, `GIT_FAILED`, and nothing is changed
 */
export async function mergeOnThisMachine(deps: LandingDeps, id: string): Promise<MergeOutcome> {
  const { subtask, task, project } = deps.kernel.read((r) => {
    const found = getSubtask(r, id);
    const owner = getTask(r, found.taskId);
    return { subtask: found, task: owner, project: getProject(r, owner.projectId) };
  });
  if (subtask.status !== 'COMPLETED' || subtask.branchName === null) {
    throw new KernelError('TASK_STATE', { what: 'subtask', id, state: subtask.status, wanted: 'merged' });
  }
  await mergeInto(repositoryOf(deps, project), {
    branch: project.defaultBranch,
    head: `refs/heads/${subtask.branchName}`,
    message: `${subtask.title}\n\nMerges ${subtask.branchName}, part ${subtask.number} of "${task.title}".`,
    identity: IDENTITY,
  });
  return recordMerge(deps, subtask);
}

/** The work is in the base branch: says so in the record, then clears up. A failure to clear up is in the log only. */
export async function recordMerge(deps: LandingDeps, subtask: Subtask): Promise<MergeOutcome> {
  const outcome = await deps.kernel.write((u) => mergeSubtask(u, subtask.id));
  await clearUp(deps, outcome.subtask);
  return outcome;
}

export async function clearUp(deps: LandingDeps, subtask: Subtask): Promise<void> {
  const { worktreePath, branchName } = subtask;
  if (worktreePath === null) return;
  const project = deps.kernel.read((r) => getProject(r, getTask(r, subtask.taskId).projectId));
  const repository = repositoryOf(deps, project);
  try {
    await worktreesAround(repository, project, worktreePath).remove(worktreePath, `${subtask.id}-merged`);
    await deps.kernel.write((u) => forgetWorktree(u, subtask.id));
    // Only a branch that is merged is deleted by this.
    if (branchName !== null) await repository.git.ask(project.clonePath, ['branch', '--delete', '--', branchName]);
  } catch (error) {
    deps.log.warn('worktree not removed', { subtask: subtask.id, problem: problemOf(error) });
  }
}
