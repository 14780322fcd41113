/** Creates pull requests for finished work, and reads their status (`docs/design/github.md#pull-requests`). */
import type { Git } from '../../../host/git/git';
import type { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import type { GitHubApi } from '../../../host/github/api';
import {
  addLabels,
  createPullRequest,
  findPullRequest,
  pullRequestState,
  type Proposal,
  type PullRequest,
} from '../../../host/github/pullRequests';
import type { SubtaskLanding } from '../../../contract/results/tasks';
import type { Log } from '../../../host/log';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { refused } from '../../../kernel/tasks/record/stateRefusals';
import type { Project, Remote, Subtask } from '../../../kernel/tasks/record/model';
import { getSubtask, neighborsOf } from '../../../kernel/tasks/subtask/subtasks';
import { defined } from '../../../kernel/defined';
import type { ProjectKernel } from '../../record/projectKernel';
import type { Publish } from '../deps';
import { repositoryOf } from '../taskFolders';
import { short } from '../proof/provenCommit';
import { proposalBody, proposalTitle } from './proposalText';

export interface PublishSettings {
  readonly draft: boolean;
  readonly labels: readonly string[];
}

export interface PublishDeps {
  readonly kernel: Pick<ProjectKernel, 'read'>;
  readonly git: Git;
  readonly transport: GitHubTransport;
  readonly github: GitHubApi;
  /** Read at each pull request. */
  readonly settings: () => PublishSettings;
  readonly log: Log;
}

/**
 * Pushes the proven commit of a subtask to its branch and opens a pull request for it, in the upstream repository of a
 * fork (D19). Each step detects the work of an earlier call, so that another call continues where it failed (D3).
 * Nothing for a project without a remote. Rejects once the signal aborts, or with KernelError `GIT_FAILED`, `GIT_BUSY`,
 * `TASK_STATE`, `PULL_REQUEST_EMPTY`, or as `GitHubApi.send`.
 */
export function publishToGitHub(deps: PublishDeps): Publish {
  return async ({ project, task, subtask, signal, onPushed }) => {
    const { remote } = project;
    const { id, branchName: branch, baseSha, provenSha: head } = subtask;
    if (remote === null) return null;
    if (branch === null || baseSha === null || head === null) {
      throw refused('subtask', id, subtask.status, 'publish', 'subtaskUnproven');
    }
    const repository = await repositoryOf(deps, project);
    const commits = await repository.commitsBetween(baseSha, head);
    if (commits.length === 0) {
      throw new KernelError('PULL_REQUEST_EMPTY', { head: branch, base: project.defaultBranch });
    }
    const push = { to: remote, branch, commit: head, signal };
    await repository.exclusively(() => deps.transport.push(repository, push));
    signal?.throwIfAborted();
    await onPushed?.();
    const proposal = { ...proposalOf(remote, project, branch), ...defined({ signal }) };
    const found = await findPullRequest(deps.github, proposal);
    if (found !== undefined) return found;
    const dependencies = deps.kernel.read((r) => {
      return neighborsOf(r, subtask).dependsOn.map((dependency) => getSubtask(r, dependency));
    });
    const facts = { task, subtask, commits, dependencies };
    const { draft, labels } = deps.settings();
    const text = { title: proposalTitle(facts), body: proposalBody(facts), draft };
    const made = await createPullRequest(deps.github, proposal, text);
    await label(deps, proposal, made, labels);
    return made;
  };
}

/** The repository of a project's pull requests: the upstream of a fork, or the repository itself. */
export function targetOf({ owner, repo, upstream }: Remote): { readonly owner: string; readonly repo: string } {
  return upstream ?? { owner, repo };
}

function proposalOf(remote: Remote, { defaultBranch }: Project, head: string): Proposal {
  return { into: targetOf(remote), base: defaultBranch, headOwner: remote.owner, head };
}

/** Permission to open a pull request may not include labels, which are optional. */
async function label(
  { github, log }: PublishDeps,
  { into }: Proposal,
  { number, url }: PullRequest,
  labels: readonly string[],
): Promise<void> {
  if (labels.length === 0) return;
  try {
    await addLabels(github, into, number, labels);
  } catch (error) {
    log.warn('pull request not labeled', { url, problem: problemOf(error) });
  }
}

/**
 * The status of a subtask's pull request, before a merge is recorded (`docs/design/tasks.md#landing`).
 * @throws KernelError as `GitHubApi.send`
 */
export async function landingOf(
  github: GitHubApi,
  { remote }: Project,
  { prNumber }: Subtask,
  signal?: AbortSignal,
): Promise<SubtaskLanding> {
  if (remote === null || prNumber === null) return { kind: 'none' };
  return pullRequestState(github, targetOf(remote), prNumber, signal);
}

/** Reports a pull request at another commit than the proven one. */
export function movedProblem(
  { provenSha, prNumber }: Subtask,
  landing: SubtaskLanding,
): KernelError<'PULL_REQUEST_MOVED'> | undefined {
  const head = landing.kind === 'none' ? null : landing.head;
  if (provenSha === null || prNumber === null || head === null || head === provenSha) return undefined;
  const facts = { number: prNumber, proven: short(provenSha), found: short(head) };
  return new KernelError('PULL_REQUEST_MOVED', facts);
}
