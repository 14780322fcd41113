/** Tasks of a project on GitHub, from their plan to done: real agents, pushes, pull requests and merges on loopback. */
import assert from 'node:assert/strict';
import { git } from '../../../../scripts/demo/repositories';
import { getRun } from '../../../../src/kernel/run/record/queries';
import type { Project, Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { isHeld } from '../../../../src/kernel/tasks/subtask/held';
import {
  completeWithoutPullRequest,
  failSubtask,
  resumePublishing,
} from '../../../../src/kernel/tasks/subtask/progress';
import type { ProjectDeps } from '../../../../src/services/tasks/deps';
import { markMerged, mergeWhereItBelongs, type MergeDeps } from '../../../../src/services/tasks/landing/merge';
import { mergePullRequest } from '../../../../src/host/github/pullRequests';
import { checkPullRequests } from '../../../../src/services/tasks/landing/pullRequestWatch';
import { syncProject } from '../../../../src/services/tasks/landing/sync';
import { commitOf } from '../../../support/github/hub';
import { failure } from '../../../support/github/operations';
import { publisher, projectForAgents, taskIn } from '../../../support/github/projects';
import { GitHubFixture } from '../../../support/github/gitHubFixture';
import { itLong } from '../../../support/long';
import { isCode } from '../../../support/projects';
import { DIAMOND_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

const OPEN = 'POST /repos/{owner}/{repo}/pulls';

describe('tasks on GitHub', function () {
  this.timeout(240_000);
  const gitHub = GitHubFixture.ofSuite();
  let fixture: TaskFixture;
  let project: Project;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.publish = publisher(gitHub, fixture.kernel);
    fixture.transport = gitHub.transport();
  });
  afterEach(() => fixture.close());

  const deps = (): MergeDeps => {
    const landing: ProjectDeps = { kernel: fixture.kernel, git: gitHub.git(), log: gitHub.log };
    return { ...landing, transport: gitHub.transport(), github: () => gitHub.api() };
  };

  async function startTask(url: string): Promise<Task> {
    project = await projectForAgents(gitHub, fixture.kernel, url);
    fixture.start();
    const task = await taskIn(fixture.kernel, project);
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    return task;
  }

  const only = (task: Task): Subtask => fixture.read(task).subtasks[0] ?? assert.fail('no subtask');
  const named = (task: Task, title: string): Subtask =>
    fixture.read(task).subtasks.find((subtask) => subtask.title === title) ?? assert.fail(`no subtask ${title}`);
  const whenStatus = (id: string, status: string): Promise<void> =>
    fixture.when(`${id} is ${status}`, () => fixture.subtask(id).status === status);

  it('takes a fork from a task to done: four pull requests, merged by the page, by us, and seen by looking', async () => {
    await fixture.agents(DIAMOND_PLANNER, WORKER);
    fixture.pullRequests = { github: () => gitHub.api(), everyMs: () => 50 };
    const task = await startTask('octo/Parcels');
    const upstream = gitHub.hub.find('octo', 'Parcels') ?? assert.fail('no upstream');
    const a = named(task, 'Write A').id;
    await whenStatus(a, 'COMPLETED');
    assert.equal(fixture.subtask(a).prUrl, `${gitHub.server.url}/octo/Parcels/pull/1`);
    await assert.rejects(mergeWhereItBelongs(deps(), a), isCode('GITHUB_FAILED'), 'the account may not');
    await assert.rejects(markMerged(deps(), a, { verify: true }), isCode('PULL_REQUEST_UNMERGED'));
    await gitHub.server.merge('octo', 'Parcels', fixture.subtask(a).prNumber ?? 0);
    await whenStatus(a, 'MERGED');

    upstream.pushers.add('ada');
    for (const title of ['Write B', 'Write C', 'Write D']) {
      const { id } = named(task, title);
      await whenStatus(id, 'COMPLETED');
      await mergeWhereItBelongs(deps(), id);
    }
    await fixture.when('done', () => fixture.read(task).task.status === 'DONE');
    assert.equal(fixture.kernel.read((r) => getRun(r, task.runId)).status, 'completed');
    for (const { id, prNumber } of fixture.read(task).subtasks) {
      assert.equal((await git(upstream.folder, ['show', `main:${id}.txt`])).trim(), 'work');
      assert.ok(prNumber !== null);
    }
    assert.equal(upstream.pulls.length, 4);
    assert.equal((await git(project.clonePath, ['worktree', 'list'])).trim().split('\n').length, 1);
    assert.equal((await git(project.clonePath, ['status', '--porcelain'])).trim(), '');
  });

  itLong(
    'holds work whose pull request is refused, with the reason, and brings it out alone afterwards (D3)',
    async () => {
      await fixture.agents(SINGLE, WORKER);
      const refused = failure(403, 'Resource not accessible by integration');
      gitHub.server.fail(OPEN, refused, refused, refused);
      const task = await startTask('ada/stamps');
      const { id } = only(task);
      await fixture.when('held', () => isHeld(fixture.subtask(id)));
      const held = fixture.subtask(id);
      assert.equal(held.stage, 'pr', 'it is pushed');
      assert.match(held.lastError ?? '', /Resource not accessible by integration/);
      await fixture.kernel.write((u) => void resumePublishing(u, id));
      await whenStatus(id, 'COMPLETED');
      assert.equal(gitHub.hub.find('ada', 'stamps')?.pulls.length, 1);
      assert.equal(fixture.attempts(task, id).length, 1, 'no agent works again');
    },
  );

  itLong('tells the next attempt where there is nothing left to propose (422)', async () => {
    await fixture.agents(SINGLE, WORKER);
    const body = { ...(failure(422, 'Validation Failed').body as object) };
    const errors = [{ resource: 'PullRequest', code: 'custom', message: 'No commits between main and it' }];
    gitHub.server.fail(OPEN, { status: 422, body: { ...body, errors } });
    const task = await startTask('ada/stamps');
    const { id } = only(task);
    await whenStatus(id, 'COMPLETED');
    assert.equal(fixture.attempts(task, id).length, 2);
    const [, second] = fixture.attempts(task, id);
    assert.equal(second?.status, 'SUCCEEDED');
  });

  itLong('continues with a fresh sign-in where GitHub refuses the old one in the middle (401)', async () => {
    await fixture.agents(SINGLE, WORKER);
    gitHub.server.fail(OPEN, { ...failure(401, 'Bad credentials'), before: () => gitHub.hub.tokens.clear() });
    const task = await startTask('ada/stamps');
    await whenStatus(only(task).id, 'COMPLETED');
    assert.equal(gitHub.refused.length, 1);
  });

  it('stops in the middle of a push, and leaves no git running', async () => {
    await fixture.agents(SINGLE, WORKER);
    const task = await startTask('ada/stamps');
    const { id } = only(task);
    const go = gitHub.server.holdGit();
    await Promise.race([gitHub.server.reached('info/refs'), whenStatus(id, 'COMPLETED')]);
    await fixture.kernel.write((u) => void failSubtask(u, id, 'stopped'));
    go();
    assert.equal(fixture.subtask(id).blockedReason, 'FAILURE');
    assert.equal(fixture.subtask(id).prNumber, null);
  });

  itLong(
    'says that a pull request was closed, takes it back where it is opened again, and obeys a person',
    async () => {
      await fixture.agents(SINGLE, WORKER);
      const task = await startTask('ada/stamps');
      const { id } = only(task);
      await whenStatus(id, 'COMPLETED');
      const pull = gitHub.server.pull('ada', 'stamps', 1);
      pull.state = 'closed';
      assert.deepEqual(await checkPullRequests(deps(), gitHub.api()), []);
      assert.match(fixture.subtask(id).lastError ?? '', /closed without a merge/);
      await assert.rejects(mergeWhereItBelongs(deps(), id), isCode('PULL_REQUEST_UNMERGED'));
      pull.state = 'open';
      await checkPullRequests(deps(), gitHub.api());
      assert.equal(fixture.subtask(id).lastError, null);
      const outcome = await markMerged(deps(), id, { verify: false });
      assert.equal(outcome.taskDone, true);
      const branch = outcome.subtask.branchName ?? '';
      assert.ok((await git(project.clonePath, ['branch', '--list', branch])).includes(branch), 'unmerged work stays');
    },
  );

  itLong('merges no pull request with a commit that was not proven, and shows it on the row', async () => {
    await fixture.agents(SINGLE, WORKER);
    const task = await startTask('ada/stamps');
    const { id } = only(task);
    await whenStatus(id, 'COMPLETED');
    const { branchName, prNumber, provenSha } = fixture.subtask(id);
    const hosted = gitHub.hub.find('ada', 'stamps') ?? assert.fail('no repository');
    const later = await git(hosted.folder, [
      ...['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com'],
      ...['commit-tree', `${branchName ?? ''}^{tree}`, '-p', branchName ?? '', '-m', 'Later'],
    ]);
    await git(hosted.folder, ['update-ref', `refs/heads/${branchName ?? ''}`, later.trim()]);
    await assert.rejects(mergeWhereItBelongs(deps(), id), isCode('PULL_REQUEST_MOVED'));
    const proven = provenSha ?? assert.fail('no proven commit');
    const { number, into } = { number: prNumber ?? 0, into: { owner: 'ada', repo: 'stamps' } };
    await assert.rejects(mergePullRequest(gitHub.api(), into, number, proven), isCode('GITHUB_FAILED'));
    await checkPullRequests(deps(), gitHub.api());
    assert.match(fixture.subtask(id).lastError ?? '', /is at commit [0-9a-f]{10}, but commit [0-9a-f]{10} was proven/);
    await git(hosted.folder, ['update-ref', `refs/heads/${branchName ?? ''}`, proven]);
    await checkPullRequests(deps(), gitHub.api());
    assert.equal(fixture.subtask(id).lastError, null);
    assert.equal((await mergeWhereItBelongs(deps(), id)).taskDone, true);
  });

  itLong('records a merge of unproven commits as what it is', async () => {
    await fixture.agents(SINGLE, WORKER);
    const task = await startTask('ada/stamps');
    const { id } = only(task);
    await whenStatus(id, 'COMPLETED');
    const { branchName, prNumber } = fixture.subtask(id);
    const hosted = gitHub.hub.find('ada', 'stamps') ?? assert.fail('no repository');
    const commit = ['commit-tree', `${branchName ?? ''}^{tree}`, '-p', branchName ?? '', '-m', 'Later'];
    const later = await git(hosted.folder, ['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com', ...commit]);
    await git(hosted.folder, ['update-ref', `refs/heads/${branchName ?? ''}`, later.trim()]);
    await gitHub.server.merge('ada', 'stamps', prNumber ?? 0);
    await checkPullRequests(deps(), gitHub.api());
    const { status, lastError } = fixture.subtask(id);
    assert.equal(status, 'MERGED');
    assert.match(lastError ?? '', /but commit [0-9a-f]{10} was proven/);
  });

  itLong('is completed without a pull request only where a person says so, and is synchronized at need', async () => {
    await fixture.agents(SINGLE, WORKER);
    const task = await startDenied();
    const { id } = only(task);
    await fixture.when('held', () => isHeld(fixture.subtask(id)));
    assert.equal(fixture.subtask(id).stage, 'push');
    await fixture.kernel.write((u) => void completeWithoutPullRequest(u, id));
    assert.equal(fixture.subtask(id).status, 'COMPLETED');
    await assert.rejects(mergeWhereItBelongs(deps(), id), isCode('PULL_REQUEST_UNMERGED'));
    const { baseSha } = await syncProject(deps(), project.id);
    const hosted = gitHub.hub.find('ada', 'stamps') ?? assert.fail('no repository');
    assert.equal(baseSha, await commitOf(hosted, 'main'));
    assert.equal((await markMerged(deps(), id, { verify: false })).taskDone, true);
  });

  async function startDenied(): Promise<Task> {
    const hosted = gitHub.hub.find('ada', 'stamps') ?? assert.fail('no repository');
    hosted.pushers.add('ada');
    const task = await startTask('ada/stamps');
    hosted.pushers.clear();
    return task;
  }
});

const SINGLE = 'ic subtask create --title="Write A"';
const WORKER = `
  date +%N >> "$INTERCORE_SUBTASK_ID.log"; echo work > "$INTERCORE_SUBTASK_ID.txt"
  git add --all && git commit --quiet --message="Do the work"
  ic subtask close --reason=done`;
