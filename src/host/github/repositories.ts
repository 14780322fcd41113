/**
 * Repositories on GitHub: their facts, and forks of those without push access
 * (`docs/design/github.md#adding-a-project`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { RepositoryName } from '../../kernel/text/repositoryUrl';
import { defined } from '../../kernel/defined';
import type { GitHubApi } from './api';
import { because } from '../../kernel/errors/reasons/problem';

const ownName = z
  .object({ name: z.string(), owner: z.object({ login: z.string() }) })
  .transform(({ name, owner }): RepositoryName => ({ owner: owner.login, repo: name }));

const repository = z
  .object({
    default_branch: z.string(),
    archived: z.boolean().default(false),
    permissions: z.object({ push: z.boolean().default(false) }).optional(),
    parent: ownName.nullish(),
  })
  .and(ownName)
  .transform(({ default_branch, archived, permissions, parent, owner, repo }): RepositoryFacts => {
    const mayPush = permissions?.push ?? false;
    return { owner, repo, defaultBranch: default_branch, isArchived: archived, mayPush, parent: parent ?? null };
  });

/** `owner` and `repo` as GitHub reports them, which may differ from the request: names may have changed since. */
export interface RepositoryFacts extends RepositoryName {
  readonly defaultBranch: string;
  /** It is read-only. */
  readonly isArchived: boolean;
  readonly mayPush: boolean;
  /** The repository that it was forked from. */
  readonly parent: RepositoryName | null;
}

export function fullName({ owner, repo }: RepositoryName): string {
  return `${owner}/${repo}`;
}

/** GitHub ignores case. */
export function isSameRepository(one: RepositoryName, other: RepositoryName): boolean {
  return fullName(one).toLowerCase() === fullName(other).toLowerCase();
}

/** @throws KernelError as `GitHubApi.send` */
export async function repositoryFacts(
  api: GitHubApi,
  { owner, repo }: RepositoryName,
  signal?: AbortSignal,
): Promise<RepositoryFacts> {
  const call = {
    name: `${owner}/${repo}`,
    route: 'GET /repos/{owner}/{repo}',
    parameters: { owner, repo },
    ...defined({ signal }),
  };
  return api.read(call, repository);
}

/** Pauses between checks of a fork that GitHub is still creating: 111 seconds in total. */
const READY_WAITS_MS = [1, 2, 4, 8, 16, 16, 16, 16, 16, 16].map((seconds) => seconds * 1000);

export interface ForkOptions {
  readonly signal?: AbortSignal;
  /** Pauses between checks whether it is ready. */
  readonly waitsMs?: readonly number[];
  readonly onWait?: () => void;
}

/**
 * The user's fork of a repository: an existing or a new one, once it can be cloned.
 * @throws KernelError as `GitHubApi.send`; `GITHUB_FAILED` also if GitHub names a repository that is not a fork of it
 * (D8), or does not create one in time.
 */
export async function forkRepository(
  api: GitHubApi,
  upstream: RepositoryName,
  { signal, waitsMs = READY_WAITS_MS, onWait }: ForkOptions = {},
): Promise<RepositoryFacts> {
  const { owner, repo } = upstream;
  const name = fullName(upstream);
  const cancel = signal === undefined ? {} : { signal };
  const call = { name, route: 'POST /repos/{owner}/{repo}/forks', parameters: { owner, repo }, ...cancel };
  const named = await api.read(call, ownName);
  const fork = await repositoryFacts(api, named, signal);
  if (fork.parent === null || !isSameRepository(fork.parent, upstream)) {
    const facts = { fork: fullName(named), upstream: fullName(upstream) };
    const problem = because('{fork} is not a fork of {upstream}', facts);
    throw api.refusal(call, 202, problem);
  }
  for (const waitMs of [...waitsMs, undefined]) {
    if (await hasBranch(api, fork, fork.defaultBranch, signal)) return fork;
    if (waitMs === undefined) break;
    onWait?.();
    await delay(waitMs, undefined, cancel);
  }
  const problem = because('{fork} is still not ready; add the project again in a minute', { fork: fullName(fork) });
  throw api.refusal(call, 202, problem);
}

const reference = z.object({ ref: z.string() });

/** GitHub answers 409 for a repository without a commit. */
async function hasBranch(api: GitHubApi, { owner, repo }: RepositoryName, branch: string, signal?: AbortSignal) {
  const call = {
    name: `${owner}/${repo}`,
    route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
    parameters: { owner, repo, ref: `heads/${branch}` },
    accepts: [404, 409],
    ...defined({ signal }),
  };
  const { status, data } = await api.send(call);
  return status === 200 && api.parse(call, status, data, reference).ref === `refs/heads/${branch}`;
}

const merged = z.object({ merge_type: z.enum(['merge', 'fast-forward', 'none']) });

/**
 * Updates a branch of a fork from its upstream, never by force (D8).
 * @returns `diverged` if its own commits conflict with the upstream: then it is not changed.
 * @throws KernelError as `GitHubApi.send`
 */
export async function mergeUpstream(
  api: GitHubApi,
  { owner, repo }: RepositoryName,
  branch: string,
): Promise<'merge' | 'fast-forward' | 'none' | 'diverged'> {
  const call = {
    name: `${owner}/${repo}`,
    route: 'POST /repos/{owner}/{repo}/merge-upstream',
    parameters: { owner, repo, branch },
    accepts: [409],
  };
  const { status, data } = await api.send(call);
  return status === 409 ? 'diverged' : api.parse(call, status, data, merged).merge_type;
}
