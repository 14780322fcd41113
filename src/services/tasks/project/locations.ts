/** Locations in a record that are neither the user's nor ours: shown on their rows until a person trusts them. */
import type { TrustedLocation } from '../../../contract/results/tasks';
import type { UnseenReason } from '../../../host/git/worktree/worktreePresence';
import type { TrustedFolders } from '../../../host/trusted/trustedFolders';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import type { Project, Subtask } from '../../../kernel/tasks/record/model';
import { cloneOfWorktree, getProject, getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { ProjectDeps } from '../deps';

/** The text for such a location in rows of `ic`. */
export const ELSEWHERE = 'recorded elsewhere, not opened';

/** The text in rows of `ic` for a subtask whose worktree is not accessible. */
export function unseenWord(problem: Problem<'WORKTREE_UNSEEN'>): string {
  return `its worktree is not accessible: ${problem.text}`;
}

/** Why the worktree of a subtask is not accessible, such as a disconnected disk. Undefined if it is accessible. */
export async function worktreeUnseen(
  { kernel, git }: { readonly kernel: Pick<Deps['kernel'], 'read'>; readonly git: Deps['git'] },
  { worktreePath }: Pick<Subtask, 'worktreePath'>,
): Promise<UnseenReason | undefined> {
  if (worktreePath === null) return undefined;
  const clone = kernel.read((r) => cloneOfWorktree(r, worktreePath));
  const { unseenProblemIn } = await import('../../../host/git/worktree/worktreePresence.js');
  return unseenProblemIn(worktreePath, () => knownClone(git.places, clone));
}

/** A clone where git may run. */
export async function knownClone(
  places: Pick<TrustedFolders, 'isKnown'>,
  clone: string | undefined,
): Promise<string | undefined> {
  return clone !== undefined && (await places.isKnown(clone)) ? clone : undefined;
}

type Deps = Pick<ProjectDeps, 'kernel' | 'git'>;

/** Whether the clone of a project is recorded elsewhere, so that git does not run there. */
export async function isCloneElsewhere({ git }: Pick<Deps, 'git'>, { clonePath }: Project): Promise<boolean> {
  return (await git.places.locationOf(clonePath)) === 'elsewhere';
}

/** The same for the worktree of a subtask. */
export async function isWorktreeElsewhere({ git }: Pick<Deps, 'git'>, { worktreePath }: Subtask): Promise<boolean> {
  return worktreePath !== null && (await git.places.locationOf(worktreePath)) === 'elsewhere';
}

/** Rows with a flag for locations that are recorded elsewhere. */
export function withElsewhere<T extends object>(
  rows: readonly T[],
  isElsewhere: (row: T) => Promise<boolean>,
): Promise<(T & { readonly isElsewhere: boolean })[]> {
  return Promise.all(rows.map(async (row) => ({ ...row, isElsewhere: await isElsewhere(row) })));
}

/**
 * The real path of a project's clone, if a person may trust it.
 * @throws KernelError `NOT_FOUND`, `LOCATION_REFUSED`
 */
export function projectLocation({ kernel, git }: Deps, projectId: string): Promise<string> {
  return git.places.trustableClone(kernel.read((r) => getProject(r, projectId)).clonePath);
}

/**
 * The real path of a subtask's worktree, if a person may trust it.
 * @throws KernelError `NOT_FOUND`, also for one without a worktree; `RECORDED_ELSEWHERE` for its clone;
 * `LOCATION_REFUSED`
 */
export async function subtaskLocation({ kernel, git }: Deps, subtaskId: string): Promise<string> {
  const { worktreePath, clonePath } = kernel.read((r) => {
    const subtask = getSubtask(r, subtaskId);
    const { projectId } = getTask(r, subtask.taskId);
    return { worktreePath: subtask.worktreePath, clonePath: getProject(r, projectId).clonePath };
  });
  if (worktreePath === null) throw new KernelError('NOT_FOUND', { what: 'worktree of subtask', id: subtaskId });
  return git.places.trustableWorktree(worktreePath, await git.places.gitFolder(clonePath));
}

/**
 * Allows git to run in a location, because a person decided so. `seen`: the path that the person was shown. @throws
 * KernelError `LOCATION_REFUSED` if the record leads elsewhere now
 */
export async function trustLocation({ git }: Pick<Deps, 'git'>, real: string, seen = real): Promise<TrustedLocation> {
  if (seen !== real)
    throw new KernelError('LOCATION_REFUSED', {
      path: seen,
      problem: because('the record leads to {real} now', { real }),
    });
  return { path: real, isNew: await git.places.trust(real) };
}
