/** A person leads a task by `ic` alone, while a window orchestrates: start, stop, retry, merge, delete. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { placesOf } from '../../../src/host/trusted/places';
import type { Task } from '../../../src/kernel/tasks/model';
import { findRun } from '../../../src/kernel/run/queries';
import { listNotes } from '../../../src/kernel/tasks/subtask/subtasks';
import { ic, type IcResult } from '../../support/ic/ic';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('a task led by ic', function () {
  this.timeout(120_000);
  let village: VillageStage;
  let task: Task;
  const state = (): string => path.join(village.stage.root, 'state');
  const none = (): readonly string[] => [];
  const run = async (...args: string[]): Promise<string> => (await answer(...args)).stdout;
  const answer = async (...args: string[]): Promise<IcResult> => {
    const { code, stdout, stderr } = await ic(args, {
      cwd: village.stage.project,
      env: { XDG_STATE_HOME: state() },
    });
    assert.equal(code, 0, `ic ${args.join(' ')}: ${stderr}`);
    return { code, stdout, stderr };
  };
  const first = () => village.read(task).subtasks[0] ?? assert.fail('no subtask');
  const becomes = (status: string) => village.when(status, () => first().status === status);

  beforeEach(async () => {
    village = await VillageStage.open();
    // What the window's own git does with its first worktree; here it and `ic` keep their state apart.
    await placesOf({ XDG_STATE_HOME: state() }, none, () => [village.stage.storage]).noteStorages();
  });
  afterEach(() => village.close());

  const plannedTask = async (worker: string): Promise<void> => {
    await village.agents(SINGLE_PLANNER, worker);
    village.start();
    task = await village.task();
    await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
  };

  it('goes from ready to done', async () => {
    await plannedTask(GOOD_WORKER);
    assert.equal(await run('subtask', 'start', first().id), 'started\n');
    await becomes('COMPLETED');
    const worktree = first().worktreePath ?? assert.fail('no worktree');
    const hooks = path.join(village.stage.project, '.git', 'hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(path.join(hooks, 'post-merge'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { stdout, stderr } = await answer('subtask', 'merge', first().id);
    assert.equal(stdout, 'merged\ntask done\n');
    assert.equal(stderr, 'ic: subtask merge: these hooks of the repository did not run: post-merge\n');
    await village.when('done', () => village.read(task).task.status === 'DONE');
    assert.match(await village.git('log', '--format=%s', 'main'), /Do the work/);
    assert.equal(existsSync(worktree), false);
  });

  it('stops the worker and lets it begin again', async () => {
    await plannedTask('exec sleep 60');
    await run('subtask', 'start', first().id);
    await village.when('at work', () => village.attempts(task, first().id)[0]?.status === 'RUNNING');
    assert.equal(await run('subtask', 'stop', first().id), 'stopped\n');
    await village.when('ended', () => village.attempts(task, first().id)[0]?.status === 'CANCELLED');
    assert.deepEqual([first().status, first().lastError], ['BLOCKED', 'stopped by ic']);
    await village.agents(SINGLE_PLANNER, GOOD_WORKER);
    assert.equal(await run('subtask', 'retry', first().id), 'started\n');
    await becomes('COMPLETED');
  });

  it('is deleted with its agents and worktrees, but keeps work in a snapshot and on the branch', async () => {
    await plannedTask(
      `echo a > a.txt && git add --all && git commit --quiet -m Half && echo loose > b.txt
      echo there | ic subtask note --body-file=-; exec sleep 60`,
    );
    await run('subtask', 'start', first().id);
    await village.when('half done', () => village.kernel.read((r) => listNotes(r, first().id)).length > 0);
    const { branchName, worktreePath, id } = first();
    const report = JSON.parse(await run('task', 'delete', task.id, '--json')) as Record<string, unknown>;
    assert.deepEqual(report, {
      id: task.id,
      branches: [branchName],
      snapshots: [`refs/intercore/snapshots/${id}-deleted`],
      left: [],
    });
    assert.equal(existsSync(worktreePath ?? ''), false);
    assert.equal(await village.git('show', `refs/intercore/snapshots/${id}-deleted:b.txt`), 'loose');
    await village.when('gone', () => village.kernel.read((r) => findRun(r, task.runId))?.status === 'cancelled');
    assert.equal(village.kernel.read((r) => r.db.rows('SELECT id FROM tasks', [])).length, 0);

    // What was kept comes back beside everything else, and goes again when nobody needs it.
    const ref = `refs/intercore/snapshots/${id}-deleted`;
    assert.equal(await run('worktree', 'snapshots'), `${ref}\t\tb.txt\n`);
    const restored = JSON.parse(await run('worktree', 'restore', ref, '--json')) as { path: string; branch: string };
    assert.equal(await readFile(path.join(restored.path, 'b.txt'), 'utf8'), 'loose\n');
    const stray = `${restored.path}\trestored\t${restored.branch}\tb.txt\n`;
    assert.equal(await run('worktree', 'strays'), stray);
    const removed = await run('worktree', 'clean', restored.path);
    assert.match(removed, new RegExp(`^removed\t${restored.path}\trefs/intercore/snapshots/restored-`));
    assert.deepEqual([existsSync(restored.path), await run('worktree', 'clean')], [false, '']);
  });
});
