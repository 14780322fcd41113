/** Deletes the tasks of a project as *Delete Task* does, and previews the effects. */
import type { ProjectContents, TaskDeletion } from '../../../contract/results/tasks';
import type { Reader } from '../../../kernel/unit';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { getProject, listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { deleteTaskWhole, type DeletionDeps } from './deletion';

/** @throws KernelError `NOT_FOUND` */
export function contentsOf(r: Reader, projectId: string): ProjectContents {
  const tasks = listTasks(r, getProject(r, projectId).id);
  const subtasks = tasks.flatMap((task) => readableSubtasks(r, task.id).sound);
  const ids = new Set<string>(tasks.map(({ id }) => id));
  const unmerged = subtasks.filter(({ status }) => status !== 'MERGED');
  return {
    tasks: tasks.map(({ id, title }) => ({ id, title })),
    subtasks: subtasks.length,
    agents: runningAgentRuns(r).filter(({ taskId }) => ids.has(taskId)).length,
    worktrees: subtasks.flatMap(({ worktreePath }) => worktreePath ?? []),
    branches: unmerged.flatMap(({ branchName }) => branchName ?? []),
  };
}

/**
 * Ends agents, and removes worktrees after a snapshot. Unmerged branches and snapshots stay in the repository. Can be
 * repeated after an interruption.
 * @throws KernelError `NOT_FOUND`
 */
export async function deleteTasksOf(deps: DeletionDeps, projectId: string): Promise<TaskDeletion[]> {
  const { tasks } = deps.kernel.read((r) => contentsOf(r, projectId));
  const deleted: TaskDeletion[] = [];
  for (const { id } of tasks) deleted.push(await deleteTaskWhole(deps, id));
  return deleted;
}
