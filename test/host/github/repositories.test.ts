/** GitHub's API as we use it, against a server that keeps to GitHub's own description of it. */
import assert from 'node:assert/strict';
import { forkRepository, mergeUpstream, repositoryFacts } from '../../../src/host/github/repositories';
import { commitOf, commitTo } from '../../support/github/hub';
import { ACCOUNT, GitHubFixture, OWN, UPSTREAM } from '../../support/github/gitHubFixture';
import { failed } from '../../support/projects';

const FORK = 'POST /repos/{owner}/{repo}/forks';

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
