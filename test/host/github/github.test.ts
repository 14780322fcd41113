/** GitHub's API as we use it, against a server that keeps to GitHub's own description of it. */
import assert from 'node:assert/strict';
import { cloneUrl, gitHubAddress } from '../../../src/host/github/address';
import {
  addLabels,
  createPullRequest,
  findPullRequest,
  pullRequestState,
  type Proposal,
} from '../../../src/host/github/pullRequests';
import { forkRepository, mergeUpstream, repositoryFacts } from '../../../src/host/github/repositories';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors/errors';
import { git } from '../../../scripts/demo/repositories';
import { commitOf, type HostedRepository } from '../../support/github/hub';
import { failure } from '../../support/github/operations';
import { ACCOUNT, GitHubFixture, OWN, UPSTREAM } from '../../support/github/gitHubFixture';
import { isCode } from '../../support/projects';

const FACTS = 'GET /repos/{owner}/{repo}';
const FORK = 'POST /repos/{owner}/{repo}/forks';
const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const LIST = 'GET /repos/{owner}/{repo}/pulls';

async function failed<C extends ErrorCode>(code: C, work: Promise<unknown>): Promise<KernelError<C>> {
  const error: unknown = await work.then(
    () => assert.fail(`expected ${code}`),
    (reason: unknown) => reason,
  );
  if (KernelError.is(error, code)) return error;
  throw error;
}

describe('the address of GitHub', () => {
  it('is the public one where none is set', () => {
    const expected = { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' };
    for (const text of ['', '  ', 'https://github.com', 'https://www.github.com/', 'https://api.github.com']) {
      assert.deepEqual(gitHubAddress(text), expected, text);
    }
  });

  it('is that of an enterprise server, with its port, with or without the path of its API', () => {
    for (const text of ['https://git.example.com:8443', 'https://git.example.com:8443/api/v3/']) {
      const webUrl = 'https://git.example.com:8443';
      assert.deepEqual(gitHubAddress(text), { webUrl, apiUrl: `${webUrl}/api/v3` });
    }
    const hosted = { webUrl: 'https://acme.ghe.com', apiUrl: 'https://api.acme.ghe.com' };
    assert.deepEqual(gitHubAddress('https://acme.ghe.com'), hosted);
    assert.deepEqual(gitHubAddress('https://api.acme.ghe.com'), hosted);
  });

  it('is never one that would show the token', () => {
    for (const text of ['http://git.example.com', 'git.example.com', 'file:///tmp', 'https://me:pw@git.example.com']) {
      assert.throws(() => gitHubAddress(text), isCode('INVALID_ARGUMENT'), text);
    }
  });

  it('makes addresses for git from names that GitHub gives, and from no others', () => {
    const address = gitHubAddress('');
    assert.equal(cloneUrl(address, { owner: 'octo', repo: '-x.y_z' }), 'https://github.com/octo/-x.y_z.git');
    const hostile = ['', '.', '..', '../x', 'a/b', 'a@evil.example', 'a?b', 'a#b', 'a b', 'a\nb', 'a%2fb', 'é'];
    for (const name of hostile) {
      assert.throws(() => cloneUrl(address, { owner: name, repo: 'r' }), isCode('INVALID_ARGUMENT'), name);
      assert.throws(() => cloneUrl(address, { owner: 'o', repo: name }), isCode('INVALID_ARGUMENT'), name);
    }
    assert.throws(() => cloneUrl(address, { owner: '-o', repo: 'r' }), isCode('INVALID_ARGUMENT'));
  });
});

describe('requests to GitHub', function () {
  this.timeout(60_000);
  const gitHub = GitHubFixture.ofSuite();

  it('ask with a fresh token, once, where the old one is refused in the middle', async () => {
    const old = gitHub.token;
    gitHub.hub.tokens.clear();
    assert.equal((await repositoryFacts(gitHub.api(), OWN)).mayPush, true);
    assert.deepEqual(gitHub.refused, [old]);
    assert.deepEqual(gitHub.server.requests, [`${FACTS} 401`, `${FACTS} 200`]);
  });

  it('tell that the sign-in is not accepted, and do not ask again and again', async () => {
    gitHub.server.fail(FACTS, failure(401, 'Bad credentials'), failure(401, 'Bad credentials'));
    const error = await failed('GITHUB_AUTH', repositoryFacts(gitHub.api(), OWN));
    assert.equal(error.facts.problem.text, 'Bad credentials');
    assert.equal(gitHub.refused.length, 1);
    assert.equal(gitHub.server.requests.length, 2);
  });

  it('are repeated after failures that pass', async () => {
    gitHub.server.fail(FACTS, 'drop', failure(502, 'Bad Gateway'));
    assert.equal((await repositoryFacts(gitHub.api(), OWN)).repo, OWN.repo);
    assert.deepEqual(gitHub.server.requests, [`${FACTS} dropped`, `${FACTS} 502`, `${FACTS} 200`]);
  });

  it('end with the real reason after three tries', async () => {
    const busy = failure(503, 'No server is currently available');
    gitHub.server.fail(FACTS, busy, busy, busy);
    const { facts } = await failed('GITHUB_FAILED', repositoryFacts(gitHub.api(), OWN));
    assert.deepEqual(
      { status: facts.status, problem: facts.problem.text },
      { status: 503, problem: 'No server is currently available' },
    );
    gitHub.server.fail(FACTS, 'drop', 'drop', 'drop');
    const { facts: gone } = await failed('GITHUB_UNREACHABLE', repositoryFacts(gitHub.api(), OWN));
    assert.equal(gone.host, '127.0.0.1');
  });

  it('wait for a short limit, and name the time of a long one at once', async () => {
    const secondary = failure(403, 'You have exceeded a secondary rate limit.');
    gitHub.server.fail(FACTS, { ...secondary, headers: { 'retry-after': '1' } });
    const before = performance.now();
    await repositoryFacts(gitHub.api(), OWN);
    // A timer may fire within the millisecond before its time.
    assert.ok(performance.now() - before >= 999);
    const reset = Math.ceil(Date.now() / 1000) + 1800;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    gitHub.server.fail(FACTS, { ...failure(403, 'API rate limit exceeded'), headers });
    const { facts, message } = await failed('GITHUB_RATE_LIMIT', repositoryFacts(gitHub.api(), OWN));
    const expected = new Date(reset * 1000).toISOString().slice(0, 19).replace('T', ' ');
    assert.equal(facts.resetsAt, `${expected} UTC`);
    assert.match(message, new RegExp(expected));
    gitHub.server.fail(FACTS, secondary);
    await failed('GITHUB_RATE_LIMIT', repositoryFacts(gitHub.api({ patienceMs: 1000 }), OWN));
    gitHub.server.fail(FACTS, failure(429, 'Too many requests'));
    await failed('GITHUB_RATE_LIMIT', repositoryFacts(gitHub.api({ patienceMs: 1000 }), OWN));
  });

  it('take a refusal for a refusal, not for a limit', async () => {
    gitHub.server.fail(FACTS, failure(403, 'Resource protected by organization SAML enforcement'));
    const { facts } = await failed('GITHUB_FAILED', repositoryFacts(gitHub.api(), OWN));
    assert.deepEqual(
      { status: facts.status, problem: facts.problem.text },
      { status: 403, problem: 'Resource protected by organization SAML enforcement' },
    );
    assert.equal(gitHub.server.requests.length, 1);
  });

  it('are broken off at once', async () => {
    gitHub.server.fail(FACTS, { ...failure(403, 'slow down'), headers: { 'retry-after': '50' } });
    const stopping = new AbortController();
    const pending = repositoryFacts(gitHub.api(), OWN, stopping.signal);
    await gitHub.server.reached(FACTS);
    stopping.abort();
    await assert.rejects(pending, { name: 'AbortError' });
    await assert.rejects(repositoryFacts(gitHub.api(), OWN, stopping.signal), { name: 'AbortError' });
    assert.equal(gitHub.server.requests.length, 1);
  });

  it('do not lead what they change to another place', async () => {
    const moved = { ...failure(307, 'Moved Permanently'), headers: { location: `${gitHub.server.url}/elsewhere` } };
    gitHub.server.fail(FORK, moved);
    const { facts } = await failed('GITHUB_FAILED', forkRepository(gitHub.api(), UPSTREAM));
    assert.deepEqual(
      { status: facts.status, problem: facts.problem.text },
      { status: 307, problem: 'Moved Permanently' },
    );
  });

  it('say so where an answer is not understood', async () => {
    gitHub.server.fail(FACTS, { status: 200, body: { name: 'stamps' } });
    const { facts } = await failed('GITHUB_FAILED', repositoryFacts(gitHub.api(), OWN));
    assert.match(facts.problem.text, /not understood: default_branch/);
    assert.match(gitHub.server.violations.splice(0).join('\n'), /required property/);
  });

  it('never show the token, even where GitHub repeats it', async () => {
    gitHub.server.fail(FACTS, failure(403, `The token ${gitHub.token} is odd`));
    const error = await failed('GITHUB_FAILED', repositoryFacts(gitHub.api(), OWN));
    assert.equal(error.message.includes(gitHub.token), false);
    assert.match(error.message, /The token \*\*\* is odd/);
    assert.equal(gitHub.logged.join('\n').includes(gitHub.token), false);
  });
});

describe('repositories on GitHub', function () {
  this.timeout(60_000);
  const gitHub = GitHubFixture.ofSuite();

  it('are known by the names GitHub writes, with the right to push', async () => {
    const facts = await repositoryFacts(gitHub.api(), { owner: 'OCTO', repo: 'parcels' });
    const expected = { ...UPSTREAM, defaultBranch: 'main', isArchived: false, mayPush: false, parent: null };
    assert.deepEqual(facts, expected);
    assert.equal((await repositoryFacts(gitHub.api(), OWN)).mayPush, true);
  });

  it('are unknown where they are private to others', async () => {
    await gitHub.hub.add({ owner: 'octo', repo: 'secret', isPrivate: true });
    for (const repo of ['secret', 'nothing']) {
      const { facts } = await failed('GITHUB_NOT_FOUND', repositoryFacts(gitHub.api(), { owner: 'octo', repo }));
      assert.equal(facts.name, `octo/${repo}`);
    }
  });

  it('are forked once, and the same fork is found again', async () => {
    const fork = await forkRepository(gitHub.api(), UPSTREAM);
    assert.deepEqual(
      { owner: fork.owner, repo: fork.repo, parent: fork.parent },
      { owner: ACCOUNT, repo: UPSTREAM.repo, parent: UPSTREAM },
    );
    assert.deepEqual(await forkRepository(gitHub.api(), UPSTREAM), fork);
  });

  it('are forked under the name GitHub gives, where a repository of that name is there already (D8)', async () => {
    await gitHub.hub.add({ owner: ACCOUNT, repo: UPSTREAM.repo });
    assert.equal((await forkRepository(gitHub.api(), UPSTREAM)).repo, 'Parcels-1');
  });

  it('are refused as a fork where they are none of that repository (D8)', async () => {
    const other = gitHub.hub.find(OWN.owner, OWN.repo) ?? assert.fail('no repository');
    gitHub.server.fail(FORK, { status: 202, body: gitHub.server.payloads.repository(other, ACCOUNT) });
    const { facts } = await failed('GITHUB_FAILED', forkRepository(gitHub.api(), UPSTREAM));
    assert.equal(facts.problem.text, 'ada/stamps is not a fork of octo/Parcels');
  });

  it('are waited for while a fork is being made, and not forever', async () => {
    gitHub.hub.forkLooks = 3;
    let waits = 0;
    const options = { waitsMs: [1, 1, 1], onWait: () => (waits += 1) };
    await forkRepository(gitHub.api(), UPSTREAM, options);
    assert.equal(waits, 3);
    await gitHub.hub.add({ owner: 'octo', repo: 'big', contentOf: gitHub.content });
    gitHub.hub.forkLooks = 9;
    const { facts } = await failed(
      'GITHUB_FAILED',
      forkRepository(gitHub.api(), { owner: 'octo', repo: 'big' }, options),
    );
    assert.match(facts.problem.text, /still not ready/);
  });

  it('are not waited for once the caller stops', async () => {
    gitHub.hub.forkLooks = 9;
    const stopping = new AbortController();
    const onWait = (): void => stopping.abort();
    await assert.rejects(forkRepository(gitHub.api(), UPSTREAM, { signal: stopping.signal, onWait }), {
      name: 'AbortError',
    });
  });

  it('are brought up to their upstream without force (D8)', async () => {
    const { owner, repo } = await forkRepository(gitHub.api(), UPSTREAM);
    const [fork, upstream] = [gitHub.hub.find(owner, repo), gitHub.hub.find(UPSTREAM.owner, UPSTREAM.repo)];
    assert.ok(fork && upstream);
    assert.equal(await mergeUpstream(gitHub.api(), fork, 'main'), 'none');
    await commitTo(upstream, 'main', 'theirs');
    assert.equal(await mergeUpstream(gitHub.api(), fork, 'main'), 'fast-forward');
    assert.equal(await commitOf(fork, 'main'), await commitOf(upstream, 'main'));
    await commitTo(upstream, 'main', 'theirs again');
    await commitTo(fork, 'main', 'ours');
    const ours = await commitOf(fork, 'main');
    assert.equal(await mergeUpstream(gitHub.api(), fork, 'main'), 'diverged');
    assert.equal(await commitOf(fork, 'main'), ours);
  });
});

describe('pull requests on GitHub', function () {
  this.timeout(60_000);
  const gitHub = GitHubFixture.ofSuite();
  const text = { title: 'Count stamps', body: 'They are many.', draft: false };
  const proposal: Proposal = { into: OWN, base: 'main', headOwner: ACCOUNT, head: 'work' };

  beforeEach(async () => {
    await commitTo(own(), 'work', 'Count stamps');
  });

  function own(): HostedRepository {
    return gitHub.hub.find(OWN.owner, OWN.repo) ?? assert.fail('no repository');
  }

  it('are opened, found, labeled and checked', async () => {
    const api = gitHub.api();
    assert.equal(await findPullRequest(api, proposal), undefined);
    const made = await createPullRequest(api, proposal, { ...text, draft: true });
    assert.deepEqual(made, { number: 1, url: `${gitHub.server.url}/ada/stamps/pull/1` });
    assert.deepEqual(await findPullRequest(api, proposal), made);
    assert.equal(await findPullRequest(api, { ...proposal, head: 'other' }), undefined);
    await addLabels(api, OWN, 1, ['agents', 'good & cheap']);
    const pull = gitHub.server.pull(OWN.owner, OWN.repo, 1);
    assert.deepEqual(
      { draft: pull.draft, title: pull.title, labels: pull.labels },
      { draft: true, title: text.title, labels: ['agents', 'good & cheap'] },
    );
    const head = await commitOf(own(), 'work');
    assert.deepEqual(await pullRequestState(api, OWN, 1), { kind: 'open', url: made.url, head });
    const sha = await gitHub.server.merge(OWN.owner, OWN.repo, 1);
    assert.deepEqual(await pullRequestState(api, OWN, 1), { kind: 'merged', url: made.url, sha, head });
    assert.equal(await findPullRequest(api, proposal), undefined);
  });

  it('are distinguished from those that were closed, or never existed', async () => {
    const { url } = await createPullRequest(gitHub.api(), proposal, text);
    gitHub.server.pull(OWN.owner, OWN.repo, 1).state = 'closed';
    const head = await commitOf(own(), 'work');
    assert.deepEqual(await pullRequestState(gitHub.api(), OWN, 1), { kind: 'closed', url, head });
    const { facts } = await failed('GITHUB_NOT_FOUND', pullRequestState(gitHub.api(), OWN, 7));
    assert.equal(facts.name, 'ada/stamps#7');
  });

  it('are adopted where GitHub says that there is one already', async () => {
    const made = await createPullRequest(gitHub.api(), proposal, text);
    assert.deepEqual(await createPullRequest(gitHub.api(), proposal, text), made);
    assert.deepEqual(gitHub.server.requests.slice(-2), [`${OPEN} 422`, `${LIST} 200`]);
    assert.equal(own().pulls.length, 1);
  });

  it('are made once although the connection was lost in the middle', async () => {
    gitHub.server.fail(OPEN, 'drop');
    assert.equal((await createPullRequest(gitHub.api(), proposal, text)).number, 1);
  });

  it('are not made of a branch without a commit of its own', async () => {
    await git(own().folder, ['branch', 'idle', 'main']);
    const { facts } = await failed(
      'PULL_REQUEST_EMPTY',
      createPullRequest(gitHub.api(), { ...proposal, head: 'idle' }, text),
    );
    assert.deepEqual(facts, { head: 'idle', base: 'main' });
  });

  it('are refused with the field that GitHub does not like', async () => {
    const { facts } = await failed(
      'GITHUB_FAILED',
      createPullRequest(gitHub.api(), { ...proposal, base: 'gone' }, text),
    );
    assert.deepEqual(
      { status: facts.status, problem: facts.problem.text },
      { status: 422, problem: 'Validation Failed; invalid' },
    );
    const long = createPullRequest(gitHub.api(), proposal, { ...text, title: 'x'.repeat(257) });
    assert.match((await failed('GITHUB_FAILED', long)).message, /title is too long/);
  });

  it('come from a fork into what was forked, open to its people (D19)', async () => {
    const { owner, repo } = await forkRepository(gitHub.api(), UPSTREAM);
    await commitTo(gitHub.hub.find(owner, repo) ?? assert.fail('no fork'), 'work', 'Find parcels');
    const across = { ...proposal, into: UPSTREAM };
    const made = await createPullRequest(gitHub.api(), across, text);
    assert.equal(made.url, `${gitHub.server.url}/octo/Parcels/pull/1`);
    const sent = gitHub.server.bodies.get(OPEN);
    assert.deepEqual(sent, { ...text, base: 'main', head: 'ada:work', maintainer_can_modify: true });
    assert.deepEqual(await findPullRequest(gitHub.api(), across), made);
  });
});

/** Puts a commit on a branch of a bare repository, as a push would. */
async function commitTo({ folder }: HostedRepository, branch: string, message: string): Promise<void> {
  const identity = ['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com'];
  const parent = (await git(folder, ['for-each-ref', '--format=%(refname)', `refs/heads/${branch}`])).trim();
  const from = parent === '' ? 'refs/heads/main' : parent;
  const commit = ['commit-tree', `${from}^{tree}`, '-p', from, '-m', message];
  const sha = (await git(folder, [...identity, ...commit])).trim();
  await git(folder, ['update-ref', `refs/heads/${branch}`, sha]);
}
