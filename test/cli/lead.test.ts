/** Agents work without a window: `ic lead` plans, builds and says what waits for a person. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Task } from '../../src/kernel/village/model';
import { ic, type IcResult } from '../support/ic';
import { VillageStage } from '../support/villageStage';

describe('ic lead', function () {
  this.timeout(120_000);
  let village: VillageStage;
  let task: Task;
  const run = (...args: string[]): Promise<IcResult> =>
    ic(args, {
      cwd: village.stage.project,
      input: 'Tell people.',
      env: { XDG_STATE_HOME: path.join(village.stage.root, 'state'), HOME: village.stage.home },
    });
  const settings = (): string[] => {
    const { plannerPrompt, workerPrompt } = village.settings;
    const given = {
      'agents.default': 'shell',
      'village.plannerPrompt': plannerPrompt,
      'village.workerPrompt': workerPrompt,
    };
    return Object.entries(given).flatMap(([name, value]) => ['--set', `${name}=${JSON.stringify(value)}`]);
  };
  const status = (): string => village.read(task).task.status;

  beforeEach(async () => {
    village = await VillageStage.open();
  });
  afterEach(() => village.close());

  it('plans and builds a task, ends with what waits for a person, and with nothing once that is done', async () => {
    const created = await run('task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start', '--json');
    assert.equal(created.code, 0, created.stderr);
    await village.kernel.refresh();
    task = village.read(JSON.parse(created.stdout) as Task).task;
    const first = await run('lead', '--once', '--json', ...settings());
    assert.equal(first.code, 1, first.stdout + first.stderr);
    const events = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const needs = events.filter(({ event }) => event === 'needs a person');
    assert.deepEqual(
      needs.map(({ heading }) => heading),
      ['To be merged'],
    );
    await village.kernel.refresh();
    const [subtask] = village.read(task).subtasks;
    assert.deepEqual([status(), subtask?.status], ['ACTIVE', 'COMPLETED']);
    assert.equal((await run('subtask', 'merge', subtask?.id ?? '')).code, 0);
    const second = await run('lead', '--once', ...settings());
    assert.equal(second.code, 0, second.stdout + second.stderr);
    await village.kernel.refresh();
    assert.equal(status(), 'DONE');
  });
});
