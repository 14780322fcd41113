/** Finds, opens, checks and merges pull requests on GitHub (`docs/design/github.md#pull-requests`). */
import * as z from 'zod';
import { KernelError } from '../../kernel/errors/errors';
import { because, foreignText } from '../../kernel/errors/reasons/problem';
import type { Sha } from '../../kernel/text/gitNames';
import type { RepositoryName } from '../../kernel/text/repositoryUrl';
import { defined } from '../../kernel/defined';
import { problemIn } from './answers';
import type { GitHubApi } from './api';
import { fullName } from './repositories';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
}

/** The source and target of a pull request. */
export interface Proposal {
  /** The repository that it is opened in. */
  readonly into: RepositoryName;
  readonly base: string;
  /** The owner of the repository with the branch: for a fork not that of `into`. */
  readonly headOwner: string;
  readonly head: string;
  /** Aborts requests about it. */
  readonly signal?: AbortSignal;
}

export interface ProposalText {
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

const pullRequest = z
  .object({ number: z.int().positive(), html_url: z.url() })
  .transform(({ number, html_url }): PullRequest => ({ number, url: html_url }));

const listed = z.array(
  z
    .object({ head: z.object({ ref: z.string(), user: z.object({ login: z.string() }).nullable() }) })
    .and(pullRequest)
    .transform(({ head, number, url }) => ({ number, url, ref: head.ref, owner: head.user?.login.toLowerCase() })),
);

/** The open pull request of this branch. @throws KernelError as `GitHubApi.send` */
export async function findPullRequest(api: GitHubApi, proposal: Proposal): Promise<PullRequest | undefined> {
  const { into, base, headOwner, head, signal } = proposal;
  const call = {
    name: fullName(into),
    route: 'GET /repos/{owner}/{repo}/pulls',
    parameters: { ...into, state: 'open', head: `${headOwner}:${head}`, base, per_page: 100 },
    ...defined({ signal }),
  };
  // GitHub silently ignores a filter that it considers malformed.
  const found = (await api.read(call, listed)).find(
    ({ ref, owner }) => ref === head && owner === headOwner.toLowerCase(),
  );
  return found === undefined ? undefined : { number: found.number, url: found.url };
}

/**
 * Opens a pull request, or returns an existing one. Maintainers of the repository may push to a fork's branch.
 * @throws KernelError as `GitHubApi.send`; `PULL_REQUEST_EMPTY` if every commit of the branch is in its base.
 */
export async function createPullRequest(api: GitHubApi, proposal: Proposal, text: ProposalText): Promise<PullRequest> {
  const { into, base, headOwner, head, signal } = proposal;
  const isFork = headOwner.toLowerCase() !== into.owner.toLowerCase();
  const call = {
    name: fullName(into),
    route: 'POST /repos/{owner}/{repo}/pulls',
    parameters: {
      ...into,
      ...text,
      base,
      head: isFork ? `${headOwner}:${head}` : head,
      ...(isFork ? { maintainer_can_modify: true } : {}),
    },
    accepts: [422],
    ...defined({ signal }),
  };
  const { status, data } = await api.send(call);
  if (status !== 422) return api.parse(call, status, data, pullRequest);
  const problem = problemIn(data);
  if (/pull request already exists/i.test(problem)) {
    const found = await findPullRequest(api, proposal);
    if (found !== undefined) return found;
  }
  if (/no commits between/i.test(problem)) throw new KernelError('PULL_REQUEST_EMPTY', { head, base });
  throw api.refusal(call, status, problem === '' ? because('it was not valid') : foreignText(problem));
}

/** Adds labels to it and keeps existing ones. @throws KernelError as `GitHubApi.send` */
export async function addLabels(
  api: GitHubApi,
  into: RepositoryName,
  number: number,
  labels: readonly string[],
): Promise<void> {
  await api.send({
    name: `${fullName(into)}#${number}`,
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
    parameters: { ...into, issue_number: number, labels },
  });
}

const landing = z.object({
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  merge_commit_sha: z.string().nullable(),
  html_url: z.url(),
  head: z.object({ sha: z.string() }),
});

/** `closed`: without a merge. `head`: the commit that its branch is at. */
export type PullRequestState =
  | { readonly kind: 'open' | 'closed'; readonly url: string; readonly head: string }
  | { readonly kind: 'merged'; readonly url: string; readonly sha: string | null; readonly head: string };

/** @throws KernelError as `GitHubApi.send`; `GITHUB_NOT_FOUND` for the pull request. */
export async function pullRequestState(
  api: GitHubApi,
  into: RepositoryName,
  number: number,
  signal?: AbortSignal,
): Promise<PullRequestState> {
  const call = {
    ...defined({ signal }),
    name: `${fullName(into)}#${number}`,
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    parameters: { ...into, pull_number: number },
  };
  const { state, merged, merge_commit_sha: sha, html_url: url, head } = await api.read(call, landing);
  return merged ? { kind: 'merged', url, sha, head: head.sha } : { kind: state, url, head: head.sha };
}

const mergeAnswer = z.object({ sha: z.string(), merged: z.literal(true) });

/** In order of preference; a repository may forbid some of them. */
const MERGE_METHODS = ['merge', 'squash', 'rebase'] as const;

/**
 * Merges exactly this head of an open pull request as GitHub's page would, with the first method that the repository
 * allows.
 * @returns the current commit of its base branch.
 * @throws KernelError as `GitHubApi.send`; `GITHUB_FAILED` with GitHub's reason if it cannot be merged now.
 */
export async function mergePullRequest(
  api: GitHubApi,
  into: RepositoryName,
  number: number,
  head: Sha,
): Promise<string> {
  for (const method of MERGE_METHODS) {
    const call = {
      name: `${fullName(into)}#${number}`,
      route: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
      parameters: { ...into, pull_number: number, merge_method: method, sha: head },
      accepts: [405],
    };
    const { status, data } = await api.send(call);
    if (status !== 405) return api.parse(call, status, data, mergeAnswer).sha;
    const problem = problemIn(data);
    const isLast = method === MERGE_METHODS.at(-1);
    if (isLast || !/not allowed on this repository/i.test(problem)) {
      throw api.refusal(call, status, problem === '' ? because('it cannot be merged now') : foreignText(problem));
    }
  }
  throw new Error('there is at least one way to merge');
}
