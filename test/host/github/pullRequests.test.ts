/** GitHub's API as we use it, against a server that keeps to GitHub's own description of it. */
import assert from 'node:assert/strict';
import {
  addLabels,
  createPullRequest,
  findPullRequest,
  pullRequestState,
  type Proposal,
} from '../../../src/host/github/pullRequests';
import { forkRepository } from '../../../src/host/github/repositories';
import { git } from '../../../scripts/demo/repositories';
import { commitOf, commitTo, type HostedRepository } from '../../support/github/hub';
import { ACCOUNT, GitHubFixture, OWN, UPSTREAM } from '../../support/github/gitHubFixture';
import { failed } from '../../support/projects';

const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const LIST = 'GET /repos/{owner}/{repo}/pulls';

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
