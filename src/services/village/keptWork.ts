/** What was kept of worktrees that were removed, and bringing it back (`spec/village.md` §23; design §1). */
import path from 'node:path';
import { KernelError } from '../../kernel/errors';
import type { KeptSnapshot } from '../../host/git/worktrees';
import type { Subtask, Task } from '../../kernel/village/model';
import { getProject, listTasks } from '../../kernel/village/service';
import { listSubtasks } from '../../kernel/village/subtasks';
import { repositoryOf, worktreesFolder, worktreesOf } from './places';
import type { PlaceDeps } from './retention';

/** The changes of one worktree. */
export interface KeptWork extends KeptSnapshot {
  /** Whose worktree it was; undefined where that is deleted. A planner's is the task's alone. */
  readonly task: Task | undefined;
  readonly subtask: Subtask | undefined;
  /** Files that differ from the commit it stood on. */
  readonly files: readonly string[];
}

/** Newest first. @throws KernelError `NOT_FOUND` for the project; `GIT_FAILED` */
export async function listKeptWork(deps: PlaceDeps, projectId: string): Promise<KeptWork[]> {
  const { project, tasks } = deps.kernel.read((r) => ({
    project: getProject(r, projectId),
    tasks: listTasks(r, projectId).map((task) => ({ task, subtasks: listSubtasks(r, task.id) })),
  }));
  const subtasks = tasks.flatMap((one) => one.subtasks);
  const repository = repositoryOf(deps, project);
  return Promise.all(
    (await worktreesOf(deps, project).snapshots()).map(async (snapshot) => {
      const subtask = subtasks.find(({ id }) => snapshot.id.startsWith(`${id}-`));
      const isOf = ({ id }: Task): boolean => id === subtask?.taskId || snapshot.id.startsWith(`${id}-`);
      const args = ['diff-tree', '-r', '-z', '--no-commit-id', '--name-only', snapshot.head, snapshot.sha];
      const names = await repository.git.run(repository.folder, 'read a snapshot', args);
      const task = tasks.find((one) => isOf(one.task))?.task;
      return { ...snapshot, task, subtask, files: names.split('\0').filter(Boolean) };
    }),
  );
}

export interface RestoredWorktree {
  readonly folder: string;
  readonly branch: string;
  /** False where it was brought back before, and is still there. */
  readonly isNew: boolean;
}

/**
 * Brings a snapshot back in a worktree of its own, on a branch of its own, with what was not committed as changes. No
 * other worktree or branch is touched.
 * @throws KernelError `NOT_FOUND`, `GIT_FAILED`
 */
export async function restoreKeptWork(deps: PlaceDeps, projectId: string, ref: string): Promise<RestoredWorktree> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const worktrees = worktreesOf(deps, project);
  const kept = (await worktrees.snapshots()).find((one) => one.ref === ref);
  if (kept === undefined) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
  const folder = path.join(worktreesFolder(deps.storageDir), project.id, `restored-${kept.id}`);
  const branch = `restored/${kept.id}`;
  return { folder, branch, isNew: await worktrees.restore(kept, folder, branch) };
}
