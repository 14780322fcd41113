/** The folders of tasks for data outside the record: worktrees, plans, check output (`docs/design/tasks.md#names`). */
import path from 'node:path';
import { Repository, type WorktreeInfo } from '../../host/git/repository';
import type { Worktrees } from '../../host/git/worktree/worktrees';
import type { Project, Subtask, Task } from '../../kernel/tasks/record/model';
import { slug } from '../../kernel/tasks/names';
import type { TaskDeps } from './deps';
import type { Problem } from '../../kernel/errors/reasons/problem';

type TrustedFolders = Pick<TaskDeps, 'storageDir' | 'git'>;
type Trees = Pick<TaskDeps, 'kernel' | 'git'>;

/** Agents may run below it. */
export function worktreesFolder(storageDir: string): string {
  return path.join(storageDir, 'worktrees');
}

/** @throws KernelError `RECORDED_ELSEWHERE` for a clone that is neither in a folder of the user nor ours */
export async function repositoryOf({ git }: Pick<TaskDeps, 'git'>, project: Project): Promise<Repository> {
  return new Repository(git, await git.places.gitFolder(project.clonePath));
}

/** @throws as `repositoryOf` */
export async function worktreesOf(deps: Trees & TrustedFolders, project: Project): Promise<Worktrees> {
  return worktreesIn(deps, await repositoryOf(deps, project), path.join(worktreesFolder(deps.storageDir), project.id));
}

/** Loaded with the first worktree, which most windows never need. */
async function worktreesIn(deps: Trees, repository: Repository, root: string): Promise<Worktrees> {
  const [{ Worktrees: Loaded }, { WorktreeUse }] = await Promise.all([
    import('../../host/git/worktree/worktrees.js'),
    import('./worktreeUse.js'),
  ]);
  return new Loaded(repository, root, async (worktree) => (await WorktreeUse.now(deps)).of(worktree));
}

/**
 * The folder of a working tree that we created, in any storage: the storage may have changed since, and `ic` does not
 * know the editor's. Our registry decides, not the record.
 * @throws KernelError `RECORDED_ELSEWHERE`, `WORKTREE_UNSEEN`
 */
export async function worktreesAround(
  deps: Trees,
  repository: Repository,
  project: Project,
  worktreePath: string,
): Promise<Worktrees> {
  const { refuseUnseen } = await import('../../host/git/worktree/worktreePresence.js');
  await refuseUnseen(worktreePath, repository.folder);
  const own = await repository.git.places.worktree(worktreePath);
  return worktreesIn(deps, repository, path.join(path.dirname(path.dirname(own)), project.id));
}

/** A working tree that we created for a project, by our mark in the repository's data. */
export interface OwnTree extends WorktreeInfo {
  /** Why it is not accessible; undefined if it is accessible or was deleted. */
  readonly unseen: Problem<'WORKTREE_UNSEEN'> | undefined;
}

/**
 * Working trees that we created for a project, in any storage, in git's order. Excludes those that a person created,
 * with any path and name.
 */
export async function ownWorktrees(repository: Repository, project: Project): Promise<OwnTree[]> {
  const { filesIn, treeMark, worktreeFilesFolder } = await import('../../host/git/worktreeFiles.js');
  const { unseenProblem } = await import('../../host/git/worktree/worktreePresence.js');
  const all = await worktreeFilesFolder(repository);
  const own: OwnTree[] = [];
  for (const worktree of await repository.worktrees()) {
    if (path.basename(path.dirname(worktree.path)) !== project.id) continue;
    const files = await filesIn(all, worktree.path);
    const isMarked = files !== undefined && (await treeMark(files)) !== undefined;
    if (files === undefined || (!isMarked && worktree.step === undefined)) continue;
    const isUnfinished = worktree.isUnfinished && !(isMarked && worktree.step === 'making');
    own.push({ ...worktree, isUnfinished, unseen: await unseenProblem(worktree.path, files) });
  }
  return own;
}

/** The working trees of a task or a subtask, including those missing from its row. */
export async function worktreesFor(repository: Repository, project: Project, id: string): Promise<string[]> {
  const all = (await ownWorktrees(repository, project)).map((worktree) => worktree.path);
  return all.filter((place) => path.basename(place).startsWith(`${id}-`));
}

/** The name prefix of working trees that were restored from a snapshot. */
export const RESTORED = 'restored-';

export function restoredFolder(storageDir: string, project: Project, snapshotId: string): string {
  return path.join(worktreesFolder(storageDir), project.id, `${RESTORED}${snapshotId}`);
}

export function worktreeFolder({ storageDir }: TrustedFolders, project: Project, subtask: Subtask): string {
  return path.join(worktreesFolder(storageDir), project.id, `${subtask.id}-${slug(subtask.title)}`);
}

/**
 * A planner reads the code in its own tree, so that nothing changes while it reads (`docs/design/tasks.md#planning`).
 */
export function planningFolder({ storageDir }: TrustedFolders, project: Project, task: Task): string {
  return path.join(worktreesFolder(storageDir), project.id, `${task.id}-planning`);
}

/** The accepted plan as a document. */
export function planFile({ storageDir }: TrustedFolders, task: Task): string {
  return path.join(storageDir, 'plans', `${task.id}.md`);
}

/** A clean checkout for the checks of a subtask, outside the worktrees that agents may write to. */
export function proofFolder({ storageDir }: TrustedFolders, subtask: Subtask): string {
  return path.join(storageDir, 'proof', subtask.id);
}

export function setupLog({ storageDir }: TrustedFolders, subtask: Subtask, attempt: number, index: number): string {
  return path.join(storageDir, 'checks', subtask.id, `attempt-${attempt}-setup-${index + 1}.log`);
}

/** The logs of setting up a subtask's worktree, which is not part of an attempt. */
export function worktreeSetupLog(
  { storageDir }: Pick<TrustedFolders, 'storageDir'>,
  subtask: Subtask,
  index: number,
): string {
  return path.join(storageDir, 'checks', subtask.id, `worktree-setup-${index + 1}.log`);
}

/** Stores the worktree and settings of the last successful setup. */
export function setupMark({ storageDir }: TrustedFolders, subtask: Subtask): string {
  return path.join(storageDir, 'checks', subtask.id, 'worktree-setup.done');
}

/** For incomplete copies, on the file system of the worktrees. */
export function copiesFolder({ storageDir }: Pick<TrustedFolders, 'storageDir'>): string {
  return path.join(storageDir, 'copies');
}

export function checkLog({ storageDir }: TrustedFolders, subtask: Subtask, attempt: number, index: number): string {
  return path.join(storageDir, 'checks', subtask.id, `attempt-${attempt}-check-${index + 1}.log`);
}
