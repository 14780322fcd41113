/** What planners, workers, checks, and set-up commands leave running. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../../src/host/process/processIdentity';
import { cancelRun } from '../../../src/kernel/run/service';
import type { Task } from '../../../src/kernel/tasks/model';
import { failSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { deleteTask } from '../../../src/kernel/tasks/project/removal';
import { leaveServers } from '../../support/servers';
import { until } from '../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('the servers of a task', function () {
  this.timeout(120_000);
  let village: VillageStage;

  beforeEach(async function () {
    if (process.platform !== 'linux') return this.skip();
    village = await VillageStage.open();
  });
  afterEach(() => village.close());

  const at = (name: string): string => path.join(village.stage.root, name);

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
    const task = await village.task();
    await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
    return { task, id: village.read(task).subtasks[0]?.id ?? assert.fail() };
  }

  it('end with their planner, worker, set-up command, and check', async () => {
    village.settings = {
      ...village.settings,
      setup: [['sh', '-c', leaveServers(at('setup'))]],
      checks: [['sh', '-c', leaveServers(at('check'))]],
    };
    await village.agents(
      `${leaveServers(at('planner'))}\n${SINGLE_PLANNER}`,
      `${leaveServers(at('worker'))}\n${GOOD_WORKER}`,
    );
    village.start();
    const { id } = await planned();
    await village.kernel.write((u) => startSubtask(u, id));
    await village.when('decided', () => village.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(village.subtask(id).status, 'COMPLETED', village.subtask(id).lastError ?? '');
    for (const name of ['planner', 'worker', 'setup', 'check']) await gone(await serversOf(name));
  });

  for (const [how, end] of Object.entries({
    'its subtask is stopped': (_: Task, id: string) => village.kernel.write((u) => void failSubtask(u, id, 'stopped')),
    'its task is deleted': (task: Task) => village.kernel.write((u) => void deleteTask(u, task.id)),
    'its run is canceled': (task: Task) => village.kernel.write((u) => void cancelRun(u, task.runId, 'not wanted')),
  })) {
    it(`end when ${how}`, async () => {
      await village.agents(SINGLE_PLANNER, `${leaveServers(at('worker'))}\nsleep 300`);
      village.start();
      const { task, id } = await planned();
      await village.kernel.write((u) => startSubtask(u, id));
      const servers = await serversOf('worker');
      assert.deepEqual([...new Set(await Promise.all(servers.map(isRunning)))], [true]);
      await end(task, id);
      await gone(servers);
    });
  }
});
