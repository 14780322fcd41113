/** A disk that is full at each place that agents and tasks write to: it is reported, and work continues when there is room. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { activeDispatches } from '../../../../src/kernel/dispatch/service';
import { retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { Disk } from '../../../support/hostile/disk';
import { itLong } from '../../../support/long';
import { SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('a task whose disk is full', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;
  let disk: Disk | undefined;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(async () => {
    disk?.unmount();
    disk = undefined;
    await fixture.close();
  });

  const at = (name: string): string => path.join(fixture.stage.root, name);
  const filler = (folder: string): string => path.join(folder, 'filler');
  /** Takes what is left, to the last byte, and what a write that is running gives back when it has ended. */
  const fill = async (folder: string): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      await appendFile(filler(folder), Buffer.alloc(1 << 20)).catch((error: unknown) => {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      });
      await delay(50);
    }
  };

  async function started(worker: string): Promise<{ task: Task; id: string }> {
    await fixture.agents(SINGLE_PLANNER, worker);
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const { task: found, subtasks } = fixture.read(task);
    const id = subtasks[0]?.id ?? assert.fail(found.planningError ?? 'no subtask');
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }
  const stands = async (name: string): Promise<void> => {
    while (!existsSync(at(name))) await delay(20);
  };
  /** Waits where the test wants it to, once. */
  const hold = (name: string): string =>
    `touch ${at(`at-${name}`)}; while ! [ -e ${at(`go-${name}`)} ]; do sleep 0.05; done`;
  const merge = (id: string) => mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);

  itLong(
    'under a running agent: the attempt fails, what it had committed stays, and a retry continues',
    async function () {
      disk = Disk.mount(fixture.stage.storage) ?? this.skip();
      fixture.settings = { ...fixture.settings, maxAttempts: 1 };
      const { id } = await started(`
      if ! [ -e half.txt ]; then echo half > half.txt; git add --all; git commit --quiet --message=Half; fi
      ${hold('half')}
      echo work > "$INTERCORE_SUBTASK_ID.txt" && [ -s "$INTERCORE_SUBTASK_ID.txt" ] || exit 7
      git add --all && git commit --quiet --message=Work && ic subtask close --reason=done`);
      await stands('at-half');
      await fill(fixture.stage.storage);
      await writeFile(at('go-half'), '');
      await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
      assert.match(fixture.subtask(id).lastError ?? '', /exit code|No space|ENOSPC/);
      await rm(filler(fixture.stage.storage));
      await fixture.kernel.write((u) => void retrySubtask(u, id));
      await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
      assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
      await merge(id);
      assert.deepEqual(
        [await fixture.git('show', 'main:half.txt'), await fixture.git('show', `main:${id}.txt`)],
        ['half', 'work'],
      );
    },
  );

  itLong(
    'where the record is: nothing it held is lost, and work continues automatically when there is room',
    async function () {
      const folder = path.join(fixture.stage.project, '.clavain');
      disk = Disk.mountOver(folder) ?? this.skip();
      await fixture.kernel.refresh();
      const { task, id } = await started(`
      echo work > "$INTERCORE_SUBTASK_ID.txt"; git add --all; git diff --cached --quiet || git commit --quiet --message=Work
      ${hold('work')}
      ic subtask close --reason=done`);
      await stands('at-work');
      await fixture.when('recorded', () =>
        fixture.kernel.read((r) => activeDispatches(r)).every(({ status }) => status === 'running'),
      );
      await fill(folder);
      await writeFile(at('go-work'), '');
      await assert.rejects(fixture.kernel.write((u) => u.db.run('UPDATE tasks SET title = title', []) && undefined));
      const before = fixture.attempts(task, id);
      assert.deepEqual(
        before.map(({ status }) => status),
        ['RUNNING'],
      );
      // The agent has ended by now, could not record that, and no other agent was started.
      await delay(2000);
      assert.deepEqual(fixture.attempts(task, id), before);
      await rm(filler(folder));
      await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
      assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
      await merge(id);
      assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
      assert.equal((await fixture.git('log', '--format=%s', 'main', '--', `${id}.txt`)).split('\n').length, 1);
    },
  );

  it('where the repository is: a commit that cannot be made is not taken for work', async function () {
    const folder = path.join(fixture.stage.project, '.git/objects');
    disk = Disk.mountOver(folder) ?? this.skip();
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    const { id } = await started(`
      echo work > "$INTERCORE_SUBTASK_ID.txt"
      ${hold('work')}
      git add --all && git commit --quiet --message=Work
      ic subtask close --reason=done`);
    await stands('at-work');
    await fill(folder);
    await writeFile(at('go-work'), '');
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /not everything is committed|no commit/);
    await rm(filler(folder));
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    await fixture.git('fsck', '--strict');
    await merge(id);
    assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
  });
});
