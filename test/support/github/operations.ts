/** What each request that we may make does to the hub, and what GitHub answers. */
import * as z from 'zod';
import type { Json, ReceivedRequest } from './description';
import { commitOf, type HostedPull, type HostedRepository, type Hub } from './hub';
import type { Payloads } from './payloads';

export interface ApiAnswer {
  readonly status: number;
  /** Undefined for none. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly hub: Hub;
  readonly payloads: Payloads;
  readonly request: ReceivedRequest;
  readonly account: string;
  /** The repository that the path names. */
  readonly repository: HostedRepository;
}

type Operation = (asked: Asked) => Promise<ApiAnswer>;

const MAX_TITLE_LENGTH = 256;
const MAX_BODY_LENGTH = 65_536;

const newPull = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().default(''),
  draft: z.boolean().default(false),
  maintainer_can_modify: z.boolean().default(true),
});

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /repos/{owner}/{repo}': ({ payloads, repository, account }) =>
    Promise.resolve({ status: 200, body: payloads.repository(repository, account) }),

  'POST /repos/{owner}/{repo}/forks': async ({ hub, payloads, repository, account }) => ({
    status: 202,
    body: payloads.repository(await hub.fork(repository, account), account),
  }),

  'GET /repos/{owner}/{repo}/git/ref/{ref}': async ({ hub, repository, request }) => {
    const ref = request.params['ref'] ?? '';
    const sha = await hub.look(repository, ref.replace(/^heads\//, ''));
    if (sha === undefined) return failure(repository.looksUntilReady > 0 ? 409 : 404, 'Not Found');
    const url = `https://api.example.com/${ref}`;
    return { status: 200, body: { ref: `refs/${ref}`, node_id: 'R1', url, object: { type: 'commit', sha, url } } };
  },

  'POST /repos/{owner}/{repo}/merge-upstream': async ({ hub, repository, request }) => {
    const branch = z.object({ branch: z.string() }).parse(request.body).branch;
    const outcome = await hub.mergeUpstream(repository, branch);
    if (outcome === 'diverged') return failure(409, 'There are merge conflicts');
    return { status: 200, body: { message: outcome, merge_type: outcome, base_branch: `upstream:${branch}` } };
  },

  'GET /repos/{owner}/{repo}/pulls': async ({ payloads, repository, request, account }) => {
    const { state = 'open', head, base } = request.query;
    const found = repository.pulls.filter((pull) => {
      return (
        (state === 'all' || pull.state === state) &&
        (head === undefined || `${pull.from.owner}:${pull.head}`.toLowerCase() === head.toLowerCase()) &&
        (base === undefined || pull.base === base)
      );
    });
    return { status: 200, body: await Promise.all(found.map((pull) => payloads.pull(pull, account))) };
  },

  'POST /repos/{owner}/{repo}/pulls': openPull,

  'GET /repos/{owner}/{repo}/pulls/{pull_number}': async ({ payloads, repository, request, account }) => {
    const pull = pullOf(repository, request.params['pull_number']);
    return pull === undefined ? failure(404, 'Not Found') : { status: 200, body: await payloads.pull(pull, account) };
  },

  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge': async ({ hub, repository, request, account }) => {
    const pull = pullOf(repository, request.params['pull_number']);
    if (pull === undefined) return failure(404, 'Not Found');
    if (!hub.mayPush(repository, account)) return failure(403, 'Must have push access to merge');
    if (pull.state !== 'open') return failure(405, 'Pull Request is not mergeable');
    const wanted = z.object({ sha: z.string().optional() }).parse(request.body).sha;
    const head = await commitOf(pull.from, pull.head);
    if (wanted !== undefined && wanted !== head)
      return failure(409, 'Head branch was modified. Review and try the merge again.');
    const sha = await hub.merge(pull);
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  },

  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': ({ hub, payloads, repository, request, account }) => {
    const pull = pullOf(repository, request.params['issue_number']);
    if (pull === undefined) return Promise.resolve(failure(404, 'Not Found'));
    if (!hub.mayPush(repository, account)) return Promise.resolve(failure(403, 'Must have triage rights'));
    const { labels } = z.object({ labels: z.array(z.string()) }).parse(request.body);
    pull.labels.push(...labels.filter((label) => !pull.labels.includes(label)));
    return Promise.resolve({ status: 200, body: pull.labels.map((label) => payloads.label(label)) });
  },
};

async function openPull({ hub, payloads, repository, request, account }: Asked): Promise<ApiAnswer> {
  const {
    title,
    head: named,
    base,
    body,
    draft,
    maintainer_can_modify: maintainerCanModify,
  } = newPull.parse(request.body);
  const [owner = '', head = ''] = named.includes(':') ? named.split(':') : [repository.owner, named];
  const from = hub.repositories.find((one) => {
    return one.owner.toLowerCase() === owner.toLowerCase() && (one === repository || one.parent === repository);
  });
  if (from === undefined || (await commitOf(from, head)) === undefined) return invalid('head', 'invalid');
  if ((await commitOf(repository, base)) === undefined) return invalid('base', 'invalid');
  if (!hub.mayPush(from, account)) return failure(403, 'Resource not accessible');
  if (title.length > MAX_TITLE_LENGTH)
    return invalid('title', `is too long (maximum is ${MAX_TITLE_LENGTH} characters)`);
  if (body.length > MAX_BODY_LENGTH) return invalid('body', `is too long (maximum is ${MAX_BODY_LENGTH} characters)`);
  const facts = { title, body, draft, author: account, maintainerCanModify, into: repository, base, from, head };
  const isSame = (pull: HostedPull): boolean => pull.from === from && pull.head === head && pull.base === base;
  if (repository.pulls.some((pull) => pull.state === 'open' && isSame(pull))) {
    return refused(`A pull request already exists for ${from.owner}:${head}.`);
  }
  if ((await hub.countNew(repository, base, from, head)) === 0)
    return refused(`No commits between ${base} and ${head}`);
  const pull: HostedPull = {
    ...facts,
    number: repository.pulls.length + 1,
    labels: [],
    state: 'open',
    mergeSha: undefined,
  };
  repository.pulls.push(pull);
  return { status: 201, body: await payloads.pull(pull, account) };
}

function pullOf(repository: HostedRepository, number: string | undefined): HostedPull | undefined {
  return repository.pulls.find((pull) => String(pull.number) === number);
}

export function failure(status: number, message: string): ApiAnswer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

function invalid(field: string, problem: string): ApiAnswer {
  const isCode = problem === 'invalid';
  return unprocessable({
    resource: 'PullRequest',
    field,
    ...(isCode ? { code: problem } : { code: 'custom', message: `${field} ${problem}` }),
  });
}

function refused(message: string): ApiAnswer {
  return unprocessable({ resource: 'PullRequest', code: 'custom', message });
}

function unprocessable(error: Json): ApiAnswer {
  const { body } = failure(422, 'Validation Failed');
  return { status: 422, body: { ...(body as Json), errors: [error] } };
}
