/** A disk that is full at each place that agents and the village write to: it is said, and goes on when there is room. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import { retrySubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import type { Task } from '../../../src/kernel/tasks/model';
import { mergeOnThisMachine } from '../../../src/services/tasks/landing/landing';
import { Disk } from '../../support/hostile/disk';
import { SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('a village whose disk is full', function () {
  this.timeout(180_000);
  let village: VillageStage;
  let disk: Disk | undefined;
  beforeEach(async () => {
    village = await VillageStage.open();
  });
  afterEach(async () => {
    disk?.unmount();
    disk = undefined;
    await village.close();
  });

  const at = (name: string): string => path.join(village.stage.root, name);
  const filler = (folder: string): string => path.join(folder, 'filler');
  /** Takes what is left, to the last byte, and what a write that is at work gives back when it has ended. */
  const fill = async (folder: string): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      await appendFile(filler(folder), Buffer.alloc(1 << 20)).catch((error: unknown) => {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      });
      await delay(50);
    }
  };

  async function started(worker: string): Promise<{ task: Task; id: string }> {
    await village.agents(SINGLE_PLANNER, worker);
    village.start();
    const task = await village.task();
    await village.when('planned', () => village.read(task).task.status !== 'PLANNING');
    const { task: found, subtasks } = village.read(task);
    const id = subtasks[0]?.id ?? assert.fail(found.planningError ?? 'no subtask');
    await village.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }
  const stands = async (name: string): Promise<void> => {
    while (!existsSync(at(name))) await delay(20);
  };
  /** Waits where the test wants it to, once. */
  const hold = (name: string): string =>
    `touch ${at(`at-${name}`)}; while ! [ -e ${at(`go-${name}`)} ]; do sleep 0.05; done`;
  const merge = (id: string) => mergeOnThisMachine(village.deps(village.dispatcher()), id);

  it('under an agent at work: the attempt fails, what it had committed stays, and a retry goes on', async function () {
    disk = Disk.mount(village.stage.storage) ?? this.skip();
    village.settings = { ...village.settings, maxAttempts: 1 };
    const { id } = await started(`
      if ! [ -e half.txt ]; then echo half > half.txt; git add --all; git commit --quiet --message=Half; fi
      ${hold('half')}
      echo work > "$INTERCORE_SUBTASK_ID.txt" && [ -s "$INTERCORE_SUBTASK_ID.txt" ] || exit 7
      git add --all && git commit --quiet --message=Work && ic subtask close --reason=done`);
    await stands('at-half');
    await fill(village.stage.storage);
    await writeFile(at('go-half'), '');
    await village.when('failed', () => village.subtask(id).status === 'BLOCKED');
    assert.match(village.subtask(id).lastError ?? '', /exit code|No space|ENOSPC/);
    await rm(filler(village.stage.storage));
    await village.kernel.write((u) => void retrySubtask(u, id));
    await village.when('decided', () => village.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(village.subtask(id).status, 'COMPLETED', village.subtask(id).lastError ?? '');
    await merge(id);
    assert.deepEqual(
      [await village.git('show', 'main:half.txt'), await village.git('show', `main:${id}.txt`)],
      ['half', 'work'],
    );
  });

  it('where the record is: nothing it held is lost, and the village goes on by itself when there is room', async function () {
    const folder = path.join(village.stage.project, '.clavain');
    disk = Disk.mountOver(folder) ?? this.skip();
    await village.kernel.refresh();
    const { task, id } = await started(`
      echo work > "$INTERCORE_SUBTASK_ID.txt"; git add --all; git diff --cached --quiet || git commit --quiet --message=Work
      ${hold('work')}
      ic subtask close --reason=done`);
    await stands('at-work');
    await village.when('recorded', () =>
      village.kernel.read((r) => activeDispatches(r)).every(({ status }) => status === 'running'),
    );
    await fill(folder);
    await writeFile(at('go-work'), '');
    await assert.rejects(village.kernel.write((u) => u.db.run('UPDATE tasks SET title = title', []) && undefined));
    const before = village.attempts(task, id);
    assert.deepEqual(
      before.map(({ status }) => status),
      ['RUNNING'],
    );
    // Whoever worked has ended by now, could not say so, and was not followed by another one.
    await delay(2000);
    assert.deepEqual(village.attempts(task, id), before);
    await rm(filler(folder));
    await village.when('decided', () => village.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(village.subtask(id).status, 'COMPLETED', village.subtask(id).lastError ?? '');
    await merge(id);
    assert.equal(await village.git('show', `main:${id}.txt`), 'work');
    assert.equal((await village.git('log', '--format=%s', 'main', '--', `${id}.txt`)).split('\n').length, 1);
  });

  it('where the repository is: a commit that cannot be made is not taken for work', async function () {
    const folder = path.join(village.stage.project, '.git/objects');
    disk = Disk.mountOver(folder) ?? this.skip();
    village.settings = { ...village.settings, maxAttempts: 1 };
    const { id } = await started(`
      echo work > "$INTERCORE_SUBTASK_ID.txt"
      ${hold('work')}
      git add --all && git commit --quiet --message=Work
      ic subtask close --reason=done`);
    await stands('at-work');
    await fill(folder);
    await writeFile(at('go-work'), '');
    await village.when('failed', () => village.subtask(id).status === 'BLOCKED');
    assert.match(village.subtask(id).lastError ?? '', /not everything is committed|no commit/);
    await rm(filler(folder));
    await village.kernel.write((u) => void retrySubtask(u, id));
    await village.when('decided', () => village.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(village.subtask(id).status, 'COMPLETED', village.subtask(id).lastError ?? '');
    await village.git('fsck', '--strict');
    await merge(id);
    assert.equal(await village.git('show', `main:${id}.txt`), 'work');
  });
});
