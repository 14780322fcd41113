/**
 * Facts of a project that change outside: its repository was moved, or its base branch renamed. Followed automatically
 * where that is certain, and told by a person otherwise.
 */
import { existsSync } from 'node:fs';
import { realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../host/fileErrors';
import type { Git } from '../../host/git/git';
import { Repository } from '../../host/git/repository';
import type { GitHubTransport } from '../../host/git/transport/gitHubTransport';
import { missingBranch } from '../../host/git/branches';
import { filesOfWorktree } from '../../host/git/worktreeFiles';
import { KernelError, problemOf } from '../../kernel/errors';
import { refNameOf, type RefName } from '../../kernel/gitNames';
import type { Project, Remote } from '../../kernel/village/model';
import { changeBaseBranch, refuseWorking, relocateProject } from '../../kernel/village/projectFacts';
import { getProject, listProjects, listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import type { LandingDeps } from './landing';

/** Of the branches of a repository, how many are asked whether they were renamed. */
const ASKED_BRANCHES = 200;

export interface MoveDeps extends LandingDeps {
  readonly transport?: GitHubTransport;
}

/**
 * The repository of a project is in a folder that a person has named just now. The folder is trusted, and worktrees of
 * ours lead to it.
 * @throws KernelError `NOT_FOUND`; `LOCATION_REFUSED` for another repository; as `relocateProject`
 */
export async function relocate(deps: LandingDeps, projectId: string, folder: string): Promise<Project> {
  const project = deps.kernel.read((r) => {
    const found = getProject(r, projectId);
    refuseWorking(r, found, 'relocated');
    return found;
  });
  const repository = await repositoryIn(deps.git, folder);
  const isSame = repository.folder === project.clonePath;
  const missing = isSame ? undefined : await missingCommit(deps, project, repository);
  if (missing !== undefined) {
    const problem = `it is another repository: it lacks the commit ${missing} of a subtask`;
    throw new KernelError('LOCATION_REFUSED', { path: repository.folder, problem });
  }
  const moved = await moveTo(deps, project, repository);
  await deps.git.places.trust(repository.folder);
  return moved;
}

async function repositoryIn(git: Git, folder: string): Promise<Repository> {
  const operation = 'relocate the project';
  const notFound = (): KernelError => new KernelError('GIT_REPOSITORY_MISSING', { operation, folder });
  const start = await git.places.named(folder).catch((error: unknown) => {
    throw systemCode(error) === undefined ? error : notFound();
  });
  const top = await Repository.topOf(git, start);
  if (top === undefined) throw notFound();
  return new Repository(git, await git.places.named(top));
}

/**
 * The record was moved with the repository that it is in: certain where exactly one project has lost its folder, the
 * record is at the top of a repository, and that has what subtasks are built on.
 */
export async function followMovedRepository(deps: LandingDeps): Promise<void> {
  const { kernel, git, log } = deps;
  const projects = kernel.read(listProjects);
  const [lost, ...others] = projects.filter(({ clonePath }) => !existsSync(clonePath));
  if (lost === undefined || others.length > 0) return;
  const folder = await realpath(kernel.folder);
  if (projects.some(({ clonePath }) => clonePath === folder) || !(await git.places.isKnown(folder))) return;
  const repository = new Repository(git, await git.places.gitFolder(folder));
  const top = await Repository.topOf(git, repository.folder);
  if (top === undefined || (await realpath(top)) !== folder) return;
  if ((await missingCommit(deps, lost, repository)) !== undefined) return;
  await moveTo(deps, lost, repository);
  log.info('project follows its repository', { project: lost.id, from: lost.clonePath, to: folder });
}

/** A commit that a subtask was begun at, or was proven with, and that the repository lacks. */
async function missingCommit(
  { kernel }: LandingDeps,
  project: Project,
  repository: Repository,
): Promise<string | undefined> {
  const subtasks = kernel.read((r) => listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound));
  const commits = new Set(subtasks.flatMap(({ baseSha, provenSha }) => [baseSha ?? [], provenSha ?? []].flat()));
  for (const commit of commits) if ((await repository.commitOf(commit)) === undefined) return commit;
  return undefined;
}

/** Links first: cut short, it can be done again. */
async function moveTo(deps: LandingDeps, project: Project, repository: Repository): Promise<Project> {
  const subtasks = deps.kernel.read((r) =>
    listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound),
  );
  for (const { worktreePath } of subtasks) if (worktreePath !== null) await relink(deps, repository, worktreePath);
  return deps.kernel.write((u) => relocateProject(u, project.id, repository.folder));
}

/** A worktree of ours leads to its repository again. Those of the person are theirs to repair. */
async function relink({ git, log }: LandingDeps, repository: Repository, claim: string): Promise<void> {
  if (!existsSync(claim)) return;
  try {
    const tree = await git.places.worktree(claim);
    const files = await filesOfWorktree(repository, tree);
    if (files === undefined) return;
    const draft = path.join(files, 'intercore-link');
    await rm(draft, { force: true });
    await writeFile(draft, `gitdir: ${files}\n`, { flag: 'wx' });
    await replace(draft, path.join(tree, '.git'));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log.warn('worktree not linked', { folder: claim, problem: problemOf(error) });
  }
}

/** Across file systems, too: a storage need not be on that of the repository. */
async function replace(draft: string, file: string): Promise<void> {
  try {
    await rename(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const near = `${file}-intercore`;
    const { readFile } = await import('node:fs/promises');
    await rm(near, { force: true });
    await writeFile(near, await readFile(draft), { flag: 'wx' });
    await rename(near, file);
    await rm(draft, { force: true });
  }
}

/**
 * A person names the branch that work lands on.
 * @throws KernelError `BRANCH_MISSING`, `REPOSITORY_EMPTY`; as `changeBaseBranch`
 */
export async function changeBase(deps: MoveDeps, projectId: string, branch: string): Promise<Project> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const name = refNameOf(branch);
  const repository = new Repository(deps.git, await deps.git.places.gitFolder(project.clonePath));
  const ref = project.remote === null ? `refs/heads/${branch}` : `refs/remotes/${remoteOf(project.remote)}/${branch}`;
  if (name === undefined || (await repository.commitOf(ref)) === undefined)
    throw await missingBranch(repository, branch);
  return deps.kernel.write((u) => {
    refuseWorking(u, getProject(u, project.id), 'given another base branch');
    return changeBaseBranch(u, project.id, name);
  });
}

/** The remote that the base branch of a project is fetched from. */
export function remoteOf({ upstream }: Remote): 'origin' | 'upstream' {
  return upstream === null ? 'origin' : 'upstream';
}

/**
 * The base branch is gone. Where it is certain what it is called now, the project follows: the repository has renamed it,
 * or the server names another default branch. What is in work keeps the commit that it began at.
 */
export async function followBase(deps: MoveDeps, project: Project, repository: Repository): Promise<Project> {
  const name = await newNameOf(deps, project, repository);
  if (name === undefined || name === project.defaultBranch) {
    throw await missingBranch(repository, project.defaultBranch);
  }
  deps.log.info('base branch renamed', { project: project.id, from: project.defaultBranch, to: name });
  return deps.kernel.write((u) => changeBaseBranch(u, project.id, name));
}

function newNameOf(
  { transport }: MoveDeps,
  { remote, defaultBranch }: Project,
  repository: Repository,
): Promise<RefName | undefined> {
  if (remote === null) return renamedBranch(repository, defaultBranch);
  return transport?.defaultBranch(remote.upstream ?? remote) ?? Promise.resolve(undefined);
}

/** What git noted when a branch was renamed: the only sign that is certain. */
async function renamedBranch({ git, folder }: Repository, old: string): Promise<RefName | undefined> {
  const list = ['for-each-ref', '--format=%(refname:lstrip=2)', '--end-of-options', 'refs/heads'];
  const names = (await git.run(folder, 'list branches', list)).split('\n').slice(0, ASKED_BRANCHES);
  for (const name of names.filter(Boolean)) {
    const log = await git.ask(folder, ['reflog', 'show', '--format=%gs', '--end-of-options', `refs/heads/${name}`]);
    const isRenamed = log?.split('\n').includes(`Branch: renamed refs/heads/${old} to refs/heads/${name}`) === true;
    if (isRenamed) return refNameOf(name);
  }
  return undefined;
}
