import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { getDispatch } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { getRun } from '../../../src/kernel/run/queries';
import { listArtifacts } from '../../../src/kernel/tracking/service';
import { isHeld } from '../../../src/kernel/tasks/subtask/held';
import { failSubtask, resumePublishing, retrySubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { failPlanning, retryPlanning } from '../../../src/kernel/tasks/service';
import type { Subtask, Task } from '../../../src/kernel/tasks/model';
import type { Orchestrator } from '../../../src/services/tasks/lead/orchestrator';
import { mergeOnThisMachine } from '../../../src/services/tasks/landing/landing';
import { DIAMOND_PLANNER, GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('the village at work', function () {
  this.timeout(120_000);
  let village: VillageStage;
  beforeEach(async () => {
    village = await VillageStage.open();
  });
  afterEach(() => village.close());

  async function planned(more: { autoStart?: boolean } = {}): Promise<{ task: Task; subtasks: readonly Subtask[] }> {
    const task = await village.task(more);
    await village.when('planned', () => village.read(task).task.status !== 'PLANNING');
    return village.read(task);
  }

  async function started(): Promise<{ task: Task; id: string }> {
    const { task, subtasks } = await planned();
    const id = subtasks[0]?.id ?? assert.fail('no subtask');
    await village.kernel.write((u) => startSubtask(u, id));
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
    village.when(`${id} is ${status}`, () => village.subtask(id).status === status);

  it('takes a diamond from a task to done: planned, built, merged, unblocked, finished', async () => {
    await village.agents(DIAMOND_PLANNER, GOOD_WORKER);
    const deps = village.deps(village.dispatcher());
    village.start(deps.dispatcher);
    const { task, subtasks } = await planned({ autoStart: true });
    assert.equal(task.status, 'ACTIVE', task.planningError ?? '');
    assert.deepEqual(
      subtasks.map(({ title }) => title),
      ['Write A', 'Write B', 'Write C', 'Write D'],
    );
    for (let merged = 0; merged < 4; merged += 1) {
      const completed = (): Subtask | undefined =>
        village.read(task).subtasks.find((one) => one.status === 'COMPLETED');
      await village.when('one more is completed', () => completed() !== undefined);
      await mergeOnThisMachine(deps, completed()?.id ?? '');
    }
    const end = village.read(task);
    assert.equal(end.task.status, 'DONE');
    assert.deepEqual(
      end.subtasks.map(({ worktreePath }) => worktreePath),
      [null, null, null, null],
    );
    assert.equal(village.kernel.read((r) => getRun(r, task.runId)).status, 'completed');
    for (const { id } of subtasks) assert.equal(await village.git('show', `main:${id}.txt`), 'work');
    assert.equal((await village.git('worktree', 'list')).split('\n').length, 1);
    assert.equal(await village.git('for-each-ref', '--format=%(refname:short)', 'refs/heads'), 'main');
    assert.equal(await village.git('status', '--porcelain'), '');
  });

  it('keeps the plan for people to read, as the artifact that opens the gate', async () => {
    village.start();
    const { task } = await planned();
    const [plan] = village.kernel.read((r) => listArtifacts(r, task.runId));
    assert.match(await readFile(plan?.path ?? '', 'utf8'), /# Late parcels[^]*Tell people\.[^]*# 1\. Write A/);
  });

  it('fails planning with a reason when the planner leaves no plan, after all attempts (D4, D5)', async () => {
    await village.agents('echo nothing', GOOD_WORKER);
    village.start();
    const { task } = await planned();
    assert.deepEqual([task.status, task.planningError], ['PLANNING_FAILED', 'it has no subtasks']);
    assert.deepEqual(
      village.attempts(task).map(({ attempt, status }) => [attempt, status]),
      [
        [1, 'FAILED'],
        [2, 'FAILED'],
        [3, 'FAILED'],
      ],
    );
  });

  it('counts on when planning is tried again, and uses what is there (D9, D18)', async () => {
    await village.agents(`${SINGLE_PLANNER}; exit 7`, GOOD_WORKER);
    village.settings = { ...village.settings, maxAttempts: 1 };
    village.start();
    const first = await planned();
    assert.match(first.task.planningError ?? '', /exit code 7/);
    await village.agents('[ "$(ic subtask list | wc -l)" = 1 ]', GOOD_WORKER);
    await village.kernel.write((u) => void retryPlanning(u, first.task.id));
    await village.when('active', () => village.read(first.task).task.status === 'ACTIVE');
    assert.deepEqual(
      village.attempts(first.task).map(({ attempt, status }) => [attempt, status]),
      [
        [1, 'FAILED'],
        [2, 'SUCCEEDED'],
      ],
    );
  });

  it('says at once that an agent cannot be started, and stays in no state (D4)', async () => {
    village.settings = { ...village.settings, planner: 'nobody' };
    village.start();
    const { task } = await planned();
    assert.equal(task.status, 'PLANNING_FAILED');
    assert.match(task.planningError ?? '', /nobody/);
    assert.equal(village.attempts(task).length, 1);
  });

  it('succeeds at the third attempt, each with a log of its own and told of the one before (D9, D11, D14)', async () => {
    await village.agents(
      SINGLE_PLANNER,
      `n=$(cat ../n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../n; echo "attempt $n"
       [ $n = 3 ] || exit 5
       ${GOOD_WORKER}`,
    );
    village.start();
    const { task, id } = await started();
    await whenStatus(id, 'COMPLETED');
    const attempts = village.attempts(task, id);
    assert.deepEqual(
      attempts.map(({ status, errorMessage }) => [status, errorMessage]),
      [
        ['FAILED', 'exit code 5'],
        ['FAILED', 'exit code 5'],
        ['SUCCEEDED', null],
      ],
    );
    const last = village.kernel.read((r) => getDispatch(r, attempts[2]?.dispatchId ?? ''));
    const prompt = await readFile(last.promptFile ?? '', 'utf8');
    assert.match(prompt, /Attempt 2 did not succeed: exit code 5[^]*attempt 2/);
  });

  it('never closes what is claimed without a commit, or with loose changes (D34)', async () => {
    village.settings = { ...village.settings, maxAttempts: 1 };
    await village.agents(SINGLE_PLANNER, 'ic subtask close --reason=lies');
    village.start();
    const { id } = await started();
    await whenStatus(id, 'BLOCKED');
    assert.match(village.subtask(id).lastError ?? '', /no commit of its own/);
    await village.agents(SINGLE_PLANNER, 'echo loose > loose.txt; ic subtask close --reason=lies');
    await village.kernel.write((u) => void retrySubtask(u, id));
    await whenStatus(id, 'IN_PROGRESS');
    await whenStatus(id, 'BLOCKED');
    assert.match(village.subtask(id).lastError ?? '', /not everything is committed: loose\.txt/);
    assert.equal(await readFile(path.join(village.subtask(id).worktreePath ?? '', 'loose.txt'), 'utf8'), 'loose\n');
  });

  it('counts closed work of an agent that ended badly', async () => {
    await village.agents(SINGLE_PLANNER, `${GOOD_WORKER}; exit 1`);
    village.start();
    const { id } = await started();
    await whenStatus(id, 'COMPLETED');
  });

  it('runs the checks itself and keeps what they printed', async () => {
    village.settings = { ...village.settings, maxAttempts: 1, checks: [['sh', '-c', 'echo looked; exit 3']] };
    village.start();
    const { task, id } = await started();
    await whenStatus(id, 'BLOCKED');
    assert.match(village.subtask(id).lastError ?? '', /exit code 3\nlooked/);
    const checks = village.kernel.read((r) => listArtifacts(r, task.runId)).filter(({ type }) => type === 'check');
    assert.equal(await readFile(checks[0]?.path ?? '', 'utf8'), 'looked\n');
  });

  it('stops an agent whose subtask is stopped, and keeps what it wrote (D38)', async () => {
    await village.agents(SINGLE_PLANNER, 'echo half > half.txt; echo begun; exec sleep 600');
    village.start();
    const { task, id } = await started();
    const file = (): string => path.join(village.subtask(id).worktreePath ?? '', 'half.txt');
    await village.when('running', () => village.attempts(task, id)[0]?.status === 'RUNNING');
    await village.kernel.write((u) => void failSubtask(u, id, 'stopped by a person'));
    await village.when('cancelled', () => village.attempts(task, id)[0]?.status === 'CANCELLED');
    const [row] = village.kernel.read((r) =>
      r.db.rows('SELECT status, error_message FROM dispatches ORDER BY created_at DESC, rowid DESC', []),
    );
    assert.deepEqual(row, { status: 'cancelled', error_message: 'stopped' });
    assert.equal(existsSync(path.dirname(file())), true);
  });

  it('stops planning', async () => {
    await village.agents('exec sleep 600', GOOD_WORKER);
    village.start();
    const task = await village.task();
    await village.when('running', () => village.attempts(task)[0]?.status === 'RUNNING');
    await village.kernel.write((u) => void failPlanning(u, task.id, 'cancelled'));
    await village.when('cancelled', () => village.attempts(task)[0]?.status === 'CANCELLED');
  });

  it('holds what cannot be brought out, says why, and brings it out alone when told to go on (D3)', async () => {
    let tries = 0;
    village.publish = () => {
      tries += 1;
      return Promise.reject(new KernelError('GIT_FAILED', { operation: 'push', folder: '/', problem: 'refused' }));
    };
    village.start();
    const { task, id } = await started();
    await village.when('it is held', () => isHeld(village.subtask(id)));
    assert.match(village.subtask(id).lastError ?? '', /refused/);
    assert.equal(tries, 3);
    const pullRequest = { url: 'https://github.com/octo/parcels/pull/7', number: 7 };
    village.publish = () => Promise.resolve(pullRequest);
    await village.kernel.write((u) => void resumePublishing(u, id));
    await whenStatus(id, 'COMPLETED');
    const { prNumber, lastError } = village.subtask(id);
    assert.deepEqual([prNumber, lastError], [7, null]);
    assert.equal(village.attempts(task, id).length, 1, 'no agent works again');
  });

  it('is taken up by the next window where the last one left it, without a second agent (D6, D36)', async () => {
    await village.agents(SINGLE_PLANNER, `until [ -e ../go ]; do sleep 0.1; done; ${GOOD_WORKER}`);
    const first = village.start();
    const { task, id } = await started();
    await village.when('running', () => village.attempts(task, id)[0]?.status === 'RUNNING');
    await first.close();
    assert.equal(village.subtask(id).status, 'IN_PROGRESS');

    const dispatcher = village.dispatcher();
    village.start(dispatcher);
    await dispatcher.adopt(village.kernel);
    await writeFile(path.join(path.dirname(village.subtask(id).worktreePath ?? ''), 'go'), '');
    await whenStatus(id, 'COMPLETED');
    assert.equal(village.attempts(task, id).length, 1);
  });

  it('lets one of two windows orchestrate, and the other step in', async () => {
    const first = village.start();
    await whenLeading(first);
    const second = village.start();
    const { task } = await planned();
    assert.deepEqual([first.isLeading, second.isLeading], [true, false]);
    assert.equal(village.attempts(task).length, 1);
    await first.close();
    await whenLeading(second);
    const another = await planned();
    assert.equal(another.task.status, 'ACTIVE');
  });
});
