/**
 * Removes worktrees that are no longer needed, without losing their content
 * (`docs/design/tasks.md#leading-and-recovery`).
 */
import path from 'node:path';
import type { Reader } from '../../../kernel/unit';
import type { Repository } from '../../../host/git/repository';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { forgetWorktree } from '../../../kernel/tasks/subtask/progress';
import { getProject, getTask, listProjects, listTasks } from '../../../kernel/tasks/service';
import { stageFailures } from '../../../kernel/tasks/upkeep/stageHolds';
import { getSubtask, placesAtRest } from '../../../kernel/tasks/subtask/subtasks';
import type { TaskDeps, TaskSettings } from '../deps';
import { eachAlone } from '../eachAlone';
import { unlessLocked } from '../stageRunner';
import { clearUp } from '../landing/branchLanding';
import { ownWorktrees, planningFolder, repositoryOf, worktreesAround } from '../taskFolders';
import { nextTries, runUpkeep } from '../stageRunner';
import { noteSubmodules } from '../proof/submoduleNote';
import { lostLinks } from '../proof/submoduleProof';

interface TidyDeps extends Pick<TaskDeps, 'kernel' | 'git' | 'storageDir' | 'log' | 'ports' | 'heavySteps'> {
  readonly settings: () => Pick<TaskSettings, 'failedCleanupMinutes'> & Partial<Pick<TaskSettings, 'backoff'>>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Cleans up immediately, daily, and when the time of a failed worktree is over, until the signal is aborted. */
export async function keepTidy(deps: TidyDeps, signal: AbortSignal, onTidied?: () => void): Promise<void> {
  while (!signal.aborted) {
    const startedMs = deps.ports.clock.nowMs();
    await tidy(deps);
    onTidied?.();
    await untilDue(deps, startedMs, signal);
  }
}

/** Worktrees that cannot be removed stay, are shown, and are retried later. */
export async function tidy(deps: TidyDeps): Promise<void> {
  const { projects, atRest } = deps.kernel.read((r) => ({ projects: listProjects(r), atRest: placesAtRest(r) }));
  for (const subtask of atRest) {
    if (subtask.status === 'MERGED') await deps.heavySteps.run(subtask.id, () => clearUp(deps, subtask));
    else if (dueMs(deps, subtask) <= deps.ports.clock.nowMs())
      await runUpkeep(deps, 'cleanUp', subtask.id, () => unlessLocked(deps, () => removeFailed(deps, subtask)));
  }
  for (const project of projects) {
    await runUpkeep(deps, 'retention', project.id, () => removePlanning(deps, project));
  }
  for (const task of deps.kernel.read(plannedUncleared)) {
    await runUpkeep(deps, 'planCleanUp', task.id, () => clearPlanning(deps, task));
  }
}

/** Tasks that are no longer in planning, and whose planning worktree could not be removed when planning ended. */
function plannedUncleared(r: Reader): Task[] {
  const uncleared = new Set(stageFailures(r).flatMap(({ stage, taskId }) => (stage === 'planCleanUp' ? [taskId] : [])));
  return listTasks(r).filter(({ id, status }) => uncleared.has(id) && status !== 'PLANNING');
}

/** When the worktree of a failed subtask may be removed, in milliseconds. */
function dueMs({ settings }: TidyDeps, { failedAt }: Subtask): number {
  const minutes = settings().failedCleanupMinutes;
  return minutes === 0 || failedAt === null ? Infinity : failedAt * 1000 + minutes * 60_000;
}

/** A retry may start at any time: then the tree stays, or was removed and is created again. */
async function removeFailed(deps: TidyDeps, subtask: Subtask): Promise<void> {
  const { id, taskId, worktreePath } = subtask;
  if (worktreePath === null) return;
  const hasFailed = (r: Reader): boolean => getSubtask(r, id).blockedReason === 'FAILURE';
  const project = deps.kernel.read((r) => getProject(r, getTask(r, taskId).projectId));
  const isUnused = (): boolean => deps.kernel.read(hasFailed);
  const repository = await repositoryOf(deps, project);
  const worktrees = await worktreesAround(deps, repository, project, worktreePath);
  const keeps = await lostLinks(repository, subtask);
  const remove = () => worktrees.remove(worktreePath, `${id}-failed`, isUnused, keeps);
  const kept = await deps.heavySteps.run(id, remove);
  await deps.kernel.write((u) => {
    if (hasFailed(u)) forgetWorktree(u, id);
    noteSubmodules(u, id, kept);
  });
  deps.log.info('worktree of a failed subtask removed', { subtask: id, snapshot: kept?.ref });
}

/** Worktrees of tasks that are not being planned, in any storage. */
async function removePlanning(deps: TidyDeps, project: Project): Promise<void> {
  const repository = await repositoryOf(deps, project);
  const ours = await ownWorktrees(repository, project);
  const tasks = deps.kernel.read((r) => listTasks(r, project.id));
  await eachAlone(tasks, (task) => removePlanningOf(deps, task, { project, repository, ours }));
}

async function clearPlanning(deps: TidyDeps, task: Task): Promise<void> {
  const project = deps.kernel.read((r) => getProject(r, task.projectId));
  const repository = await repositoryOf(deps, project);
  await removePlanningOf(deps, task, { project, repository, ours: await ownWorktrees(repository, project) });
}

interface OwnTrees {
  readonly project: Project;
  readonly repository: Repository;
  readonly ours: Awaited<ReturnType<typeof ownWorktrees>>;
}

async function removePlanningOf(deps: TidyDeps, task: Task, { project, repository, ours }: OwnTrees): Promise<void> {
  const name = path.basename(planningFolder(deps, project, task));
  const isUnused = (): boolean => deps.kernel.read((r) => getTask(r, task.id)).status !== 'PLANNING';
  for (const { path: folder } of ours) {
    if (path.basename(folder) !== name || !isUnused()) continue;
    const worktrees = await worktreesAround(deps, repository, project, folder);
    const remove = (): Promise<unknown> => worktrees.remove(folder, `${task.id}-planning`, isUnused);
    await unlessLocked(deps, () => deps.heavySteps.run(task.id, remove));
  }
}

/** Resolves after a day, when a failed worktree or a retry of a removal is due, or when the signal is aborted. */
function untilDue(deps: TidyDeps, startedMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const tomorrowMs = deps.ports.clock.nowMs() + DAY_MS;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const set = (): void => {
      const failed = deps.kernel.read((r) => placesAtRest(r)).filter(({ status }) => status !== 'MERGED');
      const nowMs = deps.ports.clock.nowMs();
      const due = failed.map((subtask) => dueMs(deps, subtask)).filter((ms) => ms > startedMs);
      due.push(...nextTries(deps, ['cleanUp', 'retention', 'planCleanUp']));
      clearTimeout(timer);
      timer = setTimeout(end, Math.max(0, Math.min(tomorrowMs, ...due) - nowMs)).unref();
    };
    const subscription = deps.kernel.onDidChange(set);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    else set();
  });
}
