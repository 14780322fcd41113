/** Worktrees of ours that belong to nobody: named with the reason, and removed without losing a line (§21). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { StrayReason, StrayWorktree, StrayWorktrees, WorktreeCleanup } from '../../contract/worktrees';
import type { WorktreeInfo } from '../../host/git/repository';
import { KernelError, problemOf } from '../../kernel/errors';
import type { Reader } from '../../kernel/unit';
import type { Project } from '../../kernel/village/model';
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
  const reasonOf = deps.kernel.read((r) => reasons(r, project));
  const strays: StrayWorktree[] = [];
  for (const worktree of ours) {
    const reason = reasonOf(worktree);
    if (reason === undefined) continue;
    const isWhole = !worktree.isUnfinished && existsSync(worktree.path);
    const changes = isWhole ? await repository.uncommitted(await repository.git.places.gitFolder(worktree.path)) : [];
    strays.push({ projectId: project.id, path: worktree.path, branch: worktree.branch ?? null, reason, changes });
  }
  return strays;
}

/** Why a worktree is a stray; undefined where somebody needs it. */
function reasons(r: Reader, project: Project): (worktree: Pick<WorktreeInfo, 'path'>) => StrayReason | undefined {
  const tasks = listTasks(r, project.id);
  const read = tasks.map((task) => readableSubtasks(r, task.id));
  const subtasks = read.flatMap(({ sound }) => sound);
  // A row that cannot be read may be that of any worktree.
  const isComplete = unreadableTasks(r).length === 0 && read.every(({ invalid }) => invalid.length === 0);
  return ({ path: folder }) => {
    const name = path.basename(folder);
    if (name.startsWith(RESTORED)) return 'restored';
    const task = tasks.find(({ id }) => name.startsWith(`${id}-`));
    if (task !== undefined) return task.status === 'PLANNING' ? undefined : 'planned';
    if (subtasks.some(({ worktreePath }) => worktreePath === folder)) return undefined;
    const subtask = subtasks.find(({ id }) => name.startsWith(`${id}-`));
    if (subtask === undefined) return isComplete ? 'deleted' : undefined;
    // One that is being made is not in the record yet.
    return subtask.stage === 'prepare' ? undefined : 'forgotten';
  };
}

/**
 * Removes strays, each after a snapshot of what is not committed in it; branches stay. One that cannot be removed, or
 * is needed again by then, stays as it is. `paths` left out: all there are.
 * @throws KernelError `NOT_FOUND` for a path that is no stray, and nothing is removed then; `GIT_FAILED`
 */
export async function removeStrays(deps: PlaceDeps, paths?: readonly string[]): Promise<WorktreeCleanup> {
  const { strays: all, skipped } = await findStrays(deps);
  const asked = paths?.map((wanted) => {
    const stray = all.find((one) => one.path === path.resolve(wanted));
    if (stray === undefined)
      throw new KernelError('NOT_FOUND', { what: 'worktree that belongs to nobody', id: wanted });
    return stray;
  });
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

async function removeStray(deps: PlaceDeps, { projectId, path: folder }: StrayWorktree): Promise<string | undefined> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const isUnused = (): boolean => {
    const reason = deps.kernel.read((r) => reasons(r, project))({ path: folder });
    if (reason !== undefined) return true;
    throw new KernelError('STALE', { what: 'worktree', id: folder, expected: 'unused', found: 'in use' });
  };
  const worktrees = await worktreesAround(await repositoryOf(deps, project), project, folder);
  const kept = await worktrees.remove(folder, `${path.basename(folder)}-stray`, isUnused);
  return kept?.ref;
}
