/** What goes wrong while work is brought out on GitHub: windows that are killed, networks that are gone, limits. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { git } from '../../../../scripts/demo/repositories';
import type { Project, Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { isHeld } from '../../../../src/kernel/tasks/subtask/held';
import { resumePublishing } from '../../../../src/kernel/tasks/subtask/progress';
import { taskItems } from '../../../../src/services/attention/items/taskItems';
import { failure } from '../../../support/github/operations';
import { publisher, projectForAgents, taskIn } from '../../../support/github/projects';
import { GitHubFixture } from '../../../support/github/gitHubFixture';
import type { Fault } from '../../../support/github/server';
import { itLong, itLongIf } from '../../../support/long';
import { TaskFixture } from '../../../support/tasks/taskFixture';
import { taskWindow } from '../../../support/tasks/taskWindow';

const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const PUSH = 'git-receive-pack';

describe('work that is brought out on GitHub', function () {
  this.timeout(240_000);
  const gitHub = GitHubFixture.ofSuite();
  let fixture: TaskFixture;
  let project: Project;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.publish = publisher(gitHub, fixture.kernel);
    fixture.transport = gitHub.transport();
    project = await projectForAgents(gitHub, fixture.kernel, 'ada/stamps');
  });
  afterEach(() => fixture.close());

  const task = (): Promise<Task> => taskIn(fixture.kernel, project);

  const only = (of: Task): Subtask => fixture.read(of).subtasks[0] ?? assert.fail('no subtask');

  itLong('is neither lost nor doubled by windows that are killed while they push and while they propose', async () => {
    const made = await task();
    const account = { GITHUB_SERVER_URL: gitHub.server.url, GH_TOKEN: gitHub.token };
    const life = (): ReturnType<typeof taskWindow> => taskWindow(fixture, { gitHub: true }, account);
    for (const [part, when] of [
      [PUSH, 'asked'],
      [OPEN, 'asked'],
      [OPEN, 'done'],
    ] as const) {
      const { reached, release } = gitHub.server.hold(part, when);
      const window = life();
      const gone = once(window, 'exit');
      await Promise.race([reached, gone]);
      assert.equal(window.exitCode, null, `it came to ${part}`);
      window.kill('SIGKILL');
      await gone;
      // The request may still be carried out after the client has gone.
      release();
    }
    const last = life();
    const [code] = (await once(last, 'exit')) as [number | null];
    assert.equal(code, 0);
    await fixture.when('done', () => fixture.read(made).task.status === 'DONE');
    const { id } = only(made);
    assert.equal(fixture.attempts(made, id).length, 1, 'no agent works again');
    const hosted = gitHub.hub.find('ada', 'stamps') ?? assert.fail('no repository');
    assert.deepEqual(
      hosted.pulls.map(({ number, state }) => [number, state]),
      [[1, 'closed']],
    );
    assert.equal((await git(hosted.folder, ['show', `main:${id}.txt`])).trim(), 'work');
    assert.equal((await git(project.clonePath, ['worktree', 'list'])).trim().split('\n').length, 1);
  });

  const hour = String(Math.ceil(Date.now() / 1000) + 3600);
  const limit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': hour };
  const faults: readonly {
    readonly what: string;
    readonly on: string;
    readonly fault: Fault;
    readonly says: RegExp;
    readonly isLonger?: true;
  }[] = [
    { what: 'a push that is refused', on: 'git', fault: { status: 403, body: 'no' }, says: /push.*403/s },
    { what: 'a network that is gone', on: OPEN, fault: 'drop', says: /GitHub/, isLonger: true },
    { what: 'a sign-in that is refused', on: OPEN, fault: failure(401, 'Bad credentials'), says: /sign-in/ },
    {
      what: 'a limit that is reached',
      on: OPEN,
      fault: { ...failure(403, 'API rate limit exceeded'), headers: limit },
      says: /rate limit of GitHub is reached/,
      isLonger: true,
    },
  ];
  for (const { what, on, fault, says, isLonger } of faults) {
    const itThen = itLongIf(isLonger === true);
    itThen(`waits for a person after ${what}, with the reason, and continues from there`, async () => {
      const made = await task();
      fixture.publish = (work) => {
        gitHub.server.fail(on, ...Array.from({ length: 9 }, () => fault));
        return publisher(gitHub, fixture.kernel)(work);
      };
      fixture.start();
      await fixture.when('held', () => fixture.read(made).subtasks.some(isHeld));
      const { id, lastError } = only(made);
      assert.match(lastError ?? '', says);
      const needs = fixture.kernel.read((r) => taskItems(r, fixture.read(made).task));
      assert.deepEqual(
        needs.map(({ kind, action, facts }) => [kind, action, facts?.['problem']]),
        [
          [
            ...(says.source === 'sign-in' ? ['signInNeeded', 'signIn'] : ['landingFailed', 'retryPullRequest']),
            lastError,
          ],
        ],
      );
      gitHub.server.repair();
      fixture.publish = publisher(gitHub, fixture.kernel);
      await fixture.kernel.write((u) => void resumePublishing(u, id));
      await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
      assert.equal(fixture.attempts(made, id).length, 1, 'no agent works again');
      assert.equal(gitHub.hub.find('ada', 'stamps')?.pulls.length, 1);
    });
  }
});
