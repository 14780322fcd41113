/**
 * External changes of a project: its repository was moved, or its base branch was renamed. Followed automatically if
 * they are certain, and otherwise entered by a person.
 */
import { existsSync } from 'node:fs';
import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../../host/files/fileErrors';
import type { Git } from '../../../host/git/git';
import { gitDirectoryOf } from '../../../host/git/config/gitDirectory';
import { isGoneDefault, remoteDefault } from '../../../host/git/branch/remoteDefault';
import { Repository } from '../../../host/git/repository';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import { missingBranch } from '../../../host/git/branch/branches';
import { filesOfWorktree } from '../../../host/git/worktreeFiles';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import { refNameOf, type RefName } from '../../../kernel/text/gitNames';
import type { Project, Remote } from '../../../kernel/tasks/record/model';
import {
  baseCommitOf,
  changeBaseBranch,
  refuseWorking,
  relocateProject,
} from '../../../kernel/tasks/project/projectFacts';
import { getProject, listProjects, listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import type { ProjectDeps } from '../deps';
import { renameOver } from '../../../host/files/renames';

/** How many branches of a repository are checked for a rename. */
const ASKED_BRANCHES = 200;

export interface MoveDeps extends ProjectDeps {
  readonly transport?: GitHubTransport;
}

/**
 * Relocates a project to a folder that a person named. The folder is trusted, and our worktrees are linked to it.
 * @throws KernelError `NOT_FOUND`; `LOCATION_REFUSED` for another repository; as `relocateProject`
 */
export async function relocate(deps: ProjectDeps, projectId: string, folder: string): Promise<Project> {
  const project = deps.kernel.read((r) => {
    const found = getProject(r, projectId);
    refuseWorking(r, found, 'relocated');
    return found;
  });
  const repository = await repositoryIn(deps.git, folder);
  if (repository.folder !== project.clonePath) await refuseOther(deps, project, repository);
  const moved = await moveTo(deps, project, repository);
  await deps.git.places.trust(repository.folder);
  return moved;
}

/**
 * Identifies the repository by the commits of its subtasks. Without subtasks, by the commit of its base branch from
 * when the project was added, or from the previous folder.
 * @throws KernelError `LOCATION_REFUSED`
 */
async function refuseOther(deps: ProjectDeps, project: Project, repository: Repository): Promise<void> {
  const ofSubtasks = commitsOf(deps, project);
  const missing = await missingOf(repository, ofSubtasks);
  const refuse = (problem: Problem<'LOCATION_REFUSED'>): never => {
    throw new KernelError('LOCATION_REFUSED', { path: repository.folder, problem });
  };
  if (missing !== undefined) {
    refuse(because('it is another repository: the commit {commit} of a subtask is missing', { commit: missing }));
  }
  if (ofSubtasks.length > 0) return;
  const base = deps.kernel.read((r) => baseCommitOf(r, project)) ?? (await baseInPreviousFolder(deps, project));
  if (base === undefined || (await repository.commitOf(base)) !== undefined) return;
  const commit = base;
  refuse(because('it is another repository: the commit {commit} of the project’s base branch is missing', { commit }));
}

/** For a project that was added before base commits were recorded; undefined if the folder is gone. */
async function baseInPreviousFolder({ git }: ProjectDeps, project: Project): Promise<string | undefined> {
  if (!existsSync(project.clonePath) || !(await git.places.isKnown(project.clonePath))) return undefined;
  const previous = new Repository(git, await git.places.gitFolder(project.clonePath));
  return previous.commitOf(baseRef(project));
}

async function repositoryIn(git: Git, folder: string): Promise<Repository> {
  const top = await Repository.topOf(git, await git.places.named(folder));
  if (top === undefined) throw new KernelError('GIT_REPOSITORY_MISSING', { folder });
  return new Repository(git, await git.places.named(top));
}

/**
 * The record was moved with its repository. This is certain if exactly one project has lost its folder, the record is
 * at the top of a repository, and the repository has the commits of subtasks. No git process starts if no folder is
 * lost.
 */
export async function followMovedRepository(deps: ProjectDeps): Promise<Project | undefined> {
  const { kernel, git, log } = deps;
  const projects = kernel.read(listProjects);
  const [lost, ...others] = projects.filter(({ clonePath }) => !existsSync(clonePath));
  if (lost === undefined || others.length > 0 || (await git.places.wasNamed(lost.clonePath))) return undefined;
  const folder = await realpath(kernel.folder);
  if (projects.some(({ clonePath }) => clonePath === folder) || !(await git.places.isKnown(folder))) return undefined;
  if ((await gitDirectoryOf(folder))?.top !== folder) return undefined;
  const repository = new Repository(git, await git.places.gitFolder(folder));
  const commits = commitsOf(deps, lost);
  const known = commits.length > 0 ? commits : [kernel.read((r) => baseCommitOf(r, lost)) ?? baseRef(lost)];
  if ((await missingOf(repository, known)) !== undefined) return undefined;
  const moved = await moveTo(deps, lost, repository);
  log.info('project follows its repository', { project: lost.id, from: lost.clonePath, to: folder });
  return moved;
}

/** The start commits and proven commits of subtasks. */
function commitsOf({ kernel }: ProjectDeps, project: Project): string[] {
  const subtasks = kernel.read((r) => listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound));
  return [...new Set(subtasks.flatMap(({ baseSha, provenSha }) => [baseSha ?? [], provenSha ?? []].flat()))];
}

async function missingOf(repository: Repository, commits: readonly string[]): Promise<string | undefined> {
  for (const commit of commits) if ((await repository.commitOf(commit)) === undefined) return commit;
  return undefined;
}

/** Links first: an interrupted move can be repeated. */
async function moveTo(deps: ProjectDeps, project: Project, repository: Repository): Promise<Project> {
  const subtasks = deps.kernel.read((r) =>
    listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound),
  );
  for (const { worktreePath } of subtasks) if (worktreePath !== null) await relink(deps, repository, worktreePath);
  return deps.kernel.write((u) => relocateProject(u, project.id, repository.folder));
}

/** Links our worktrees to the repository again. The user's own worktrees are not changed. */
async function relink({ git, log }: ProjectDeps, repository: Repository, claim: string): Promise<void> {
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

/** Also across file systems: our storage may be on another one than the repository. */
async function replace(draft: string, file: string): Promise<void> {
  try {
    await renameOver(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const near = `${file}-intercore`;
    await rm(near, { force: true });
    await writeFile(near, await readFile(draft), { flag: 'wx' });
    await renameOver(near, file);
    await rm(draft, { force: true });
  }
}

/**
 * Sets the base branch that a person named.
 * @throws KernelError `BRANCH_MISSING`, `REPOSITORY_EMPTY`; as `changeBaseBranch`
 */
export async function changeBase(deps: MoveDeps, projectId: string, branch: string): Promise<Project> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const name = refNameOf(branch);
  const repository = new Repository(deps.git, await deps.git.places.gitFolder(project.clonePath));
  const ref = baseRef({ ...project, defaultBranch: branch });
  if (name === undefined || (await repository.commitOf(ref)) === undefined)
    throw await missingBranch(repository, branch);
  return deps.kernel.write((u) => {
    refuseWorking(u, getProject(u, project.id), 'base branch changed');
    return changeBaseBranch(u, project.id, name);
  });
}

/** The ref where work starts: the fetched base branch, or the local one of a project without a remote. */
export function baseRef({ remote, defaultBranch }: { remote: Remote | null; defaultBranch: string }): string {
  return remote === null ? `refs/heads/${defaultBranch}` : `refs/remotes/${remoteOf(remote)}/${defaultBranch}`;
}

/** The remote that the base branch of a project is fetched from. */
export function remoteOf({ upstream }: Remote): 'origin' | 'upstream' {
  return upstream === null ? 'origin' : 'upstream';
}

/**
 * The project with its current base branch. If the branch is gone, or the remote no longer has this default branch, the
 * project follows a certain new name: a rename in the repository, or the remote's new default branch. Work in progress
 * keeps its start commit.
 * @throws KernelError `BRANCH_MISSING`, `REPOSITORY_EMPTY`
 */
export async function followBase(deps: MoveDeps, project: Project, repository: Repository): Promise<Project> {
  const { remote, defaultBranch: old } = project;
  const isThere = (await repository.commitOf(baseRef(project))) !== undefined;
  if (isThere && (remote !== null || !(await isGoneDefault(repository, old)))) return project;
  const name = isThere ? await defaultOfRemote(repository) : await newNameOf(deps, project, repository);
  if (name === undefined || name === old) {
    if (isThere) return project;
    throw await missingBranch(repository, old);
  }
  deps.log.info('base branch renamed', { project: project.id, from: old, to: name });
  return deps.kernel.write((u) => changeBaseBranch(u, project.id, name));
}

async function newNameOf(
  { transport }: MoveDeps,
  { remote, defaultBranch }: Project,
  repository: Repository,
): Promise<RefName | undefined> {
  if (remote === null) return (await renamedBranch(repository, defaultBranch)) ?? defaultOfRemote(repository);
  return transport?.defaultBranch(remote.upstream ?? remote);
}

/** Work lands on this machine, so the branch must also exist here. */
async function defaultOfRemote(repository: Repository): Promise<RefName | undefined> {
  const name = await remoteDefault(repository);
  return name !== undefined && (await repository.hasBranch(name)) ? name : undefined;
}

/** Git's reflog entry of a branch rename. */
async function renamedBranch({ git, folder }: Repository, old: string): Promise<RefName | undefined> {
  const list = ['for-each-ref', '--format=%(refname:lstrip=2)', '--end-of-options', 'refs/heads'];
  const names = (await git.run(folder, list)).split('\n').slice(0, ASKED_BRANCHES);
  for (const name of names.filter(Boolean)) {
    const log = await git.ask(folder, ['reflog', 'show', '--format=%gs', '--end-of-options', `refs/heads/${name}`]);
    const isRenamed = log?.split('\n').includes(`Branch: renamed refs/heads/${old} to refs/heads/${name}`) === true;
    if (isRenamed) return refNameOf(name);
  }
  return undefined;
}
