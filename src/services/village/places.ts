/** Where the village keeps what is not in the record: worktrees, plans, the output of checks (§10). */
import path from 'node:path';
import { Repository } from '../../host/git/repository';
import { Worktrees } from '../../host/git/worktrees';
import type { Project, Subtask, Task } from '../../kernel/village/model';
import { slug } from '../../kernel/village/names';
import type { VillageDeps } from './deps';

type Places = Pick<VillageDeps, 'storageDir' | 'git'>;

/** Agents may work below it. */
export function worktreesFolder(storageDir: string): string {
  return path.join(storageDir, 'worktrees');
}

export function repositoryOf({ git }: Pick<VillageDeps, 'git'>, project: Project): Repository {
  return new Repository(git, project.clonePath);
}

export function worktreesOf(deps: Places, project: Project): Worktrees {
  return new Worktrees(repositoryOf(deps, project), path.join(worktreesFolder(deps.storageDir), project.id));
}

/**
 * The working trees around one that we made, wherever that was: the place may be set otherwise since, and `ic` does not
 * know it. Whatever else a row may name is refused by them.
 */
export function worktreesAround(repository: Repository, project: Project, worktreePath: string): Worktrees {
  return new Worktrees(repository, path.resolve(worktreePath, '..', '..', project.id));
}

/** Working trees that we made for a task or a subtask, also those that its row has forgotten. */
export async function worktreesFor(repository: Repository, project: Project, id: string): Promise<string[]> {
  const all = (await repository.worktrees()).map((worktree) => worktree.path);
  return all.filter((place) => isOfProject(project, place) && path.basename(place).startsWith(`${id}-`));
}

/** Whether we made a working tree for the project: ours stand in a folder of its id, in whatever storage. */
export function isOfProject(project: Project, worktreePath: string): boolean {
  return path.basename(path.dirname(worktreePath)) === project.id;
}

/** What the names of working trees begin with that were brought back from a snapshot. */
export const RESTORED = 'restored-';

export function restoredFolder(storageDir: string, project: Project, snapshotId: string): string {
  return path.join(worktreesFolder(storageDir), project.id, `${RESTORED}${snapshotId}`);
}

export function worktreeFolder({ storageDir }: Places, project: Project, subtask: Subtask): string {
  return path.join(worktreesFolder(storageDir), project.id, `${subtask.id}-${slug(subtask.title)}`);
}

/** A planner looks at the code in a tree of its own, so that nothing moves under it (§13). */
export function planningFolder({ storageDir }: Places, project: Project, task: Task): string {
  return path.join(worktreesFolder(storageDir), project.id, `${task.id}-planning`);
}

/** The plan as it was accepted, for people to read. */
export function planFile({ storageDir }: Places, task: Task): string {
  return path.join(storageDir, 'plans', `${task.id}.md`);
}

/** A clean checkout for the checks of a subtask, outside the worktrees that agents may write in. */
export function proofFolder({ storageDir }: Places, subtask: Subtask): string {
  return path.join(storageDir, 'proof', subtask.id);
}

export function setupLog({ storageDir }: Places, subtask: Subtask, attempt: number, index: number): string {
  return path.join(storageDir, 'checks', subtask.id, `attempt-${attempt}-setup-${index + 1}.log`);
}

export function checkLog({ storageDir }: Places, subtask: Subtask, attempt: number, index: number): string {
  return path.join(storageDir, 'checks', subtask.id, `attempt-${attempt}-check-${index + 1}.log`);
}
