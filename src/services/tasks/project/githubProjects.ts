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
import { databaseLocation, isInside } from '../../../host/files/paths';
import { ownStorageFile } from '../../../host/trusted/insideFolder';
import { removeOwnFolder } from '../../../host/trusted/removal';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { ID_LENGTH } from '../../../kernel/ids';
import type { Ports } from '../../../kernel/ports';
import type { AddProjectInput, Project, Remote } from '../../../kernel/tasks/record/model';
import { parseRepositoryUrl } from '../../../kernel/text/repositoryUrl';
import { addProject, refuseSameRemote } from '../../../kernel/tasks/service';
import { defined } from '../../../kernel/defined';
import { ProjectKernel, type KernelDeps } from '../../record/projectKernel';

export interface GitHubProjectDeps {
  readonly github: GitHubApi;
  readonly transport: GitHubTransport;
  /** Creates clones. */
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

/** The current step, in this order; `fork` and `wait` only without push access, `wait` possibly repeatedly. */
export const ADD_STEPS = ['look', 'fork', 'wait', 'clone', 'record'] as const;
export type AddStep = (typeof ADD_STEPS)[number];

export interface AddOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for each step; `name` is the repository of the step. */
  readonly onStep?: (step: AddStep, name: string) => void;
  /** The interval for checking whether a fork is ready. */
  readonly forkWaitsMs?: readonly number[];
}

/**
 * Clones the repository, or the person's fork of it without push access, and makes it a project. Rejects when the
 * signal aborts. Then, and after a failure, nothing is left on this machine; a fork stays on GitHub.
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
  if (facts.isArchived) refuse(because('{name} is archived and read-only', { name: fullName(facts) }));
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
    ...defined({ signal, waitsMs: forkWaitsMs }),
  });
  return { owner: fork.owner, repo: fork.repo, upstream: { owner, repo } };
}

/** A clone that was just created, below our storage. */
async function removeClone({ storageDir }: Pick<GitHubProjectDeps, 'storageDir'>, folder: string): Promise<void> {
  const own = await ownStorageFile([path.join(storageDir, 'projects')], folder);
  if (own !== undefined) await removeOwnFolder(own);
}

/** The folder of the clone, and the commit of its base branch. */
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
    folder,
    draft: path.join(drafts, ports.ids.newId(ID_LENGTH)),
    from: remote,
    upstream: remote.upstream,
    signal,
  });
  const base = `refs/remotes/${remote.upstream === null ? 'origin' : 'upstream'}/${facts.defaultBranch}`;
  const baseCommit = await repository.commitOf(base);
  if (baseCommit === undefined) {
    await removeClone({ storageDir }, folder);
    refuse(because('{name} has no commit on {branch} yet', { name: fullName(facts), branch: facts.defaultBranch }));
  }
  return { folder, baseCommit };
}

function refuse(problem: Problem<'INVALID_ARGUMENT'>): never {
  throw new KernelError('INVALID_ARGUMENT', { argument: 'url', problem });
}

/** The clone gets its own record, so that it is complete wherever it is opened. */
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
 * Updates the default branch of a project's fork to its upstream on GitHub. Work starts from the upstream's branch
 * anyway, so a failure is only logged, and a fork with its own commits is not changed (D8).
 */
export async function refreshFork(
  { github, log }: Pick<GitHubProjectDeps, 'github' | 'log'>,
  { id, remote, defaultBranch }: Project,
): Promise<void> {
  if (remote?.upstream === undefined || remote.upstream === null) return;
  try {
    const outcome = await mergeUpstream(github, remote, defaultBranch);
    log.info('fork updated', { project: id, outcome });
  } catch (error) {
    log.warn('fork not updated', { project: id, problem: problemOf(error) });
  }
}
