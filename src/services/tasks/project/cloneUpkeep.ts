/** Clones that we made take disk only while they are needed: freed, made again, and deleted. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../../../host/locks/fileLock';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import { DATABASE_FOLDER } from '../../../host/database/paths';
import type { OwnClone } from '../../../host/trusted/ownTrees';
import { removeOwnEntry, removeOwnFolder } from '../../../host/trusted/removal';
import { KernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject, tasksAtWork } from '../../../kernel/tasks/service';
import type { LandingDeps } from '../landing/landing';
import { repositoryOf } from '../taskFolders';

export interface CloneDeps extends Pick<LandingDeps, 'kernel' | 'git' | 'log'> {
  readonly transport: GitHubTransport;
}

export interface FreeOptions {
  /** What is nowhere else may go. */
  readonly discard?: boolean;
}

/** Git's own files on their way out: from then on the clone is freed, whatever else is still there. */
const LEAVING = '.git-freed';
const ARRIVING = '.git-arriving';
const LOCK_TIMEOUT_MS = 600_000;

/** Whether git finds a repository where the project has its own, and not one around it. */
export function hasClone({ clonePath }: Project): boolean {
  return existsSync(path.join(clonePath, '.git'));
}

/** Whether it is to be cloned again when it is needed. */
export function isFreed(project: Project): boolean {
  return project.isOurs && project.remote !== null && existsSync(project.clonePath) && !hasClone(project);
}

/**
 * The clone, where we made it for this project: the record only claims so.
 * @throws KernelError `RECORDED_ELSEWHERE`
 */
export function ownCloneOf({ kernel, git }: Pick<LandingDeps, 'kernel' | 'git'>, project: Project): Promise<OwnClone> {
  return git.places.clone(project, kernel.folder);
}

/**
 * Takes away the files of a clone that we made, all but its record; the next task, or *Sync Project*, clones it again.
 * Cut short, it is freed all the same, and what is left goes with the next call.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` for a clone that is not ours, and while agents work or worktrees stand;
 * `WORK_UNPUSHED` for what is nowhere else; `RECORDED_ELSEWHERE` for a clone that is not where we made it
 */
export async function freeClone(deps: LandingDeps, projectId: string, options: FreeOptions = {}): Promise<Project> {
  const project = removable(deps, projectId);
  const clone = await ownCloneOf(deps, project);
  return exclusively(clone, async () => {
    await empty(deps, project, clone, options);
    return project;
  });
}

/**
 * Deletes the clone of a project that is no longer in the record, with whatever else is in its folder, its record too.
 * @throws KernelError `RECORDED_ELSEWHERE`
 */
export async function deleteClone(deps: LandingDeps, project: Project, clone: OwnClone): Promise<void> {
  await removeOwnFolder(clone);
  await deps.git.places.forget(clone);
  deps.log.info('clone deleted', { project: project.id });
}

/** The project, if its clone may go. @throws KernelError `NOT_FOUND`, `TASK_STATE` */
export function removable({ kernel }: Pick<LandingDeps, 'kernel'>, projectId: string): Project {
  const { project, atWork } = kernel.read((r) => {
    const found = getProject(r, projectId);
    return { project: found, atWork: tasksAtWork(r).some((task) => task.projectId === found.id) };
  });
  if (!project.isOurs || project.remote === null) refuse(project, 'a folder of yours, not a clone of ours');
  if (atWork) refuse(project, 'at work');
  return project;
}

/** @throws KernelError `TASK_STATE` where worktrees stand, `WORK_UNPUSHED` unless it may be discarded */
export async function refuseLoss(deps: LandingDeps, project: Project, { discard = false }: FreeOptions): Promise<void> {
  if (!hasClone(project)) return;
  const repository = await repositoryOf(deps, project);
  const [, ...others] = await repository.worktrees();
  if (others.length > 0) refuse(project, `in use by worktrees: ${others.map((one) => one.path).join(', ')}`);
  if (discard) return;
  // The record stays, with the lock that is held meanwhile.
  const [{ lossOf }, { lossName }] = await Promise.all([
    import('../../../host/git/snapshot/treeLoss.js'),
    import('../../../contract/treeLoss.js'),
  ]);
  const { losses } = await lossOf(repository, repository.folder, { isClone: true, besides: DATABASE_FOLDER });
  if (losses.length === 0) return;
  throw new KernelError('WORK_UNPUSHED', { name: project.name, branches: losses.map(lossName).join('; ') });
}

async function empty(deps: LandingDeps, project: Project, clone: OwnClone, options: FreeOptions): Promise<void> {
  await refuseLoss(deps, project, options);
  if (hasClone(project)) await rename(path.join(clone, '.git'), path.join(clone, LEAVING));
  // Without that mark nobody has looked whether these files are anywhere else.
  if (!existsSync(path.join(clone, LEAVING))) return;
  const names = (await readdir(clone)).filter((name) => name !== DATABASE_FOLDER && name !== LEAVING);
  for (const name of [...names, LEAVING]) await removeOwnEntry(clone, name);
  deps.log.info('clone freed', { project: project.id });
}

/**
 * Clones a project again whose clone was freed; nothing where it is there, or is not ours to make. Files that were put
 * in its place since stay.
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
      ...{ from: remote, upstream: remote.upstream, signal },
      ...{ folder, draft: path.join(place, 'draft') },
    });
    // Git's own files come last: with them it is whole.
    const names = (await readdir(folder)).filter((name) => name !== '.git');
    for (const name of [...names, '.git']) {
      if (!existsSync(path.join(clone, name))) await rename(path.join(folder, name), path.join(clone, name));
    }
    await removeOwnEntry(clone, ARRIVING);
    deps.log.info('cloned again', { project: project.id });
  });
}

/** In whatever window or program. Not by the lock that other steps in a clone take: it lies among git's files. */
async function exclusively<T>(clone: OwnClone, work: () => Promise<T>): Promise<T> {
  const folder = path.join(clone, DATABASE_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return withFileLock(path.join(folder, 'clone'), { timeoutMs: LOCK_TIMEOUT_MS }, work);
}

function refuse({ id }: Project, state: string): never {
  throw new KernelError('TASK_STATE', { what: 'project', id, state, wanted: 'freed' });
}
