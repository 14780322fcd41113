/** GitHub's API as we use it, against a server that keeps to GitHub's own description of it. */
import assert from 'node:assert/strict';
import { forkRepository, repositoryFacts } from '../../../src/host/github/repositories';
import { failure } from '../../support/github/operations';
import { GitHubFixture, OWN, UPSTREAM } from '../../support/github/gitHubFixture';
import { failed } from '../../support/projects';

const FACTS = 'GET /repos/{owner}/{repo}';
const FORK = 'POST /repos/{owner}/{repo}/forks';

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
