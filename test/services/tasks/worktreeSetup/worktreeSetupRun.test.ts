/** A new worktree is made able to run before its agent starts, and what fails there costs no attempt. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { listArtifacts } from '../../../../src/kernel/tracking/service';
import { failSubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { retrySetup, retryWork } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { findStageFailure } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { lastSetupLog } from '../../../../src/services/tasks/worktreeSetup/setupLogs';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

describe('the set-up of a worktree', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    await writeFile(path.join(fixture.stage.project, '.gitignore'), '.env\nmodules/\n');
    await git(fixture.stage.project, ['add', '.gitignore']);
    await git(fixture.stage.project, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-qm', 'Ignore']);
    await writeFile(path.join(fixture.stage.project, '.env'), 'KEY=1');
    await writeFile(path.join(fixture.stage.project, '.worktreeinclude'), '.env\n');
  });
  afterEach(() => fixture.close());

  const at = (name: string): string => path.join(fixture.stage.root, name);
  async function started(planner = SINGLE_PLANNER, worker = GOOD_WORKER): Promise<{ task: Task; ids: string[] }> {
    await fixture.agents(planner, worker);
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const ids = fixture.read(task).subtasks.map(({ id }) => id);
    await fixture.kernel.write((u) => {
      for (const id of ids) startSubtask(u, id);
    });
    return { task, ids };
  }

  it('has run, with the ignored files and a range of ports of its own, before the agent starts', async () => {
    const setup = `cat .env > modules.tmp && mkdir modules && mv modules.tmp modules/installed && [ -d "$INTERCORE_PROJECT_DIR/.git" ]`;
    fixture.settings = {
      ...fixture.settings,
      setup: [['sh', '-c', setup]],
      checks: [['sh', '-c', `grep KEY=1 modules/installed .env && echo $INTERCORE_PORT_BASE >> ${at('of-checks')}`]],
    };
    const two = `${SINGLE_PLANNER}; ic subtask create --title="Write B"`;
    const look = `cat modules/installed .env > /dev/null && echo $INTERCORE_PORT_BASE >> ${at('of-agents')}`;
    const { task, ids } = await started(two, `${look} && ${GOOD_WORKER}`);
    await fixture.when('completed', () => ids.every((id) => fixture.subtask(id).status === 'COMPLETED'));
    const lines = async (name: string): Promise<string[]> => (await readFile(at(name), 'utf8')).trim().split('\n');
    const bases = [...(await lines('of-agents')), ...(await lines('of-checks'))];
    assert.equal(new Set(bases).size, 4, 'two worktrees and two clean checkouts');
    assert.ok(bases.every((base) => Number(base) >= 20_000));
    const artifacts = fixture.kernel.read((r) => listArtifacts(r, task.runId));
    assert.equal(artifacts.filter(({ type }) => type === 'setup').length, 4);
  });

  it('that fails holds the subtask with the reason, uses up no attempt, and is run again by a retry', async () => {
    fixture.settings = {
      ...fixture.settings,
      setup: [['sh', '-c', `echo no network;\n\n [ -e ${at('go')} ] || exit 1 # ${'long '.repeat(30)}`]],
    };
    const { task, ids } = await started();
    const id = ids[0] ?? assert.fail();
    await fixture.when('held', () => fixture.kernel.read((r) => findStageFailure(r, 'setup', id)?.nextAt === null));
    const { lastError, status } = fixture.subtask(id);
    assert.match(lastError ?? '', /set-up command `echo no network; .{3,40}…` failed: exit code 1\nno network/);
    assert.deepEqual({ status, attempts: fixture.attempts(task, id) }, { status: 'IN_PROGRESS', attempts: [] });
    const log = (await lastSetupLog(fixture.storage, fixture.subtask(id))) ?? assert.fail('no log');
    assert.match(await readFile(log, 'utf8'), /no network/);
    // Stopped and started again, it is held again; then only the set-up is tried, in the same worktree.
    await fixture.kernel.write((u) => void failSubtask(u, id, 'stopped'));
    await assert.rejects(
      fixture.kernel.write((u) => void retrySetup(u, id)),
      { code: 'TASK_STATE' },
    );
    await fixture.kernel.write((u) => void retryWork(u, id));
    await fixture.when('held', () => fixture.kernel.read((r) => findStageFailure(r, 'setup', id)?.nextAt === null));
    const before = await fixture.git('worktree', 'list', '--porcelain');
    await writeFile(at('go'), '');
    await fixture.kernel.write((u) => void retrySetup(u, id));
    await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
    assert.equal(fixture.attempts(task, id).length, 1);
    assert.ok(before.includes(`worktree ${fixture.subtask(id).worktreePath ?? ''}\n`));
  });

  itLong(
    'that reaches no server is tried again until the network is back, in the worktree and in the proof',
    async () => {
      const line =
        'npm error request to https://registry.npmjs.org/a failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org';
      const offline = `[ -e ${at('online')} ] || { echo '${line}'; exit 1; }`;
      fixture.settings = { ...fixture.settings, setup: [['sh', '-c', offline]] };
      const { task, ids } = await started(SINGLE_PLANNER, `rm ${at('online')} && ${GOOD_WORKER}`);
      const id = ids[0] ?? assert.fail();
      const tries = (stage: 'setup' | 'check') => fixture.kernel.read((r) => findStageFailure(r, stage, id));
      await fixture.when('tried', () => (tries('setup')?.tries ?? 0) > 4);
      assert.match(
        fixture.subtask(id).lastError ?? '',
        /^The set-up has no network connection: npm error .*EAI_AGAIN registry/,
      );
      await writeFile(at('online'), '');
      await fixture.when('tried', () => (tries('check')?.tries ?? 0) > 4);
      assert.match(fixture.subtask(id).lastError ?? '', /^The set-up has no network/);
      await writeFile(at('online'), '');
      await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
      assert.equal(fixture.attempts(task, id).length, 1);
    },
  );

  itLong('that leaves files which git does not ignore says so, instead of blaming the agent', async () => {
    fixture.settings = { ...fixture.settings, setup: [['sh', '-c', 'touch left.txt']] };
    const { task, ids } = await started();
    const id = ids[0] ?? assert.fail();
    await fixture.when('held', () => fixture.kernel.read((r) => findStageFailure(r, 'setup', id)?.nextAt === null));
    assert.match(fixture.subtask(id).lastError ?? '', /left\.txt\. Add them to \.gitignore/);
    assert.deepEqual(fixture.attempts(task, id), []);
  });

  itLong('runs once for a worktree, however many attempts there are', async () => {
    fixture.settings = { ...fixture.settings, setup: [['sh', '-c', `echo run >> ${at('runs')}`]] };
    const fails = `[ -e ${at('second')} ] || { touch ${at('second')}; exit 1; }; ${GOOD_WORKER}`;
    const { task, ids } = await started(SINGLE_PLANNER, fails);
    const id = ids[0] ?? assert.fail();
    await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
    assert.equal(fixture.attempts(task, id).length, 2);
    // The second is that of the clean checkout.
    assert.equal(await readFile(at('runs'), 'utf8'), 'run\nrun\n');
  });
});
