/** Worktrees of ours that belong to nobody: named with the reason, and removed without losing a line (§21). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { StrayReason, StrayWorktree, StrayWorktrees, WorktreeCleanup } from '../../contract/worktrees';
import { isSamePlace } from '../../host/pathIdentity';
import { KernelError, problemOf } from '../../kernel/errors';
import type { Reader } from '../../kernel/unit';
import type { Project, Subtask, Task } from '../../kernel/village/model';
import { getProject, listProjects, listTasks, unreadableTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import type { VillageDeps } from './deps';
import { hasClone } from './cloneUpkeep';
import { ofProjects } from './eachAlone';
import { isOfProject, RESTORED, repositoryOf, worktreesAround } from './places';

export type PlaceDeps = Pick<VillageDeps, 'kernel' | 'git'>;

/**
 * Worktrees of one project, or of all, that no row knows, wherever they were made; in the order of git. Of all projects
 * those that cannot be asked are skipped.
 * @throws KernelError `NOT_FOUND` for the project; for one that is named also `GIT_FAILED`, `RECORDED_ELSEWHERE`
 */
export async function findStrays(deps: PlaceDeps, projectId?: string): Promise<StrayWorktrees> {
  if (projectId !== undefined) {
    return {
      strays: await straysOf(
        deps,
        deps.kernel.read((r) => getProject(r, projectId)),
      ),
      skipped: [],
    };
  }
  const projects = deps.kernel.read((r) => listProjects(r));
  const { found, skipped } = await ofProjects(projects, (project) => straysOf(deps, project));
  return { strays: found, skipped };
}

async function straysOf(deps: PlaceDeps, project: Project): Promise<StrayWorktree[]> {
  if (!hasClone(project)) return [];
  const repository = await repositoryOf(deps, project);
  const ours = (await repository.worktrees()).filter((worktree) => isOfProject(project, worktree.path));
  const rows = deps.kernel.read((r) => rowsOf(r, project));
  const { WorktreeUse } = await import('./worktreeUse.js');
  const use = await WorktreeUse.now(deps);
  const strays: StrayWorktree[] = [];
  for (const worktree of ours) {
    const reason = await reasonFor(rows, worktree.path);
    if (reason === undefined || (await use.of(worktree.path)) !== undefined) continue;
    const isWhole = !worktree.isUnfinished && existsSync(worktree.path);
    const changes = isWhole ? await repository.uncommitted(await repository.git.places.gitFolder(worktree.path)) : [];
    strays.push({ projectId: project.id, path: worktree.path, branch: worktree.branch ?? null, reason, changes });
  }
  return strays;
}

interface Rows {
  readonly tasks: readonly Task[];
  readonly subtasks: readonly Subtask[];
  /** A row that cannot be read may be that of any worktree. */
  readonly isComplete: boolean;
}

function rowsOf(r: Reader, project: Project): Rows {
  const tasks = listTasks(r, project.id);
  const read = tasks.map((task) => readableSubtasks(r, task.id));
  const isComplete = unreadableTasks(r).length === 0 && read.every(({ invalid }) => invalid.length === 0);
  return { tasks, subtasks: read.flatMap(({ sound }) => sound), isComplete };
}

/** Why a worktree is a stray; undefined where somebody needs it. */
async function reasonFor({ tasks, subtasks, isComplete }: Rows, folder: string): Promise<StrayReason | undefined> {
  const name = path.basename(folder);
  if (name.startsWith(RESTORED)) return 'restored';
  const task = tasks.find(({ id }) => name.startsWith(`${id}-`));
  if (task !== undefined) return task.status === 'PLANNING' ? undefined : 'planned';
  for (const { worktreePath } of subtasks) {
    // All paths of one place end in one name, but for its case.
    const isCandidate = worktreePath !== null && path.basename(worktreePath).toLowerCase() === name.toLowerCase();
    if (isCandidate && (await isSamePlace(worktreePath, folder))) return undefined;
  }
  const subtask = subtasks.find(({ id }) => name.startsWith(`${id}-`));
  if (subtask === undefined) return isComplete ? 'deleted' : undefined;
  // One that is being made is not in the record yet.
  return subtask.stage === 'prepare' ? undefined : 'forgotten';
}

/**
 * Removes strays, each after a snapshot of what is not committed in it; branches stay. One that cannot be removed, or
 * is needed again by then, stays as it is. `paths` left out: all there are.
 * @throws KernelError `NOT_FOUND` for a path that is no stray, and nothing is removed then; `GIT_FAILED`
 */
export async function removeStrays(deps: PlaceDeps, paths?: readonly string[]): Promise<WorktreeCleanup> {
  const { strays: all, skipped } = await findStrays(deps);
  const asked = paths === undefined ? undefined : await Promise.all(paths.map((wanted) => named(all, wanted)));
  const removed: { path: string; snapshot: string | null }[] = [];
  const left = paths === undefined ? skipped.map(({ name, problem }) => ({ path: name, problem })) : [];
  for (const stray of asked ?? all) {
    try {
      const snapshot = await removeStray(deps, stray);
      removed.push({ path: stray.path, snapshot: snapshot ?? null });
    } catch (error) {
      left.push({ path: stray.path, problem: problemOf(error) });
    }
  }
  return { removed, left };
}

/** @throws KernelError `NOT_FOUND` */
async function named(strays: readonly StrayWorktree[], wanted: string): Promise<StrayWorktree> {
  for (const stray of strays) if (await isSamePlace(stray.path, path.resolve(wanted))) return stray;
  throw new KernelError('NOT_FOUND', { what: 'worktree that belongs to nobody', id: wanted });
}

async function removeStray(deps: PlaceDeps, { projectId, path: folder }: StrayWorktree): Promise<string | undefined> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const isUnused = async (): Promise<boolean> => {
    const reason = await reasonFor(
      deps.kernel.read((r) => rowsOf(r, project)),
      folder,
    );
    if (reason !== undefined) return true;
    throw new KernelError('STALE', { what: 'worktree', id: folder, expected: 'unused', found: 'in use' });
  };
  const worktrees = await worktreesAround(deps, await repositoryOf(deps, project), project, folder);
  const kept = await worktrees.remove(folder, `${path.basename(folder)}-stray`, isUnused);
  return kept?.ref;
}
