/** Work that is done, brought to a GitHub on loopback: real pushes, pull requests and merges. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import type { ErrorCode } from '../../../../src/kernel/errors/errors';
import { sha } from '../../../../src/kernel/text/gitNames';
import { completeSubtask, mergeSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { addGitHubProject } from '../../../../src/services/tasks/project/githubProjects';
import { landingOf } from '../../../../src/services/tasks/landing/pullRequests';
import { commitOf, type HostedRepository } from '../../../support/github/hub';
import { failure } from '../../../support/github/operations';
import {
  addCommit,
  startWork,
  projectDeps,
  proven,
  publisher,
  workDone,
  type Work,
} from '../../../support/github/projects';
import { GitHubFixture, OWN, UPSTREAM } from '../../../support/github/gitHubFixture';
import { itLong } from '../../../support/long';
import { failed, isCode, Projects } from '../../../support/projects';
import { planned } from '../../../support/tasks/taskRecord';

const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const LIST = 'GET /repos/{owner}/{repo}/pulls';

describe('publishing to GitHub', function () {
  this.timeout(120_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;

  beforeEach(async () => {
    kernel = await projects.create();
  });

  async function work(url: string, title?: string): Promise<Work> {
    return workDone(kernel, await addGitHubProject(projectDeps(gitHub, kernel), url), title);
  }

  function hosted({ owner, repo }: { owner: string; repo: string }): HostedRepository {
    return gitHub.hub.find(owner, repo) ?? assert.fail(`no repository ${owner}/${repo}`);
  }

  function branchOf({ subtask }: Work): string {
    return subtask.branchName ?? assert.fail('no branch');
  }

  /** Requests to the API since the last call. */
  function asked(): string[] {
    return gitHub.server.requests.splice(0).filter((request) => request.includes('/repos/'));
  }

  async function reasonOf(code: ErrorCode, pending: Promise<unknown>): Promise<string> {
    return (await failed(code, pending)).message;
  }

  it('pushes the branch and opens a pull request that tells what was done', async () => {
    const done = await work('ada/stamps');
    const { task, subtask } = done;
    const made = await publisher(gitHub, kernel, { draft: true, labels: ['agents'] })(done);
    assert.deepEqual(made, { url: `${gitHub.server.url}/ada/stamps/pull/1`, number: 1 });
    const head = await git(done.project.clonePath, ['rev-parse', branchOf(done)]);
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), head.trim());
    const pull = gitHub.server.pull('ada', 'stamps', 1);
    assert.equal(pull.title, `[IC-${task.id}.1] Count parcels`);
    assert.deepEqual(
      { base: pull.base, draft: pull.draft, labels: pull.labels },
      { base: 'main', draft: true, labels: ['agents'] },
    );
    assert.match(pull.body, /^## Summary\n\nCount parcels\n\n## Commits\n\n- [0-9a-f]{8} Add /);
    assert.ok(pull.body.includes(`Add ${subtask.id}.txt`));
  });

  itLong('finds done what was done already', async () => {
    const done = await work('ada/stamps');
    const publish = publisher(gitHub, kernel);
    const first = await publish(done);
    await addCommit(done.project, 'more.txt');
    assert.deepEqual(await publish(await proven(kernel, done)), first);
    assert.equal(hosted(OWN).pulls.length, 1);
    const head = await git(done.project.clonePath, ['rev-parse', 'HEAD']);
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), head.trim());
  });

  it('pushes the proven commit, and none that came after it', async () => {
    const done = await work('ada/stamps');
    const later = await addCommit(done.project, 'later.txt');
    await publisher(gitHub, kernel)(done);
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), done.subtask.provenSha);
    assert.notEqual(done.subtask.provenSha, later);
    assert.doesNotMatch(gitHub.server.pull('ada', 'stamps', 1).body, /later/);
  });

  it('brings work of a fork to the repository that was forked (D19)', async () => {
    const done = await work('octo/Parcels');
    const made = await publisher(gitHub, kernel, { labels: ['agents'] })(done);
    assert.equal(made?.url, `${gitHub.server.url}/octo/Parcels/pull/1`);
    const pull = gitHub.server.pull(UPSTREAM.owner, UPSTREAM.repo, 1);
    assert.deepEqual(
      { owner: pull.from.owner, maintainerCanModify: pull.maintainerCanModify, labels: pull.labels },
      { owner: 'ada', maintainerCanModify: true, labels: [] },
    );
    assert.equal(hosted({ owner: 'ada', repo: 'Parcels' }).pulls.length, 0);
    assert.match(gitHub.logged.join('\n'), /pull request not labeled.*Must have triage rights/);
    assert.equal(await commitOf(hosted(UPSTREAM), branchOf(done)), undefined);
  });

  itLong('links the pull requests of what it waited for', async () => {
    const project = await addGitHubProject(projectDeps(gitHub, kernel), 'ada/stamps');
    const { subtasks } = await kernel.write((u) => planned(u, { Ground: [], House: ['Ground'] }));
    const [ground, house] = [subtasks['Ground']?.id ?? '', subtasks['House']?.id ?? ''];
    const pullRequest = await publisher(gitHub, kernel)(await startWork(kernel, project, ground));
    await gitHub.server.merge('ada', 'stamps', 1);
    await kernel.write((u) => {
      completeSubtask(u, ground, { pullRequest });
      mergeSubtask(u, ground);
    });
    await publisher(gitHub, kernel)(await startWork(kernel, project, house));
    const { body } = gitHub.server.pull('ada', 'stamps', 2);
    assert.ok(body.includes(`## Depends on\n\n- ${gitHub.server.url}/ada/stamps/pull/1\n`), body);
  });

  it('continues after a push that was refused, with its reason (D3)', async () => {
    const done = await work('ada/stamps');
    hosted(OWN).pushers.clear();
    assert.match(
      await reasonOf('GIT_FAILED', publisher(gitHub, kernel)(done)),
      /403|Permission to ada\/stamps\.git denied/,
    );
    const hook = path.join(hosted(OWN).folder, 'hooks', 'update');
    hosted(OWN).pushers.add('ada');
    await writeFile(hook, '#!/bin/sh\necho "GH006: Protected branch update failed" >&2\nexit 1\n', { mode: 0o755 });
    assert.match(
      await reasonOf('GIT_FAILED', publisher(gitHub, kernel)(done)),
      /GH006: Protected branch update failed/,
    );
    assert.equal(hosted(OWN).pulls.length, 0);
    await writeFile(hook, '#!/bin/sh\nexit 0\n');
    assert.equal((await publisher(gitHub, kernel)(done))?.number, 1);
  });

  it('continues after a pull request that was refused, without another push of anything new (D3)', async () => {
    const done = await work('ada/stamps');
    const broken = failure(502, 'Bad Gateway');
    gitHub.server.fail(OPEN, broken, broken, broken);
    assert.match(await reasonOf('GITHUB_FAILED', publisher(gitHub, kernel)(done)), /Bad Gateway/);
    const pushed = await commitOf(hosted(OWN), branchOf(done));
    assert.equal((await publisher(gitHub, kernel)(done))?.number, 1);
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), pushed);
  });

  it('adopts a pull request that another program opened in the meantime (422)', async () => {
    const done = await work('ada/stamps');
    const first = await publisher(gitHub, kernel)(done);
    asked();
    gitHub.server.fail(LIST, { status: 200, body: [] });
    assert.deepEqual(await publisher(gitHub, kernel)(done), first);
    assert.deepEqual(asked(), [`${LIST} 200`, `${OPEN} 422`, `${LIST} 200`]);
  });

  it('says that there is nothing to propose, with and without asking GitHub (422)', async () => {
    const done = await work('ada/stamps');
    const landed = await git(done.project.clonePath, ['rev-parse', branchOf(done)]);
    await git(hosted(OWN).folder, ['fetch', '--quiet', done.project.clonePath, `${branchOf(done)}:refs/heads/main`]);
    assert.equal(await commitOf(hosted(OWN), 'main'), landed.trim());
    await assert.rejects(publisher(gitHub, kernel)(done), isCode('PULL_REQUEST_EMPTY'));
    asked();
    const nothing = { ...done, subtask: { ...done.subtask, baseSha: sha.parse(landed.trim()) } };
    await assert.rejects(publisher(gitHub, kernel)(nothing), isCode('PULL_REQUEST_EMPTY'));
    assert.deepEqual(asked(), []);
  });

  it('asks for a fresh token in the middle, for the push and for the pull request (401)', async () => {
    const done = await work('ada/stamps');
    const stale = gitHub.token;
    gitHub.hub.tokens.clear();
    gitHub.server.fail(OPEN, { ...failure(401, 'Bad credentials'), before: () => gitHub.hub.tokens.clear() });
    assert.equal((await publisher(gitHub, kernel)(done))?.number, 1);
    assert.equal(gitHub.refused.length, 2);
    assert.equal(gitHub.refused[0], stale);
  });

  it('names the limit that stopped it, and continues afterwards', async () => {
    const done = await work('ada/stamps');
    const headers = { 'retry-after': '1800' };
    gitHub.server.fail(OPEN, { ...failure(403, 'You have exceeded a secondary rate limit'), headers });
    await assert.rejects(publisher(gitHub, kernel)(done), isCode('GITHUB_RATE_LIMIT'));
    assert.equal((await publisher(gitHub, kernel)(done))?.number, 1);
  });

  it('replaces what we pushed when the work is started again, and never what others added (D8)', async () => {
    const done = await work('ada/stamps');
    const { project, subtask } = done;
    await publisher(gitHub, kernel)(done);
    await git(project.clonePath, ['reset', '--quiet', '--hard', subtask.baseSha ?? '']);
    const added = await addCommit(project, 'again.txt');
    await publisher(gitHub, kernel)(await proven(kernel, done));
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), added);
    const theirs = await git(hosted(OWN).folder, [
      ...['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com'],
      ...['commit-tree', `${added}^{tree}`, '-p', added, '-m', 'A person helps'],
    ]);
    await git(hosted(OWN).folder, ['update-ref', `refs/heads/${branchOf(done)}`, theirs.trim()]);
    await git(project.clonePath, ['fetch', '--quiet', hosted(OWN).folder, '+refs/heads/*:refs/remotes/origin/*']);
    await git(project.clonePath, ['reset', '--quiet', '--hard', subtask.baseSha ?? '']);
    await addCommit(project, 'again.txt');
    const again = await proven(kernel, done);
    assert.match(await reasonOf('GIT_FAILED', publisher(gitHub, kernel)(again)), /rejected|stale info/);
    assert.equal(await commitOf(hosted(OWN), branchOf(done)), theirs.trim());
  });

  itLong('does nothing for a project that lands on this machine', async () => {
    const done = await work('ada/stamps');
    asked();
    assert.equal(await publisher(gitHub, kernel)({ ...done, project: { ...done.project, remote: null } }), null);
    assert.deepEqual(asked(), []);
  });

  it('takes titles and texts as they are, whatever is in them', async () => {
    const hostile = '"$(touch owned)" `rm -rf .` --force @{-1} ../../x <img src=x> \u001b[31mred | # *b*';
    const done = await work('ada/stamps', hostile);
    const spec = `${hostile}\n\`\`\`sh\nnever closed\n${'é😀'.repeat(40_000)}`;
    const acceptanceCriteria = `- ${'long '.repeat(20_000)}`;
    await publisher(gitHub, kernel)({ ...done, subtask: { ...done.subtask, spec, acceptanceCriteria } });
    const { title, body } = gitHub.server.pull('ada', 'stamps', 1);
    assert.equal(title, `[IC-${done.task.id}.1] ${hostile.replace('\u001b[31m', '')}`);
    assert.ok(body.length <= 65_536 && body.length > 60_000, String(body.length));
    assert.match(body, /^## Summary\n/);
    assert.match(body, /\n```\n\n## Acceptance criteria\n/);
    assert.equal(/\u001b|\p{Surrogate}/u.test(body), false);
    assert.equal(await git(done.project.clonePath, ['status', '--porcelain']), '');
  });
});

describe('what has become of a pull request', function () {
  this.timeout(120_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();

  it('is asked where it is: open, merged with the commit, closed, or none', async () => {
    const kernel = await projects.create();
    const done = await workDone(kernel, await addGitHubProject(projectDeps(gitHub, kernel), 'octo/Parcels'));
    const landing = (prNumber: number | null): ReturnType<typeof landingOf> => {
      return landingOf(gitHub.api(), done.project, { ...done.subtask, prNumber });
    };
    assert.deepEqual(await landing(null), { kind: 'none' });
    const { url, number } = (await publisher(gitHub, kernel)(done)) ?? assert.fail('no pull request');
    const head = done.subtask.provenSha;
    assert.deepEqual(await landing(number), { kind: 'open', url, head });
    const pull = gitHub.server.pull(UPSTREAM.owner, UPSTREAM.repo, number);
    pull.state = 'closed';
    assert.deepEqual(await landing(number), { kind: 'closed', url, head });
    pull.state = 'open';
    const sha = await gitHub.server.merge(UPSTREAM.owner, UPSTREAM.repo, number);
    assert.deepEqual(await landing(number), { kind: 'merged', url, sha, head });
    const landed = await git(pull.into.folder, ['show', `main:${done.subtask.id}.txt`]);
    assert.equal(landed, `${done.subtask.id}.txt`);
    await assert.rejects(landing(99), isCode('GITHUB_NOT_FOUND'));
  });
});
