import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { getDispatch } from '../../../../src/kernel/dispatch/service';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { listArtifacts } from '../../../../src/kernel/tracking/service';
import { isHeld } from '../../../../src/kernel/tasks/subtask/held';
import {
  failSubtask,
  resumePublishing,
  retrySubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { failPlanning, retryPlanning } from '../../../../src/kernel/tasks/service';
import type { Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import type { Orchestrator } from '../../../../src/services/tasks/lead/orchestrator';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { DIAMOND_PLANNER, GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

describe('running tasks', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  async function planned(more: { autoStart?: boolean } = {}): Promise<{ task: Task; subtasks: readonly Subtask[] }> {
    const task = await fixture.task(more);
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    return fixture.read(task);
  }

  async function started(): Promise<{ task: Task; id: string }> {
    const { task, subtasks } = await planned();
    const id = subtasks[0]?.id ?? assert.fail('no subtask');
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }

  const whenLeading = (orchestrator: Orchestrator): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!orchestrator.isLeading) return;
        subscription.dispose();
        resolve();
      };
      const subscription = orchestrator.onDidChange(check);
      check();
    });

  const whenStatus = (id: string, status: string): Promise<void> =>
    fixture.when(`${id} is ${status}`, () => fixture.subtask(id).status === status);

  it('takes a diamond from a task to done: planned, built, merged, unblocked, finished', async () => {
    await fixture.agents(DIAMOND_PLANNER, GOOD_WORKER);
    const deps = fixture.deps(fixture.dispatcher());
    fixture.start(deps.dispatcher);
    const { task, subtasks } = await planned({ autoStart: true });
    assert.equal(task.status, 'ACTIVE', task.planningError ?? '');
    assert.deepEqual(
      subtasks.map(({ title }) => title),
      ['Write A', 'Write B', 'Write C', 'Write D'],
    );
    for (let merged = 0; merged < 4; merged += 1) {
      const completed = (): Subtask | undefined =>
        fixture.read(task).subtasks.find((subtask) => subtask.status === 'COMPLETED');
      await fixture.when('one more is completed', () => completed() !== undefined);
      await mergeOnThisMachine(deps, completed()?.id ?? '');
    }
    const end = fixture.read(task);
    assert.equal(end.task.status, 'DONE');
    assert.deepEqual(
      end.subtasks.map(({ worktreePath }) => worktreePath),
      [null, null, null, null],
    );
    assert.equal(fixture.kernel.read((r) => getRun(r, task.runId)).status, 'completed');
    for (const { id } of subtasks) assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    assert.equal((await fixture.git('worktree', 'list')).split('\n').length, 1);
    assert.equal(await fixture.git('for-each-ref', '--format=%(refname:short)', 'refs/heads'), 'main');
    assert.equal(await fixture.git('status', '--porcelain'), '');
  });

  it('keeps the plan for people to read, as the artifact that opens the gate', async () => {
    fixture.start();
    const { task } = await planned();
    const [plan] = fixture.kernel.read((r) => listArtifacts(r, task.runId));
    assert.match(await readFile(plan?.path ?? '', 'utf8'), /# Late parcels[^]*Tell people\.[^]*# 1\. Write A/);
  });

  itLong('fails planning with a reason when the planner leaves no plan, after all attempts (D4, D5)', async () => {
    await fixture.agents('echo nothing', GOOD_WORKER);
    fixture.start();
    const { task } = await planned();
    assert.deepEqual(
      { status: task.status, planningError: task.planningError },
      { status: 'PLANNING_FAILED', planningError: 'it has no subtasks' },
    );
    assert.deepEqual(
      fixture.attempts(task).map(({ attempt, status }) => [attempt, status]),
      [
        [1, 'FAILED'],
        [2, 'FAILED'],
        [3, 'FAILED'],
      ],
    );
  });

  itLong('counts on when planning is tried again, and uses what is there (D9, D18)', async () => {
    await fixture.agents(`${SINGLE_PLANNER}; exit 7`, GOOD_WORKER);
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    fixture.start();
    const first = await planned();
    assert.match(first.task.planningError ?? '', /exit code 7/);
    await fixture.agents('[ "$(ic subtask list | wc -l)" = 1 ]', GOOD_WORKER);
    await fixture.kernel.write((u) => void retryPlanning(u, first.task.id));
    await fixture.when('active', () => fixture.read(first.task).task.status === 'ACTIVE');
    assert.deepEqual(
      fixture.attempts(first.task).map(({ attempt, status }) => [attempt, status]),
      [
        [1, 'FAILED'],
        [2, 'SUCCEEDED'],
      ],
    );
  });

  it('says at once that an agent cannot be started, and stays in no state (D4)', async () => {
    fixture.settings = { ...fixture.settings, planner: 'unknown' };
    fixture.start();
    const { task } = await planned();
    assert.equal(task.status, 'PLANNING_FAILED');
    assert.match(task.planningError ?? '', /unknown/);
    assert.equal(fixture.attempts(task).length, 1);
  });

  itLong(
    'succeeds at the third attempt, each with its own log and the failure of the previous one (D9, D11, D14)',
    async () => {
      await fixture.agents(
        SINGLE_PLANNER,
        `n=$(cat ../n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../n; echo "attempt $n"
       [ $n = 3 ] || exit 5
       ${GOOD_WORKER}`,
      );
      fixture.start();
      const { task, id } = await started();
      await whenStatus(id, 'COMPLETED');
      const attempts = fixture.attempts(task, id);
      assert.deepEqual(
        attempts.map(({ status, errorMessage }) => [status, errorMessage]),
        [
          ['FAILED', 'exit code 5'],
          ['FAILED', 'exit code 5'],
          ['SUCCEEDED', null],
        ],
      );
      const last = fixture.kernel.read((r) => getDispatch(r, attempts[2]?.dispatchId ?? ''));
      const prompt = await readFile(last.promptFile ?? '', 'utf8');
      assert.match(prompt, /Attempt 2 did not succeed: exit code 5[^]*attempt 2/);
    },
  );

  it('never closes what is claimed without a commit, or with loose changes (D34)', async () => {
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    await fixture.agents(SINGLE_PLANNER, 'ic subtask close --reason=lies');
    fixture.start();
    const { id } = await started();
    await whenStatus(id, 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /no commit of its own/);
    await fixture.agents(SINGLE_PLANNER, 'echo loose > loose.txt; ic subtask close --reason=lies');
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await whenStatus(id, 'IN_PROGRESS');
    await whenStatus(id, 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /not everything is committed: loose\.txt/);
    assert.equal(await readFile(path.join(fixture.subtask(id).worktreePath ?? '', 'loose.txt'), 'utf8'), 'loose\n');
  });

  itLong('counts closed work of an agent that ended badly', async () => {
    await fixture.agents(SINGLE_PLANNER, `${GOOD_WORKER}; exit 1`);
    fixture.start();
    const { id } = await started();
    await whenStatus(id, 'COMPLETED');
  });

  itLong('runs the checks itself and keeps what they printed', async () => {
    fixture.settings = { ...fixture.settings, maxAttempts: 1, checks: [['sh', '-c', 'echo looked; exit 3']] };
    fixture.start();
    const { task, id } = await started();
    await whenStatus(id, 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /exit code 3\nlooked/);
    const checks = fixture.kernel.read((r) => listArtifacts(r, task.runId)).filter(({ type }) => type === 'check');
    assert.equal(await readFile(checks[0]?.path ?? '', 'utf8'), 'looked\n');
  });

  it('stops an agent whose subtask is stopped, and keeps what it wrote (D38)', async () => {
    await fixture.agents(SINGLE_PLANNER, 'echo half > half.txt; echo started; exec sleep 600');
    fixture.start();
    const { task, id } = await started();
    const file = (): string => path.join(fixture.subtask(id).worktreePath ?? '', 'half.txt');
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING');
    await fixture.kernel.write((u) => void failSubtask(u, id, 'stopped by a person'));
    await fixture.when('cancelled', () => fixture.attempts(task, id)[0]?.status === 'CANCELLED');
    const [row] = fixture.kernel.read((r) =>
      r.db.rows('SELECT status, error_message FROM dispatches ORDER BY created_at DESC, rowid DESC', []),
    );
    assert.deepEqual(row, { status: 'cancelled', error_message: 'stopped' });
    assert.equal(existsSync(path.dirname(file())), true);
  });

  it('stops planning', async () => {
    await fixture.agents('exec sleep 600', GOOD_WORKER);
    fixture.start();
    const task = await fixture.task();
    await fixture.when('running', () => fixture.attempts(task)[0]?.status === 'RUNNING');
    await fixture.kernel.write((u) => void failPlanning(u, task.id, 'cancelled'));
    await fixture.when('cancelled', () => fixture.attempts(task)[0]?.status === 'CANCELLED');
  });

  itLong(
    'holds work that cannot be published, with the reason, and publishes only that after a retry (D3)',
    async () => {
      let tries = 0;
      fixture.publish = () => {
        tries += 1;
        return Promise.reject(
          new KernelError('GIT_FAILED', { command: 'git push', folder: '/', problem: foreignText<string>('refused') }),
        );
      };
      fixture.start();
      const { task, id } = await started();
      await fixture.when('it is held', () => isHeld(fixture.subtask(id)));
      assert.match(fixture.subtask(id).lastError ?? '', /refused/);
      assert.equal(tries, 3);
      const pullRequest = { url: 'https://github.com/octo/parcels/pull/7', number: 7 };
      fixture.publish = () => Promise.resolve(pullRequest);
      await fixture.kernel.write((u) => void resumePublishing(u, id));
      await whenStatus(id, 'COMPLETED');
      const { prNumber, lastError } = fixture.subtask(id);
      assert.deepEqual({ prNumber, lastError }, { prNumber: 7, lastError: null });
      assert.equal(fixture.attempts(task, id).length, 1, 'no agent works again');
    },
  );

  it('is adopted by the next window where the last one left it, without a second agent (D6, D36)', async () => {
    await fixture.agents(SINGLE_PLANNER, `until [ -e ../go ]; do sleep 0.1; done; ${GOOD_WORKER}`);
    const first = fixture.start();
    const { task, id } = await started();
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING');
    await first.close();
    assert.equal(fixture.subtask(id).status, 'IN_PROGRESS');

    const dispatcher = fixture.dispatcher();
    fixture.start(dispatcher);
    await dispatcher.adopt(fixture.kernel);
    await writeFile(path.join(path.dirname(fixture.subtask(id).worktreePath ?? ''), 'go'), '');
    await whenStatus(id, 'COMPLETED');
    assert.equal(fixture.attempts(task, id).length, 1);
  });

  itLong('lets one of two windows orchestrate, and the other step in', async () => {
    const first = fixture.start();
    await whenLeading(first);
    const second = fixture.start();
    const { task } = await planned();
    assert.deepEqual(
      { firstIsLeading: first.isLeading, secondIsLeading: second.isLeading },
      { firstIsLeading: true, secondIsLeading: false },
    );
    assert.equal(fixture.attempts(task).length, 1);
    await first.close();
    await whenLeading(second);
    const another = await planned();
    assert.equal(another.task.status, 'ACTIVE');
  });
});
