/** `ic task sync`, as a script calls it. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Beads } from '../../../../src/host/beads/beads';
import { testGit } from '../../../support/git';
import { acceptPlan } from '../../../../src/kernel/tasks/service';
import { addSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { trackedEpic } from '../../../../src/kernel/tasks/issue/tracked';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { beadsTrackerOf } from '../../../../src/services/tasks/tracker/beadsTracker';
import { bdIn } from '../../../support/beads/programs';
import { ic, type IcResult } from '../../../support/ic/ic';
import { TaskFixture } from '../../../support/tasks/taskFixture';

describe('ic task sync', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let task: Task;
  let bd: string;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    bd = await bdIn(path.join(fixture.stage.root, 'bin'), '1.x');
    fixture.settings = { ...fixture.settings, tracker: 'beads', beadsPath: bd };
    task = await fixture.task();
    await fixture.kernel.write((u) => void addSubtask(u, { taskId: task.id, title: 'A' }));
    await beadsTrackerOf(fixture.deps(fixture.dispatcher()), task).sync(task);
    await fixture.kernel.write((u) => void acceptPlan(u, task.id, { path: 'plan.md' }));
  });
  afterEach(() => fixture.close());

  const sync = async (...args: readonly string[]): Promise<IcResult> => {
    const env = { PATH: `${path.dirname(bd)}:${process.env['PATH'] ?? ''}`, HOME: fixture.stage.home };
    const result = await ic(['task', 'sync', ...args], { cwd: fixture.stage.project, env });
    await fixture.kernel.refresh();
    return result;
  };
  const outside = async (work: (beads: Beads, epic: string) => Promise<unknown>): Promise<void> => {
    const epic = fixture.kernel.read((r) => trackedEpic(r, task.id)) ?? assert.fail();
    await work(
      new Beads({ program: bd, folder: epic.place, environment: process.env, trusted: () => true }, testGit()),
      epic.issueId,
    );
  };

  it('imports changes from Beads, reports conflicts, and changes nothing the second time', async () => {
    await outside(async (beads, epic) => {
      const [a] = await beads.below(epic);
      await beads.close(a?.id ?? '', 'not needed');
      const b = await beads.create({ title: 'B', body: '', type: 'task', parent: epic });
      const c = await beads.create({ title: 'C', body: '', type: 'epic' });
      await beads.addDependency(b, c);
    });
    const { code, stdout, stderr } = await sync();
    assert.equal(code, 0, stderr);
    const { subtasks } = fixture.read(task);
    assert.deepEqual(
      subtasks.map(({ title, status }) => [title, status]),
      [
        ['A', 'READY'],
        ['B', 'READY'],
      ],
    );
    assert.deepEqual(stdout.split('\n'), [
      `${task.id}\t1 added\t0 changed\t0 removed`,
      `closed in Beads\t${subtasks[0]?.id}`,
      '',
    ]);
    assert.match(stderr, /waits for \S+, which is no subtask of this task/);
    const again = JSON.parse((await sync(task.id, '--json')).stdout) as Record<string, unknown>[];
    assert.deepEqual(
      again.map(({ id, added, changed }) => [id, added, changed]),
      [[task.id, [], []]],
    );
  });

  it('refuses an unknown or untracked task, and reports problems of bd', async () => {
    assert.equal((await sync('nosuch')).code, 1);
    fixture.settings = { ...fixture.settings, tracker: 'native' };
    const other = await fixture.task();
    assert.deepEqual((await sync(other.id)).code, 1);
    await rm(bd);
    const missing = await sync('--bd=/nowhere/bd');
    assert.deepEqual({ code: missing.code, stdout: missing.stdout }, { code: 2, stdout: '' });
    assert.match(missing.stderr, /\/nowhere\/bd/);
  });
});
