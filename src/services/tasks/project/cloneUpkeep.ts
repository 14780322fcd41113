/** Frees, restores and deletes clones that we created, so that they use disk space only while they are needed. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../../../host/locks/fileLock';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import { DATABASE_FOLDER } from '../../../host/files/paths';
import type { OwnClone } from '../../../host/trusted/ownTrees';
import { removeOwnEntry, removeOwnFolder } from '../../../host/trusted/removal';
import { KernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject, tasksAtWork } from '../../../kernel/tasks/service';
import type { ProjectDeps } from '../deps';
import { repositoryOf } from '../taskFolders';

export interface CloneDeps extends Pick<ProjectDeps, 'kernel' | 'git' | 'log'> {
  readonly transport: GitHubTransport;
}

export interface FreeOptions {
  /** Work that exists nowhere else may be deleted. */
  readonly discard?: boolean;
}

/** Git's own files while they are deleted: from then on the clone counts as freed, even if other files remain. */
const LEAVING = '.git-freed';
const ARRIVING = '.git-arriving';
const LOCK_TIMEOUT_MS = 600_000;

/** Whether git finds the project's own repository, and not one of a parent folder. */
export function hasClone({ clonePath }: Project): boolean {
  return existsSync(path.join(clonePath, '.git'));
}

/** Whether it must be cloned again when it is needed. */
export function isFreed(project: Project): boolean {
  return project.isOurs && project.remote !== null && existsSync(project.clonePath) && !hasClone(project);
}

/**
 * The clone, if we created it for this project: the record alone does not prove that.
 * @throws KernelError `RECORDED_ELSEWHERE`
 */
export function ownCloneOf({ kernel, git }: Pick<ProjectDeps, 'kernel' | 'git'>, project: Project): Promise<OwnClone> {
  return git.places.clone(project, kernel.folder);
}

/**
 * Deletes the files of a clone that we created, except its record; the next task, or *Sync Project*, clones it again.
 * After an interruption it counts as freed, and the next call deletes the rest.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` for a clone that is not ours, and while agents run or worktrees exist;
 * `WORK_UNPUSHED` for work that exists nowhere else; `RECORDED_ELSEWHERE` for a clone that is not where we created it
 */
export async function freeClone(deps: ProjectDeps, projectId: string, options: FreeOptions = {}): Promise<Project> {
  const project = removable(deps, projectId);
  const clone = await ownCloneOf(deps, project);
  return exclusively(clone, async () => {
    await empty(deps, project, clone, options);
    return project;
  });
}

/**
 * Deletes the clone of a project that is no longer in the record, with all of its folder, including its record.
 * @throws KernelError `RECORDED_ELSEWHERE`
 */
export async function deleteClone(deps: ProjectDeps, project: Project, clone: OwnClone): Promise<void> {
  await removeOwnFolder(clone);
  await deps.git.places.forget(clone);
  deps.log.info('clone deleted', { project: project.id });
}

/** The project, if its clone may be deleted. @throws KernelError `NOT_FOUND`, `TASK_STATE` */
export function removable({ kernel }: Pick<ProjectDeps, 'kernel'>, projectId: string): Project {
  const { project, atWork } = kernel.read((r) => {
    const found = getProject(r, projectId);
    return { project: found, atWork: tasksAtWork(r).some((task) => task.projectId === found.id) };
  });
  if (!project.isOurs || project.remote === null) refuse(project, 'a folder of yours, not a clone of ours');
  if (atWork) refuse(project, 'in use');
  return project;
}

/** @throws KernelError `TASK_STATE` if worktrees exist, `WORK_UNPUSHED` unless work may be discarded */
export async function refuseLoss(deps: ProjectDeps, project: Project, { discard = false }: FreeOptions): Promise<void> {
  if (!hasClone(project)) return;
  const repository = await repositoryOf(deps, project);
  const [, ...others] = await repository.worktrees();
  if (others.length > 0) refuse(project, `in use by worktrees: ${others.map((other) => other.path).join(', ')}`);
  if (discard) return;
  // The record stays, with the lock that is held.
  const [{ lossOf }, { lossName }] = await Promise.all([
    import('../../../host/git/snapshot/treeLoss.js'),
    import('../../../contract/treeLoss.js'),
  ]);
  const { losses } = await lossOf(repository, repository.folder, { isClone: true, besides: DATABASE_FOLDER });
  if (losses.length === 0) return;
  throw new KernelError('WORK_UNPUSHED', { name: project.name, branches: losses.map(lossName).join('; ') });
}

async function empty(deps: ProjectDeps, project: Project, clone: OwnClone, options: FreeOptions): Promise<void> {
  await refuseLoss(deps, project, options);
  if (hasClone(project)) await rename(path.join(clone, '.git'), path.join(clone, LEAVING));
  // Without that mark these files may exist nowhere else.
  if (!existsSync(path.join(clone, LEAVING))) return;
  const names = (await readdir(clone)).filter((name) => name !== DATABASE_FOLDER && name !== LEAVING);
  for (const name of [...names, LEAVING]) await removeOwnEntry(clone, name);
  deps.log.info('clone freed', { project: project.id });
}

/**
 * Clones a project again if its clone was freed; does nothing if it exists or is not ours. Files that were put in its
 * folder since then stay.
 * @throws KernelError `GIT_FAILED`, `RECORDED_ELSEWHERE`; rejects once the signal aborts
 */
export async function restoreClone(deps: CloneDeps, project: Project, signal?: AbortSignal): Promise<void> {
  const { remote } = project;
  if (remote === null || !isFreed(project)) return;
  const clone = await ownCloneOf(deps, project);
  await exclusively(clone, async () => {
    if (hasClone(project)) return;
    const place = path.join(clone, ARRIVING);
    for (const name of [LEAVING, ARRIVING]) await removeOwnEntry(clone, name);
    const folder = path.join(place, 'whole');
    await deps.transport.clone({
      from: remote,
      upstream: remote.upstream,
      signal,
      folder,
      draft: path.join(place, 'draft'),
    });
    // Git's own files come last, which complete it.
    const names = (await readdir(folder)).filter((name) => name !== '.git');
    for (const name of [...names, '.git']) {
      if (!existsSync(path.join(clone, name))) await rename(path.join(folder, name), path.join(clone, name));
    }
    await removeOwnEntry(clone, ARRIVING);
    deps.log.info('cloned again', { project: project.id });
  });
}

/** Among all windows and programs. Does not use the lock of other steps in a clone, which is among git's files. */
async function exclusively<T>(clone: OwnClone, work: () => Promise<T>): Promise<T> {
  const folder = path.join(clone, DATABASE_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return withFileLock(path.join(folder, 'clone'), { timeoutMs: LOCK_TIMEOUT_MS }, work);
}

function refuse({ id }: Project, state: string): never {
  throw new KernelError('TASK_STATE', { what: 'project', id, state, wanted: 'freed' });
}
