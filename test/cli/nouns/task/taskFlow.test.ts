/** A person controls a task with `ic` while a window leads it: start, stop, retry, merge, delete. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { trustedFoldersOf } from '../../../../src/host/trusted/trustedFolders';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { findRun } from '../../../../src/kernel/run/record/queries';
import { listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import { ic, type IcResult } from '../../../support/ic/ic';
import { itLong } from '../../../support/long';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('a task controlled by ic', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let task: Task;
  const state = (): string => path.join(fixture.stage.root, 'state');
  const none = (): readonly string[] => [];
  const run = async (...args: string[]): Promise<string> => (await answer(...args)).stdout;
  const answer = async (...args: string[]): Promise<IcResult> => {
    const { code, stdout, stderr } = await ic(args, {
      cwd: fixture.stage.project,
      env: { XDG_STATE_HOME: state() },
    });
    assert.equal(code, 0, `ic ${args.join(' ')}: ${stderr}`);
    return { code, stdout, stderr };
  };
  const first = () => fixture.read(task).subtasks[0] ?? assert.fail('no subtask');
  const becomes = (status: string) => fixture.when(status, () => first().status === status);

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    // The window's own git does this with its first worktree; here it and `ic` have separate state folders.
    await trustedFoldersOf({ XDG_STATE_HOME: state() }, none, () => [fixture.stage.storage]).noteStorages();
  });
  afterEach(() => fixture.close());

  const plannedTask = async (worker: string): Promise<void> => {
    await fixture.agents(SINGLE_PLANNER, worker);
    fixture.start();
    task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
  };

  it('proceeds from ready to done', async () => {
    await plannedTask(GOOD_WORKER);
    assert.equal(await run('subtask', 'start', first().id), 'started\n');
    await becomes('COMPLETED');
    const worktree = first().worktreePath ?? assert.fail('no worktree');
    const hooks = path.join(fixture.stage.project, '.git', 'hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(path.join(hooks, 'post-merge'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { stdout, stderr } = await answer('subtask', 'merge', first().id);
    assert.equal(stdout, 'merged\ntask done\n');
    assert.equal(stderr, 'ic: subtask merge: these hooks of the repository did not run: post-merge\n');
    await fixture.when('done', () => fixture.read(task).task.status === 'DONE');
    assert.match(await fixture.git('log', '--format=%s', 'main'), /Do the work/);
    assert.equal(existsSync(worktree), false);
  });

  itLong('stops the worker and starts it again', async () => {
    await plannedTask('exec sleep 60');
    await run('subtask', 'start', first().id);
    await fixture.when('running', () => fixture.attempts(task, first().id)[0]?.status === 'RUNNING');
    assert.equal(await run('subtask', 'stop', first().id), 'stopped\n');
    await fixture.when('ended', () => fixture.attempts(task, first().id)[0]?.status === 'CANCELLED');
    assert.deepEqual(
      { status: first().status, lastError: first().lastError },
      { status: 'BLOCKED', lastError: 'stopped by ic' },
    );
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    assert.equal(await run('subtask', 'retry', first().id), 'started\n');
    await becomes('COMPLETED');
  });

  itLong('is deleted with its agents and worktrees, but keeps work in a snapshot and on the branch', async () => {
    await plannedTask(
      `echo a > a.txt && git add --all && git commit --quiet -m Half && echo loose > b.txt
      echo there | ic subtask note --body-file=-; exec sleep 60`,
    );
    await run('subtask', 'start', first().id);
    await fixture.when('half done', () => fixture.kernel.read((r) => listNotes(r, first().id)).length > 0);
    const { branchName, worktreePath, id } = first();
    const report = JSON.parse(await run('task', 'delete', task.id, '--json')) as Record<string, unknown>;
    assert.deepEqual(report, {
      id: task.id,
      branches: [branchName],
      snapshots: [`refs/intercore/snapshots/${id}-deleted`],
      left: [],
    });
    assert.equal(existsSync(worktreePath ?? ''), false);
    assert.equal(await fixture.git('show', `refs/intercore/snapshots/${id}-deleted:b.txt`), 'loose');
    await fixture.when('gone', () => fixture.kernel.read((r) => findRun(r, task.runId))?.status === 'cancelled');
    assert.equal(fixture.kernel.read((r) => r.db.rows('SELECT id FROM tasks', [])).length, 0);

    // The snapshot is restored next to other worktrees, and removed again as unused.
    const ref = `refs/intercore/snapshots/${id}-deleted`;
    assert.equal(await run('worktree', 'snapshots'), `${ref}\t\tb.txt\n`);
    const restored = JSON.parse(await run('worktree', 'restore', ref, '--json')) as { path: string; branch: string };
    assert.equal(await readFile(path.join(restored.path, 'b.txt'), 'utf8'), 'loose\n');
    const orphan = `${restored.path}\trestored\t${restored.branch}\tb.txt\n`;
    assert.equal(await run('worktree', 'unused'), orphan);
    const removed = await run('worktree', 'clean', restored.path);
    assert.match(removed, new RegExp(`^removed\t${restored.path}\trefs/intercore/snapshots/restored-`));
    assert.deepEqual(
      { isThere: existsSync(restored.path), cleaned: await run('worktree', 'clean') },
      { isThere: false, cleaned: '' },
    );
  });
});
