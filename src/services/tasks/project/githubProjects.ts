/**
 * *Add Project from GitHub…*: a repository's address becomes a clone and a project
 * (`docs/design/github.md#adding-a-project`).
 */
import path from 'node:path';
import { refuseTaken } from '../../../host/git/branch/clone';
import { removeOldDrafts } from '../../../host/git/branch/drafts';
import type { Git } from '../../../host/git/git';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import { hostOf } from '../../../host/github/address';
import type { GitHubApi } from '../../../host/github/api';
import {
  forkRepository,
  fullName,
  mergeUpstream,
  repositoryFacts,
  type RepositoryFacts,
} from '../../../host/github/repositories';
import type { Log } from '../../../host/log';
import { databaseLocation, isInside } from '../../../host/database/paths';
import { ownStorageFile } from '../../../host/trusted/insideFolder';
import { removeOwnFolder } from '../../../host/trusted/removal';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { Sha } from '../../../kernel/text/gitNames';
import { ID_LENGTH } from '../../../kernel/ids';
import type { Ports } from '../../../kernel/ports';
import type { AddProjectInput, Project, Remote } from '../../../kernel/tasks/record/model';
import { parseRepositoryUrl } from '../../../kernel/text/repositoryUrl';
import { addProject, refuseSameRemote } from '../../../kernel/tasks/service';
import { ProjectKernel, type KernelDeps } from '../../record/projectKernel';

export interface GitHubProjectDeps {
  readonly github: GitHubApi;
  readonly transport: GitHubTransport;
  /** Knows where clones are made. */
  readonly git: Git;
  /** Clones are kept below `projects` in it. Absolute. */
  readonly storageDir: string;
  /** The projects of all folders that are open. */
  readonly projects: () => readonly Project[];
  /** Writes the project into the record that belongs to it. */
  readonly record: (project: AddProjectInput) => Promise<Project>;
  readonly ports: Ports;
  readonly log: Log;
}

/** What is being done, in this order; `fork` and `wait` only without the right to push, `wait` perhaps again and again. */
export const ADD_STEPS = ['look', 'fork', 'wait', 'clone', 'record'] as const;
export type AddStep = (typeof ADD_STEPS)[number];

export interface AddOptions {
  readonly signal?: AbortSignal;
  /** Told with each step; `name` is the repository that the step is about. */
  readonly onStep?: (step: AddStep, name: string) => void;
  /** Between looks whether a fork is ready. */
  readonly forkWaitsMs?: readonly number[];
}

/**
 * Clones the repository, or the person's fork of it where they may not push to it, and makes it a project. Rejects once
 * the signal aborts. Nothing is left behind on this machine then, or after a failure; a fork stays on GitHub.
 * @throws KernelError `INVALID_ARGUMENT` for the address, an archived repository or an empty one; `PROJECT_EXISTS`;
 * `FOLDER_TAKEN`; `GIT_FAILED`; as `GitHubApi.send`
 */
export async function addGitHubProject(
  deps: GitHubProjectDeps,
  url: string,
  options: AddOptions = {},
): Promise<Project> {
  const { github, projects } = deps;
  const { signal, onStep } = options;
  const typed = parseRepositoryUrl(url, hostOf(github.address));
  refuseSameRemote(projects(), { ...typed, upstream: null });
  onStep?.('look', fullName(typed));
  const facts = await repositoryFacts(github, typed, signal);
  if (facts.isArchived) refuse(`${fullName(facts)} is archived, nothing can be added to it`);
  const { owner, repo } = facts;
  refuseSameRemote(projects(), { owner, repo, upstream: null });
  const remote = facts.mayPush ? { owner, repo, upstream: null } : await forkOf(deps, facts, options);
  refuseSameRemote(projects(), remote);
  const { folder, baseCommit } = await clone(deps, facts, remote, options);
  try {
    signal?.throwIfAborted();
    onStep?.('record', fullName(facts));
    const { defaultBranch } = facts;
    const added = { name: repo, clonePath: folder, defaultBranch, isOurs: true, remote, baseCommit };
    const project = await deps.record(added);
    await deps.git.places.noteClone(folder, project.id);
    return project;
  } catch (error) {
    await removeClone(deps, folder);
    throw error;
  }
}

async function forkOf({ github }: GitHubProjectDeps, facts: RepositoryFacts, options: AddOptions): Promise<Remote> {
  const { signal, onStep, forkWaitsMs } = options;
  const { owner, repo } = facts;
  onStep?.('fork', fullName(facts));
  const fork = await forkRepository(github, facts, {
    onWait: () => onStep?.('wait', fullName(facts)),
    ...(signal === undefined ? {} : { signal }),
    ...(forkWaitsMs === undefined ? {} : { waitsMs: forkWaitsMs }),
  });
  return { owner: fork.owner, repo: fork.repo, upstream: { owner, repo } };
}

/** One that was made just now, below our storage. */
async function removeClone({ storageDir }: Pick<GitHubProjectDeps, 'storageDir'>, folder: string): Promise<void> {
  const own = await ownStorageFile([path.join(storageDir, 'projects')], folder);
  if (own !== undefined) await removeOwnFolder(own);
}

/** Where the clone is, and the commit of its base branch. */
async function clone(
  { transport, storageDir, ports }: GitHubProjectDeps,
  facts: RepositoryFacts,
  remote: Remote,
  { signal, onStep }: AddOptions,
): Promise<{ readonly folder: string; readonly baseCommit: Sha }> {
  const root = path.join(storageDir, 'projects');
  const folder = path.join(root, remote.owner, remote.repo);
  if (!isInside(root, folder)) throw new KernelError('PATH_OUTSIDE', { path: folder, folder: root });
  await refuseTaken(folder);
  onStep?.('clone', fullName(remote));
  // No owner's name starts with a dot.
  const drafts = path.join(root, '.cloning');
  await removeOldDrafts(drafts, ports.clock.nowMs());
  const repository = await transport.clone({
    ...{ folder, draft: path.join(drafts, ports.ids.newId(ID_LENGTH)) },
    ...{ from: remote, upstream: remote.upstream, signal },
  });
  const base = `refs/remotes/${remote.upstream === null ? 'origin' : 'upstream'}/${facts.defaultBranch}`;
  const baseCommit = await repository.commitOf(base);
  if (baseCommit === undefined) {
    await removeClone({ storageDir }, folder);
    refuse(`${fullName(facts)} has no commit on ${facts.defaultBranch} yet`);
  }
  return { folder, baseCommit };
}

function refuse(problem: string): never {
  throw new KernelError('INVALID_ARGUMENT', { argument: 'url', problem });
}

/** The clone gets a record of its own, so that it is whole wherever it is opened. */
export async function recordInClone(deps: KernelDeps, project: AddProjectInput): Promise<Project> {
  const kernel = new ProjectKernel(databaseLocation(project.clonePath), { ...deps, watch: false });
  try {
    await kernel.initialize();
    return await kernel.write((u) => addProject(u, project));
  } finally {
    await kernel.dispose();
  }
}

/**
 * Brings the default branch of a project's fork up to its upstream on GitHub. Work starts at the upstream's branch in
 * any case, so that a failure is in the log only, and a fork with commits of its own is left as it is (D8).
 */
export async function refreshFork(
  { github, log }: Pick<GitHubProjectDeps, 'github' | 'log'>,
  { id, remote, defaultBranch }: Project,
): Promise<void> {
  if (remote?.upstream === undefined || remote.upstream === null) return;
  try {
    const outcome = await mergeUpstream(github, remote, defaultBranch);
    log.info('fork brought up to date', { project: id, outcome });
  } catch (error) {
    log.warn('fork not brought up to date', { project: id, problem: problemOf(error) });
  }
}
