/** Defects of the original (`spec/village.md` §29) that no other test names. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Git } from '../../../src/host/git/git';
import { Repository } from '../../../src/host/git/repository';
import { openTestKernel } from '../../support/kernel';
import { aTask, DIAMOND, planned } from '../../support/village';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/villageStage';

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

    it('lets one step at a time work in a clone (D7)', async () => {
      const repositories = [1, 2, 3].map(() => new Repository(new Git(), village.stage.project));
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
