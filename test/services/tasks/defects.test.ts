/** Defects of the original (`docs/tasks-coverage.md`) that no other test names. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gitFolder, testGit } from '../../support/git';
import { Repository } from '../../../src/host/git/repository';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { mergeSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { retryPlanning } from '../../../src/kernel/tasks/service';
import { readLogLines } from '../../../src/services/agents/logLines';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { openTestKernel } from '../../support/records/kernel';
import { aTask, DIAMOND, planned } from '../../support/tasks/taskRecord';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../support/tasks/taskFixture';

const SECRET = 'canary-of-the-editor';

describe('tasks, where the original failed', function () {
  this.timeout(120_000);

  describe('on a repository', () => {
    let fixture: TaskFixture;
    beforeEach(async () => {
      process.env['EDITOR_SECRET'] = SECRET;
      fixture = await TaskFixture.open();
    });
    afterEach(async () => {
      delete process.env['EDITOR_SECRET'];
      await fixture.close();
    });

    it('hands no secret of the editor to agents or checks (D2)', async () => {
      const written = (name: string): string => path.join(fixture.stage.root, name);
      const dump = (name: string): string => `env > ${written(name)}`;
      await fixture.agents(`${dump('planner')}; ${SINGLE_PLANNER}`, `${dump('worker')}; ${GOOD_WORKER}`);
      fixture.settings = { ...fixture.settings, checks: [['sh', '-c', dump('check')]] };
      fixture.start();
      const task = await fixture.task({ autoStart: true });
      await fixture.when('completed', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
      for (const name of ['planner', 'worker', 'check']) {
        const environment = await readFile(written(name), 'utf8');
        assert.match(environment, /^PATH=/m);
        assert.equal(environment.includes(SECRET), false, name);
      }
    });

    it('answers at once whatever git is busy with, and the work starts when git is free (D21)', async () => {
      const repository = new Repository(testGit(), await gitFolder(fixture.stage.project));
      let free = (): void => undefined;
      const busy = repository.exclusively(() => new Promise<void>((resolve) => (free = resolve)));
      fixture.start();
      const task = await fixture.task();
      assert.equal(fixture.read(task).task.status, 'PLANNING');
      assert.equal(fixture.attempts(task).length, 0);
      free();
      await busy;
      await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
      const locks = (await readdir(path.join(fixture.stage.project, '.git'))).filter((name) => name.endsWith('.lock'));
      assert.deepEqual(locks, []);
    });

    it('quotes the source of a failure: git, a template, the record (D23)', async () => {
      fixture.settings = { ...fixture.settings, maxAttempts: 1 };
      await fixture.agents('echo {{nothing}}', GOOD_WORKER);
      fixture.start();
      const task = await fixture.task();
      await fixture.when('failed', () => fixture.read(task).task.status === 'PLANNING_FAILED');
      assert.match(fixture.read(task).task.planningError ?? '', /planner\.sh.*\{\{nothing\}\} does not exist/);
      await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
      await fixture.kernel.write((u) => void retryPlanning(u, task.id));
      await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
      const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
      const merged = fixture.kernel.write((u) => void mergeSubtask(u, id));
      await assert.rejects(merged, (error) => {
        return KernelError.is(error, 'TASK_STATE') && new RegExp(`${id}.*READY`, 'i').test(error.message);
      });
      const unknown = new Repository(testGit(), await gitFolder(fixture.stage.project)).commitsBetween(
        'main',
        'nowhere',
      );
      await assert.rejects(
        unknown,
        (error) => KernelError.is(error, 'GIT_FAILED') && /nowhere/.test(error.facts.problem.text),
      );
    });

    it('gives every line of a log once, while it grows and after, and believes no line that says it is the last (D28)', async () => {
      const go = path.join(fixture.stage.root, 'go');
      await fixture.agents(
        `printf 'one\\n=== Run Complete ===\\ntw'; until [ -e ${go} ]; do sleep 0.1; done; printf 'o\\nthree'; ${SINGLE_PLANNER} > /dev/null`,
        GOOD_WORKER,
      );
      const dispatcher = fixture.dispatcher();
      fixture.start(dispatcher);
      const task = await fixture.task();
      await fixture.when('running', () => fixture.kernel.read((r) => activeDispatches(r))[0]?.status === 'running');
      const [planning] = fixture.kernel.read((r) => activeDispatches(r));
      const { log: file } = await filesOfDispatch(fixture.stage.storage, planning?.id ?? '');
      const read = (fromLine: number, hasEnded: boolean) =>
        readLogLines(file, 'plain', { fromLine, limit: 2, hasEnded });
      const lines: string[] = [];
      while (lines.length < 2) lines.push(...(await read(lines.length + 1, false)).lines);
      const none = await read(3, false);
      assert.deepEqual(
        { lines: none.lines, nextLine: none.nextLine, isComplete: none.isComplete },
        { lines: [], nextLine: 3, isComplete: false },
      );
      await writeFile(go, '');
      await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
      const rest = await read(3, true);
      assert.deepEqual([...lines, ...rest.lines], ['one', '=== Run Complete ===', 'two', 'three']);
      assert.equal((await read(rest.nextLine, true)).isComplete, true);
    });

    it('keeps prompts, logs, plans and the output of checks for their owner alone (D30)', async () => {
      fixture.settings = { ...fixture.settings, checks: [['true']] };
      fixture.start();
      const task = await fixture.task({ autoStart: true });
      await fixture.when('completed', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
      const entries = await readdir(fixture.stage.storage, { recursive: true, withFileTypes: true });
      const kept = entries.filter(({ parentPath, name }) => !/worktrees/.test(path.join(parentPath, name)));
      assert.ok(kept.some(({ name }) => name === 'prompt.md') && kept.some(({ name }) => name.endsWith('.log')));
      for (const { parentPath, name } of kept) {
        const { mode } = await stat(path.join(parentPath, name));
        assert.equal(mode & 0o077, 0, `${path.join(parentPath, name)}: ${mode.toString(8)}`);
      }
    });

    it('lets one step at a time work in a clone (D7)', async () => {
      const repositories = await Promise.all(
        [1, 2, 3].map(async () => new Repository(testGit(), await gitFolder(fixture.stage.project))),
      );
      let atWork = 0;
      const most = await Promise.all(
        repositories.map((repository) =>
          repository.exclusively(async () => {
            atWork += 1;
            const seen = atWork;
            await repository.commitOf('main');
            atWork -= 1;
            return seen;
          }),
        ),
      );
      assert.deepEqual(most, [1, 1, 1]);
    });
  });

  it('keeps states out of the database that there are not (D40)', async () => {
    const kernel = await openTestKernel();
    kernel.write((u) => aTask(u));
    const { id } = kernel.write((u) => planned(u, DIAMOND)).task;
    for (const change of [
      "status = 'RUNNING'",
      "status = 'PLANNING_FAILED'",
      "planning_error = 'none'",
      "title = ' '",
    ]) {
      assert.throws(() => kernel.exec(`UPDATE tasks SET ${change} WHERE id = '${id}'`), /CHECK|constraint/i, change);
    }
    for (const change of ["status = 'BLOCKED'", "blocked_reason = 'FAILURE'", "stage = 'agent'"]) {
      const sql = `UPDATE subtasks SET ${change} WHERE title = 'A'`;
      assert.throws(() => kernel.exec(sql), /CHECK|constraint/i, change);
    }
  });
});
