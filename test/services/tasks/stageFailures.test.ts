/** Whatever throws in a stage becomes a state: counted, shown, off its place, and tried again in time or by a person. */
import assert from 'node:assert/strict';
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { retryWork } from '../../../src/kernel/tasks/stage/stageFailures';
import { findStageFailure, stageFailures } from '../../../src/kernel/tasks/stage/stageHolds';
import { STAGE_TRIES } from '../../../src/kernel/tasks/stage/stages';
import type { Task } from '../../../src/kernel/tasks/model';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('a stage that fails', function () {
  this.timeout(120_000);
  let village: VillageStage;
  beforeEach(async () => {
    village = await VillageStage.open();
  });
  afterEach(() => village.close());

  async function started(): Promise<{ task: Task; id: string }> {
    village.start();
    const task = await village.task();
    await village.when('planned', () => village.read(task).task.status !== 'PLANNING');
    const { task: planned, subtasks } = village.read(task);
    const id = subtasks[0]?.id ?? assert.fail(planned.planningError ?? 'no subtask');
    await village.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }

  const failureOf = (id: string) => village.kernel.read((r) => findStageFailure(r, 'check', id));

  it('holds work whose check git fails, frees its place, says why, and goes on when a person retries', async () => {
    village.settings = { ...village.settings, maxConcurrent: 1 };
    // Its own commit cannot be read: git fails, whatever is asked about it.
    const objects = path.join(village.stage.project, '.git/objects');
    await village.agents(
      SINGLE_PLANNER,
      `${GOOD_WORKER}
       if [ "$(ic subtask list | wc -l)" = 1 ]; then
         object=$(git rev-parse HEAD | sed 's,^..,&/,')
         echo "$object" > ${objects}-name; mv "${objects}/$object" ${objects}-away
       fi`,
    );
    const { task, id } = await started();
    await village.when('held for a person', () => failureOf(id)?.nextAt === null);
    const failure = failureOf(id) ?? assert.fail();
    assert.equal(failure.tries, STAGE_TRIES);
    assert.match(village.subtask(id).lastError ?? '', /git/i);
    assert.equal(village.attempts(task, id).length, 1, 'no other attempt is used up');

    await rename(`${objects}-away`, path.join(objects, (await readFile(`${objects}-name`, 'utf8')).trim()));
    const other = await village.kernel.write((u) => {
      const { id: second } = addSubtask(u, { taskId: task.id, title: 'Another' });
      startSubtask(u, second);
      return second;
    });
    await village.when('another has its place', () => village.subtask(other).status === 'COMPLETED');

    await village.kernel.write((u) => void retryWork(u, id));
    await village.when('completed', () => village.subtask(id).status === 'COMPLETED');
    assert.equal(village.attempts(task, id).length, 1, 'no agent works again');
    assert.deepEqual(village.kernel.read(stageFailures), []);
    assert.equal(village.subtask(id).lastError, null);
  });
});
