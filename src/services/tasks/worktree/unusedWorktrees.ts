/**
 * Our unused worktrees: listed with the reason, and removed without losing a line
 * (`docs/design/tasks.md#leading-and-recovery`).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { besidesFiles, type Loss } from '../../../contract/treeLoss';
import type {
  UnusedReason,
  UnusedWorktree,
  UnusedWorktrees,
  WorktreeCleanup,
} from '../../../contract/results/worktrees';
import { isGitFailure } from '../../../host/git/git';
import { leadsElsewhere } from '../../../host/git/config/gitDirectory';
import type { Repository } from '../../../host/git/repository';
import { isSameFile } from '../../../host/files/pathIdentity';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { forgetWorktree } from '../../../kernel/tasks/subtask/progress';
import { getProject, listProjects, listTasks, unreadableTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import type { TaskDeps } from '../deps';
import { hasClone } from '../project/cloneUpkeep';
import { ofProjects } from '../eachAlone';
import { ownWorktrees, RESTORED, repositoryOf, worktreesAround, type OwnTree } from '../taskFolders';

export type WorktreeDeps = Pick<TaskDeps, 'kernel' | 'git'>;

/**
 * Worktrees of one project, or of all, that no row names, in any storage and in git's order. If no project is given,
 * unreadable projects are skipped. @throws KernelError `NOT_FOUND` for the project; for a given project also
 * `GIT_FAILED`, `RECORDED_ELSEWHERE`
 */
export async function findUnusedWorktrees(deps: WorktreeDeps, projectId?: string): Promise<UnusedWorktrees> {
  if (projectId !== undefined) {
    return {
      unused: await unusedWorktreesOf(
        deps,
        deps.kernel.read((r) => getProject(r, projectId)),
      ),
      skipped: [],
    };
  }
  const projects = deps.kernel.read((r) => listProjects(r));
  const { found, skipped } = await ofProjects(projects, (project) => unusedWorktreesOf(deps, project));
  return { unused: found, skipped };
}

async function unusedWorktreesOf(deps: WorktreeDeps, project: Project): Promise<UnusedWorktree[]> {
  if (!hasClone(project)) return [];
  const repository = await repositoryOf(deps, project);
  const ours = await ownWorktrees(repository, project);
  const rows = deps.kernel.read((r) => rowsOf(r, project));
  const { WorktreeUse } = await import('../worktreeUse.js');
  const use = await WorktreeUse.now(deps);
  const unused: UnusedWorktree[] = [];
  for (const worktree of ours) {
    const reason = await reasonIn(rows, worktree);
    if (reason === undefined || (await use.of(worktree.path)) !== undefined) continue;
    const losses = await lossesIn(repository, worktree);
    const changes = losses.flatMap((loss) => (loss.kind === 'changes' && loss.path === '' ? loss.files : []));
    const { path: place, branch = null } = worktree;
    unused.push({ projectId: project.id, path: place, branch, reason, changes, holds: besidesFiles(losses) });
  }
  return unused;
}

/** What a removal would keep in a snapshot; for an inaccessible worktree, the reason. */
async function lossesIn(
  repository: Repository,
  { path: folder, isUnfinished, unseen }: OwnTree,
): Promise<readonly Loss[]> {
  if (unseen !== undefined) return [{ kind: 'unreadable', path: '', problem: unseen.text }];
  return isUnfinished || !existsSync(folder) ? [] : lossesOf(repository, folder);
}

/** An unreadable worktree is listed as such. */
async function lossesOf(repository: Repository, worktree: string): Promise<readonly Loss[]> {
  const { git, folder } = repository;
  const [{ lossOf }, { DEFAULT_IGNORED }] = await Promise.all([
    import('../../../host/git/snapshot/treeLoss.js'),
    import('../../../host/git/view/ignoredFiles.js'),
  ]);
  try {
    const ignored = (await git.ignored(folder)) ?? DEFAULT_IGNORED;
    return (await lossOf(repository, await git.places.gitFolder(worktree), { ignored })).losses;
  } catch (error) {
    // A failure for one does not hide the others.
    if (!isGitFailure(error) && !leadsElsewhere(error)) throw error;
    return [{ kind: 'unreadable', path: '', problem: problemOf(error) }];
  }
}

interface Rows {
  readonly tasks: readonly Task[];
  readonly subtasks: readonly Subtask[];
  /** An unreadable row may belong to any worktree. */
  readonly isComplete: boolean;
}

function rowsOf(r: Reader, project: Project): Rows {
  const tasks = listTasks(r, project.id);
  const read = tasks.map((task) => readableSubtasks(r, task.id));
  const isComplete = unreadableTasks(r).length === 0 && read.every(({ invalid }) => invalid.length === 0);
  return { tasks, subtasks: read.flatMap(({ sound }) => sound), isComplete };
}

type ReasonFacts = Pick<OwnTree, 'path' | 'unseen'>;

/**
 * Why a worktree is listed; undefined if it is needed. An inaccessible worktree is needed, unless its work has not
 * started.
 */
async function reasonIn(rows: Rows, { path: folder, unseen }: ReasonFacts): Promise<UnusedReason | undefined> {
  if (unseen === undefined) return reasonFor(rows, folder);
  const subtask = await subtaskIn(rows, folder);
  return subtask?.status === 'IN_PROGRESS' || isPlanning(rows, folder) ? undefined : 'unseen';
}

/** The subtask whose row has the worktree. */
async function subtaskIn({ subtasks }: Rows, folder: string): Promise<Subtask | undefined> {
  const name = path.basename(folder).toLowerCase();
  for (const subtask of subtasks) {
    const { worktreePath } = subtask;
    // All paths of one folder end in the same name, except for case.
    const isCandidate = worktreePath !== null && path.basename(worktreePath).toLowerCase() === name;
    if (isCandidate && (await isSameFile(worktreePath, folder))) return subtask;
  }
  return undefined;
}

function isPlanning({ tasks }: Rows, folder: string): boolean {
  return taskOf(tasks, folder)?.status === 'PLANNING';
}

function taskOf(tasks: readonly Task[], folder: string): Task | undefined {
  return tasks.find(({ id }) => path.basename(folder).startsWith(`${id}-`));
}

/** Why an accessible worktree is unused; undefined if it is needed. */
async function reasonFor(rows: Rows, folder: string): Promise<UnusedReason | undefined> {
  const { tasks, subtasks, isComplete } = rows;
  const name = path.basename(folder);
  if (name.startsWith(RESTORED)) return 'restored';
  const task = taskOf(tasks, folder);
  if (task !== undefined) return task.status === 'PLANNING' ? undefined : 'planned';
  if ((await subtaskIn(rows, folder)) !== undefined) return undefined;
  const subtask = subtasks.find(({ id }) => name.startsWith(`${id}-`));
  if (subtask === undefined) return isComplete ? 'deleted' : undefined;
  // A worktree that is being created is not in the record yet.
  return subtask.stage === 'prepare' ? undefined : 'forgotten';
}

/**
 * Removes unused worktrees, each after a snapshot of its uncommitted changes; branches stay. A worktree that cannot be
 * removed, or is needed again, stays. `paths` defaults to all accessible ones. `forget`: git forgets inaccessible ones
 * in `paths`. @throws KernelError `NOT_FOUND` for a path that is not an unused worktree, and nothing is removed then;
 * `GIT_FAILED`
 */
export async function removeUnusedWorktrees(
  deps: WorktreeDeps,
  paths?: readonly string[],
  forget = false,
): Promise<WorktreeCleanup> {
  const { unused, skipped } = await findUnusedWorktrees(deps);
  const all = paths === undefined ? unused.filter(({ reason }) => reason !== 'unseen') : unused;
  const asked = paths === undefined ? undefined : await Promise.all(paths.map((wanted) => named(all, wanted)));
  const removed: { path: string; snapshot: string | null }[] = [];
  const left = paths === undefined ? skipped.map(({ name, problem }) => ({ path: name, problem })) : [];
  for (const worktree of asked ?? all) {
    try {
      const snapshot = await (forget && worktree.reason === 'unseen' ? forgetUnusedWorktree : removeUnusedWorktree)(
        deps,
        worktree,
      );
      removed.push({ path: worktree.path, snapshot: snapshot ?? null });
    } catch (error) {
      left.push({ path: worktree.path, problem: problemOf(error) });
    }
  }
  return { removed, left };
}

/** @throws KernelError `NOT_FOUND` */
async function named(unused: readonly UnusedWorktree[], wanted: string): Promise<UnusedWorktree> {
  for (const worktree of unused) if (await isSameFile(worktree.path, path.resolve(wanted))) return worktree;
  throw new KernelError('NOT_FOUND', { what: 'unused worktree', id: wanted });
}

/** The next retry creates a new worktree for its subtask from its branch. */
async function forgetUnusedWorktree(
  deps: WorktreeDeps,
  { projectId, path: folder }: UnusedWorktree,
): Promise<string | undefined> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const repository = await repositoryOf(deps, project);
  const { forgetUnseen, whyUnseen } = await import('../../../host/git/worktree/unseenWorktree.js');
  const rows = (): Rows => deps.kernel.read((r) => rowsOf(r, project));
  const kept = await forgetUnseen(repository, folder, `${path.basename(folder)}-unseen`, async () =>
    refuseNeeded(await reasonIn(rows(), { path: folder, unseen: await whyUnseen(repository, folder) }), folder),
  );
  const subtask = await subtaskIn(rows(), folder);
  if (subtask !== undefined) await deps.kernel.write((u) => forgetWorktree(u, subtask.id));
  return kept;
}

async function notSeen(repository: Repository, folder: string): Promise<KernelError> {
  const { whyUnseen } = await import('../../../host/git/worktree/unseenWorktree.js');
  const problem = await whyUnseen(repository, folder);
  if (problem !== undefined)
    return new KernelError('WORKTREE_UNSEEN', { path: folder, clone: repository.folder, problem });
  return new KernelError('STALE', { what: 'worktree', id: folder, expected: 'out of sight', found: 'there' });
}

/** @throws KernelError `STALE` */
function refuseNeeded(reason: UnusedReason | undefined, folder: string): true {
  if (reason !== undefined) return true;
  throw new KernelError('STALE', { what: 'worktree', id: folder, expected: 'unused', found: 'in use' });
}

async function removeUnusedWorktree(deps: WorktreeDeps, worktree: UnusedWorktree): Promise<string | undefined> {
  const { projectId, path: folder, reason } = worktree;
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const repository = await repositoryOf(deps, project);
  if (reason === 'unseen') throw await notSeen(repository, folder);
  const isUnused = async (): Promise<boolean> => {
    const rows = deps.kernel.read((r) => rowsOf(r, project));
    return refuseNeeded(await reasonFor(rows, folder), folder);
  };
  const worktrees = await worktreesAround(deps, repository, project, folder);
  const kept = await worktrees.remove(folder, `${path.basename(folder)}-unused`, isUnused);
  return kept?.ref;
}
