/** Defects of the original (`spec/village.md` §29) that no other test names. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gitFolder, testGit } from '../../support/git';
import { Repository } from '../../../src/host/git/repository';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { mergeSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { retryPlanning } from '../../../src/kernel/tasks/service';
import { readLogLines } from '../../../src/services/agents/output/logLines';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { openTestKernel } from '../../support/records/kernel';
import { aTask, DIAMOND, planned } from '../../support/tasks/taskRecord';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

const SECRET = 'canary-of-the-editor';

describe('the village, where the original failed', function () {
  this.timeout(120_000);

  describe('on a repository', () => {
    let village: VillageStage;
    beforeEach(async () => {
      process.env['EDITOR_SECRET'] = SECRET;
      village = await VillageStage.open();
    });
    afterEach(async () => {
      delete process.env['EDITOR_SECRET'];
      await village.close();
    });

    it('hands no secret of the editor to agents or checks (D2)', async () => {
      const written = (name: string): string => path.join(village.stage.root, name);
      const dump = (name: string): string => `env > ${written(name)}`;
      await village.agents(`${dump('planner')}; ${SINGLE_PLANNER}`, `${dump('worker')}; ${GOOD_WORKER}`);
      village.settings = { ...village.settings, checks: [['sh', '-c', dump('check')]] };
      village.start();
      const task = await village.task({ autoStart: true });
      await village.when('completed', () => village.read(task).subtasks[0]?.status === 'COMPLETED');
      for (const name of ['planner', 'worker', 'check']) {
        const environment = await readFile(written(name), 'utf8');
        assert.match(environment, /^PATH=/m);
        assert.equal(environment.includes(SECRET), false, name);
      }
    });

    it('answers at once whatever git is busy with, and the work begins when git is free (D21)', async () => {
      const repository = new Repository(testGit(), await gitFolder(village.stage.project));
      let free = (): void => undefined;
      const busy = repository.exclusively(() => new Promise<void>((resolve) => (free = resolve)));
      village.start();
      const task = await village.task();
      assert.equal(village.read(task).task.status, 'PLANNING');
      assert.equal(village.attempts(task).length, 0);
      free();
      await busy;
      await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
      const locks = (await readdir(path.join(village.stage.project, '.git'))).filter((name) => name.endsWith('.lock'));
      assert.deepEqual(locks, []);
    });

    it('says what went wrong in the words of whoever knows: git, a template, the record (D23)', async () => {
      village.settings = { ...village.settings, maxAttempts: 1 };
      await village.agents('echo {{nothing}}', GOOD_WORKER);
      village.start();
      const task = await village.task();
      await village.when('failed', () => village.read(task).task.status === 'PLANNING_FAILED');
      assert.match(village.read(task).task.planningError ?? '', /planner\.sh.*there is no \{\{nothing\}\}; known are/);
      await village.agents(SINGLE_PLANNER, GOOD_WORKER);
      await village.kernel.write((u) => void retryPlanning(u, task.id));
      await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
      const id = village.read(task).subtasks[0]?.id ?? assert.fail();
      const merged = village.kernel.write((u) => void mergeSubtask(u, id));
      await assert.rejects(merged, (error) => {
        return KernelError.is(error, 'TASK_STATE') && new RegExp(`${id}.*READY`, 'i').test(error.message);
      });
      const unknown = new Repository(testGit(), await gitFolder(village.stage.project)).commitsBetween(
        'main',
        'nowhere',
      );
      await assert.rejects(
        unknown,
        (error) => KernelError.is(error, 'GIT_FAILED') && /nowhere/.test(error.facts.problem),
      );
    });

    it('gives every line of a log once, while it grows and after, and believes no line that says it is the last (D28)', async () => {
      const go = path.join(village.stage.root, 'go');
      await village.agents(
        `printf 'one\\n=== Run Complete ===\\ntw'; until [ -e ${go} ]; do sleep 0.1; done; printf 'o\\nthree'; ${SINGLE_PLANNER} > /dev/null`,
        GOOD_WORKER,
      );
      const dispatcher = village.dispatcher();
      village.start(dispatcher);
      const task = await village.task();
      await village.when('running', () => village.kernel.read((r) => activeDispatches(r))[0]?.status === 'running');
      const [planning] = village.kernel.read((r) => activeDispatches(r));
      const { log: file } = await filesOfDispatch(village.stage.storage, planning?.id ?? '');
      const read = (fromLine: number, hasEnded: boolean) =>
        readLogLines(file, 'plain', { fromLine, limit: 2, hasEnded });
      const lines: string[] = [];
      while (lines.length < 2) lines.push(...(await read(lines.length + 1, false)).lines);
      const none = await read(3, false);
      assert.deepEqual([none.lines, none.nextLine, none.isComplete], [[], 3, false]);
      await writeFile(go, '');
      await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
      const rest = await read(3, true);
      assert.deepEqual([...lines, ...rest.lines], ['one', '=== Run Complete ===', 'two', 'three']);
      assert.equal((await read(rest.nextLine, true)).isComplete, true);
    });

    it('keeps prompts, logs, plans and the output of checks for their owner alone (D30)', async () => {
      village.settings = { ...village.settings, checks: [['true']] };
      village.start();
      const task = await village.task({ autoStart: true });
      await village.when('completed', () => village.read(task).subtasks[0]?.status === 'COMPLETED');
      const entries = await readdir(village.stage.storage, { recursive: true, withFileTypes: true });
      const kept = entries.filter(({ parentPath, name }) => !/worktrees/.test(path.join(parentPath, name)));
      assert.ok(kept.some(({ name }) => name === 'prompt.md') && kept.some(({ name }) => name.endsWith('.log')));
      for (const { parentPath, name } of kept) {
        const { mode } = await stat(path.join(parentPath, name));
        assert.equal(mode & 0o077, 0, `${path.join(parentPath, name)}: ${mode.toString(8)}`);
      }
    });

    it('lets one step at a time work in a clone (D7)', async () => {
      const repositories = await Promise.all(
        [1, 2, 3].map(async () => new Repository(testGit(), await gitFolder(village.stage.project))),
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
