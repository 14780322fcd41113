/** Whatever throws in a stage becomes a state: counted, shown, off its place, and tried again in time or by a person. */
import assert from 'node:assert/strict';
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { addSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { retryWork } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { findStageFailure, stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('a stage that fails', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  async function started(): Promise<{ task: Task; id: string }> {
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const { task: planned, subtasks } = fixture.read(task);
    const id = subtasks[0]?.id ?? assert.fail(planned.planningError ?? 'no subtask');
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }

  const failureOf = (id: string) => fixture.kernel.read((r) => findStageFailure(r, 'check', id));

  it('holds work whose check git fails, frees its place, says why, and continues when a person retries', async () => {
    fixture.settings = { ...fixture.settings, maxConcurrent: 1 };
    // Its own commit cannot be read: git fails, whatever is asked about it.
    const objects = path.join(fixture.stage.project, '.git/objects');
    await fixture.agents(
      SINGLE_PLANNER,
      `${GOOD_WORKER}
       if [ "$(ic subtask list | wc -l)" = 1 ]; then
         object=$(git rev-parse HEAD | sed 's,^..,&/,')
         echo "$object" > ${objects}-name; mv "${objects}/$object" ${objects}-away
       fi`,
    );
    const { task, id } = await started();
    await fixture.when('held for a person', () => failureOf(id)?.nextAt === null);
    const failure = failureOf(id) ?? assert.fail();
    assert.equal(failure.tries, 1, 'a missing object does not come back after a while');
    assert.match(fixture.subtask(id).lastError ?? '', /git/i);
    assert.equal(fixture.attempts(task, id).length, 1, 'no other attempt is used up');

    await rename(`${objects}-away`, path.join(objects, (await readFile(`${objects}-name`, 'utf8')).trim()));
    const other = await fixture.kernel.write((u) => {
      const { id: second } = addSubtask(u, { taskId: task.id, title: 'Another' });
      startSubtask(u, second);
      return second;
    });
    await fixture.when('another has its place', () => fixture.subtask(other).status === 'COMPLETED');

    await fixture.kernel.write((u) => void retryWork(u, id));
    await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
    assert.equal(fixture.attempts(task, id).length, 1, 'no agent works again');
    assert.deepEqual(fixture.kernel.read(stageFailures), []);
    assert.equal(fixture.subtask(id).lastError, null);
  });
});
