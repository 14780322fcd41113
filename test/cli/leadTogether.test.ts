/** Several leaders of one folder, and leaders that die: one leads, the next goes on, and every task is done all the same. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { leaderStorage } from '../../src/host/stateFolder';
import { announceStorage } from '../../src/host/storages';
import { placesOf } from '../../src/host/trusted/places';
import type { Task } from '../../src/kernel/village/model';
import { leaderOf } from '../../src/services/village/leader';
import { PATIENCE_MS } from '../support/dispatching';
import { ic, IC_SCRIPT } from '../support/ic';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../support/villageStage';

describe('leaders of one folder', function () {
  this.timeout(180_000);
  let village: VillageStage;
  let task: Task;
  const leaders: ChildProcess[] = [];
  const none = (): readonly string[] => [];
  const env = (): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: village.stage.home,
    XDG_STATE_HOME: path.join(village.stage.root, 'state'),
  });
  const settings = (): string[] => {
    const { plannerPrompt, workerPrompt } = village.settings;
    const given = {
      'agents.default': 'shell',
      'village.plannerPrompt': plannerPrompt,
      'village.workerPrompt': workerPrompt,
    };
    return Object.entries(given).map(([name, value]) => `--set=${name}=${JSON.stringify(value)}`);
  };
  const start = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [IC_SCRIPT, 'lead', ...settings(), ...args], {
      cwd: village.stage.project,
      env: env(),
      stdio: 'ignore',
    });
    leaders.push(child);
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const leads = async (pid: number): Promise<void> => {
    const until = Date.now() + PATIENCE_MS;
    // They are other processes, of which only the lock tells.
    while ((await leaderOf(village.kernel.path))?.pid !== pid) {
      assert.ok(Date.now() < until, `process ${pid} never came to lead`);
      await delay(50);
    }
  };
  const begin = async (worker: string): Promise<void> => {
    await village.agents(SINGLE_PLANNER, worker);
    const args = ['task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start', '--json'];
    const { stdout } = await ic(args, { cwd: village.stage.project, env: env(), input: 'Tell people.' });
    await village.kernel.refresh();
    task = village.read(JSON.parse(stdout) as Task).task;
  };
  const isBuilt = (): boolean => village.read(task).subtasks[0]?.status === 'COMPLETED';
  const works = (): boolean => village.attempts(task, village.read(task).subtasks[0]?.id)[0]?.status === 'RUNNING';

  beforeEach(async () => {
    village = await VillageStage.open();
  });
  afterEach(async () => {
    for (const child of leaders.splice(0)) await end(child, 'SIGKILL');
    await village.close();
  });

  it('lead one at a time: a killed one is stepped in for, and its agent is followed to the end', async () => {
    await begin(`sleep 4; ${GOOD_WORKER}`);
    const first = start();
    await leads(first.pid ?? 0);
    const second = start();
    await village.when('at work', works);
    assert.equal((await leaderOf(village.kernel.path))?.pid, first.pid);
    await end(first, 'SIGKILL');
    await leads(second.pid ?? 0);
    await village.when('built', isBuilt);
    const subtask = village.read(task).subtasks[0];
    assert.equal(village.attempts(task, subtask?.id).length, 1, 'no second agent worked on it');
    await end(second, 'SIGTERM');
    assert.equal(second.exitCode, 0);
    assert.equal(await leaderOf(village.kernel.path), undefined);
  });

  it('that are killed at random build every task all the same, once', async () => {
    await begin(GOOD_WORKER);
    for (let kills = 0; kills < 4 && !isBuilt(); kills += 1) {
      const leader = start('--once');
      await Promise.race([once(leader, 'exit'), delay(1000 + randomInt(4000))]);
      await end(leader, 'SIGKILL');
      await village.kernel.refresh();
    }
    const last = start('--once');
    if (last.exitCode === null) await once(last, 'exit');
    await village.kernel.refresh();
    assert.equal(last.exitCode, 1, 'only the merge is left');
    assert.deepEqual(
      village.read(task).subtasks.map(({ status }) => status),
      ['COMPLETED'],
    );
  });

  it('hand over to a window when they stop, and take over from one when they are told to', async () => {
    await begin(`sleep 3; ${GOOD_WORKER}`);
    const { storage } = village.stage;
    await announceStorage(env(), storage);
    await placesOf(env(), none, () => [storage]).noteStorages();
    const window = village.start(village.dispatcher([], { otherStorage: [leaderStorage(env())] }));
    await village.when('at work', works);
    assert.equal((await leaderOf(village.kernel.path))?.program, 'window');
    const leader = start('--take');
    await leads(leader.pid ?? 0);
    assert.equal(window.isLeading, false);
    await village.when('built', isBuilt);
    await end(leader, 'SIGTERM');
    await leads(process.pid);
    assert.equal(village.attempts(task, village.read(task).subtasks[0]?.id).length, 1);
  });
});
