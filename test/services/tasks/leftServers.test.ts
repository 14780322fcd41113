/** What planners, workers, checks, and set-up commands leave running. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../../src/host/process/processIdentity';
import { cancelRun } from '../../../src/kernel/run/cancel';
import type { Task } from '../../../src/kernel/tasks/record/model';
import { failSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { deleteTask } from '../../../src/kernel/tasks/project/removal';
import { leaveServers } from '../../support/servers';
import { until } from '../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../support/tasks/taskFixture';
import { itLongIf } from '../../support/long';

describe('the servers of a task', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;

  beforeEach(async function () {
    if (process.platform !== 'linux') return this.skip();
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const at = (name: string): string => path.join(fixture.stage.root, name);

  async function serversOf(name: string): Promise<ProcessIdentity[]> {
    await until(() => Promise.resolve(existsSync(at(`${name}.whole`))), Boolean);
    return Promise.all(
      (await readFile(at(name), 'utf8'))
        .trim()
        .split('\n')
        .map((pid) => identify(Number(pid))),
    );
  }

  /** Resolves once none of them runs. */
  const gone = (servers: readonly ProcessIdentity[]): Promise<boolean[]> =>
    until(
      () => Promise.all(servers.map(isRunning)),
      (left) => !left.includes(true),
    );

  async function planned(): Promise<{ task: Task; id: string }> {
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    return { task, id: fixture.read(task).subtasks[0]?.id ?? assert.fail() };
  }

  it('end with their planner, worker, set-up command, and check', async () => {
    fixture.settings = {
      ...fixture.settings,
      setup: [['sh', '-c', leaveServers(at('setup'))]],
      checks: [['sh', '-c', leaveServers(at('check'))]],
    };
    await fixture.agents(
      `${leaveServers(at('planner'))}\n${SINGLE_PLANNER}`,
      `${leaveServers(at('worker'))}\n${GOOD_WORKER}`,
    );
    fixture.start();
    const { id } = await planned();
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    for (const name of ['planner', 'worker', 'setup', 'check']) await gone(await serversOf(name));
  });

  for (const [how, end] of Object.entries({
    'its subtask is stopped': (_: Task, id: string) => fixture.kernel.write((u) => void failSubtask(u, id, 'stopped')),
    'its task is deleted': (task: Task) => fixture.kernel.write((u) => void deleteTask(u, task.id)),
    'its run is canceled': (task: Task) => fixture.kernel.write((u) => void cancelRun(u, task.runId, 'not wanted')),
  })) {
    itLongIf(how !== 'its subtask is stopped')(`end when ${how}`, async () => {
      await fixture.agents(SINGLE_PLANNER, `${leaveServers(at('worker'))}\nsleep 300`);
      fixture.start();
      const { task, id } = await planned();
      await fixture.kernel.write((u) => startSubtask(u, id));
      const servers = await serversOf('worker');
      assert.deepEqual([...new Set(await Promise.all(servers.map(isRunning)))], [true]);
      await end(task, id);
      await gone(servers);
    });
  }
});
