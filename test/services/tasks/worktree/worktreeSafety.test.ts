/** Worktrees of the person, of running agents, and of a storage that a link leads to or that is not there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../../scripts/demo/repositories';
import { Repository } from '../../../../src/host/git/repository';
import { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { branchName } from '../../../../src/kernel/tasks/names';
import { forgetWorktree, retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { listProjects } from '../../../../src/kernel/tasks/service';
import { listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { restoreWorktreeSnapshot } from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { recoverTasks } from '../../../../src/services/tasks/lead/recovery';
import { tidy } from '../../../../src/services/tasks/worktree/retention';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { gitFolder, testGit } from '../../../support/git';
import { until } from '../../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

describe('the worktrees of a folder', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.settings = { ...fixture.settings, maxAttempts: 1, failedCleanupMinutes: 1 / 600 };
  });
  afterEach(() => fixture.close());

  const deps = (): TaskDeps => fixture.deps(fixture.dispatcher());
  /** Once the agent runs. */
  const ready = (storage: string): Promise<boolean> =>
    until(() => Promise.resolve(existsSync(path.join(storage, 'ready'))), Boolean);

  /** A worker that waits until a file says how it continues: `good` or `bad`. */
  const WAITING = `echo loose > loose.txt; touch ../../../ready
    while [ ! -s ../../../go ]; do sleep 0.05; done
    [ "$(cat ../../../go)" = bad ] && exit 1; rm loose.txt; ${GOOD_WORKER}`;

  async function planned(worker: string): Promise<string> {
    await fixture.agents(SINGLE_PLANNER, worker);
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    return fixture.read(task).subtasks[0]?.id ?? assert.fail();
  }

  async function failed(): Promise<string> {
    const orchestrator = fixture.start();
    const id = await planned('echo half > half.txt; exit 1');
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 0 };
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await orchestrator.close();
    return id;
  }

  it('that another program made, and did not come to record before it stopped leading, are used where they are', async () => {
    const first = fixture.start();
    const id = await planned(GOOD_WORKER);
    await first.close();
    const [project] = fixture.kernel.read(listProjects);
    const folder = path.join(fixture.stage.storage, 'other', 'worktrees', project?.id ?? '', `${id}-left`);
    const repository = new Repository(testGit(), await gitFolder(fixture.stage.project));
    const branch = branchName(id, fixture.subtask(id).title);
    const baseSha = (await repository.commitOf('HEAD')) ?? assert.fail();
    await new Worktrees(repository, path.dirname(folder)).ensure({ folder, branch, baseSha });
    fixture.start(fixture.dispatcher([], { workFolders: () => [fixture.stage.storage] }));
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('built', () => fixture.subtask(id).status === 'COMPLETED');
    assert.equal(fixture.subtask(id).worktreePath, folder);
  });

  it('that are the person’s survive all upkeep while their disk is away', async () => {
    const mine = path.join(fixture.stage.root, 'mounted', 'mine');
    await fixture.git('worktree', 'add', '--quiet', '--detach', mine);
    await writeFile(path.join(mine, 'only.txt'), 'only here');
    await plainGit(mine, ['add', '--all']);
    await plainGit(mine, ['commit', '--quiet', '--message', 'Only here']);
    const commit = (await plainGit(mine, ['rev-parse', 'HEAD'])).trim();
    await rename(path.dirname(mine), path.join(fixture.stage.root, 'away'));
    const id = await failed();
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 1 / 600 };
    await recoverTasks(deps());
    await tidy({
      ...deps(),
      ports: { ...deps().ports, clock: { nowMs: () => Date.now() + 60_000 } },
    });
    assert.equal(fixture.subtask(id).worktreePath, null, 'our own was removed');
    await removeUnusedWorktrees(deps());
    await rename(path.join(fixture.stage.root, 'away'), path.dirname(mine));
    assert.equal((await plainGit(mine, ['rev-parse', 'HEAD'])).trim(), commit);
    await fixture.git('gc', '--quiet', '--prune=now');
    assert.equal((await plainGit(mine, ['status', '--porcelain'])).trim(), '');
  });

  it('are not started empty while their storage is not there', async () => {
    const id = await failed();
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    const trees = path.dirname(path.dirname(folder));
    await rename(trees, `${trees}.away`);
    fixture.start();
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('refused', () => fixture.subtask(id).status === 'BLOCKED');
    const { lastError, worktreePath } = fixture.subtask(id);
    assert.ok(lastError?.includes(`The worktree ${folder} cannot be seen`), lastError ?? '');
    assert.deepEqual({ worktreePath, folderExists: existsSync(folder) }, { worktreePath: folder, folderExists: false });
    await rename(`${trees}.away`, trees);
    await fixture.agents(SINGLE_PLANNER, `[ "$(cat half.txt)" = half ] || exit 1; ${GOOD_WORKER}`);
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
  });

  it('are forgotten by name alone where they cannot be seen, with what only the repository has of them', async () => {
    const id = await failed();
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    const mine = path.join(fixture.stage.root, 'mounted', 'mine');
    await fixture.git('worktree', 'add', '--quiet', '--detach', mine);
    await writeFile(path.join(folder, 'staged.txt'), 'staged');
    await plainGit(folder, ['add', 'staged.txt']);
    const trees = path.dirname(path.dirname(folder));
    for (const place of [trees, path.dirname(mine)]) await rename(place, `${place}.away`);
    assert.deepEqual(
      (await findUnusedWorktrees(deps())).unused.map(({ path: place, reason }) => ({ place, reason })),
      [{ place: folder, reason: 'unseen' }],
    );
    // Not with all others, not without the word for it, and never the person's.
    assert.deepEqual(await removeUnusedWorktrees(deps()), { removed: [], left: [] });
    assert.match((await removeUnusedWorktrees(deps(), [folder])).left[0]?.problem ?? '', /cannot be seen/);
    await assert.rejects(removeUnusedWorktrees(deps(), [mine], true), { code: 'NOT_FOUND' });
    const { removed, left } = await removeUnusedWorktrees(deps(), [folder], true);
    assert.deepEqual({ removed: removed.map(({ path: place }) => place), left }, { removed: [folder], left: [] });
    assert.equal(await fixture.git('show', `${removed[0]?.snapshot ?? ''}:staged.txt`), 'staged');
    assert.equal(fixture.subtask(id).worktreePath, null);
    const list = await fixture.git('worktree', 'list');
    assert.deepEqual([list.includes(folder), list.includes(mine)], [false, true]);
    assert.equal(
      await readFile(path.join(`${trees}.away`, path.relative(trees, folder), 'half.txt'), 'utf8'),
      'half\n',
    );
    await fixture.agents(SINGLE_PLANNER, `[ "$(cat staged.txt)" = staged ] || exit 1; ${GOOD_WORKER}`);
    fixture.start();
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    await rename(`${path.dirname(mine)}.away`, path.dirname(mine));
    assert.equal((await plainGit(mine, ['status', '--porcelain'])).trim(), '');
  });

  itLong('are the same ones where a link leads to their storage', async () => {
    const { storage, root } = fixture.stage;
    await rename(storage, path.join(root, 'disk'));
    await symlink(path.join(root, 'disk'), storage);
    fixture.start();
    const id = await planned(WAITING);
    await fixture.kernel.write((u) => startSubtask(u, id));
    await ready(fixture.storage);
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    const real = await realpath(folder);
    assert.notEqual(folder, real);
    // The agent runs.
    await tidy(deps());
    await recoverTasks(deps());
    assert.deepEqual((await findUnusedWorktrees(deps())).unused, []);
    for (const spelled of [folder, real])
      await assert.rejects(removeUnusedWorktrees(deps(), [spelled]), /The unused worktree \S+ was not found/);
    assert.deepEqual((await removeUnusedWorktrees(deps())).removed, []);
    assert.equal(await readFile(path.join(folder, 'loose.txt'), 'utf8'), 'loose\n');
    // It fails, and a retry works where it was.
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 0 };
    await writeFile(path.join(fixture.storage, 'go'), 'bad');
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await writeFile(path.join(fixture.storage, 'go'), 'good');
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    assert.equal(existsSync(`${folder}.kept`), false);
    // Merged, it goes.
    await mergeOnThisMachine(deps(), id);
    assert.deepEqual(
      { folderExists: existsSync(folder), worktreePath: fixture.subtask(id).worktreePath },
      { folderExists: false, worktreePath: null },
    );
    assert.equal((await fixture.git('worktree', 'list')).split('\n').length, 1);
  });

  it('in which an agent runs are neither offered nor removed, whatever the rows say', async () => {
    fixture.start();
    const id = await planned(WAITING);
    await fixture.kernel.write((u) => startSubtask(u, id));
    await ready(fixture.storage);
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    await fixture.kernel.write((u) => void forgetWorktree(u, id));
    assert.deepEqual((await findUnusedWorktrees(deps())).unused, []);
    // Git alone is asked here, without the record.
    const repository = new Repository(testGit(), await gitFolder(fixture.stage.project));
    const worktrees = new Worktrees(repository, path.dirname(folder));
    await assert.rejects(worktrees.remove(folder, 'gone'), { code: 'WORKTREE_IN_USE' });
    assert.equal(existsSync(path.join(folder, 'loose.txt')), true);
    await writeFile(path.join(fixture.storage, 'go'), 'bad');
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
  });

  it('name, list, and bring back a folder that was in the place of one', async () => {
    const id = await failed();
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    await fixture.git('worktree', 'remove', '--force', folder);
    await mkdir(path.join(folder, 'deep'), { recursive: true });
    await writeFile(path.join(folder, 'deep', 'mine.txt'), 'mine');
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    fixture.start();
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    const moved = `${folder}.kept`;
    const notes = fixture.kernel.read((r) => listNotes(r, id));
    assert.ok(
      notes.some(({ text }) => text.includes(moved)),
      JSON.stringify(notes),
    );
    const { unused } = await findUnusedWorktrees(deps());
    assert.deepEqual(
      unused.map(({ path: place, reason }) => ({ place, reason })),
      [{ place: moved, reason: 'forgotten' }],
    );
    assert.ok(unused[0]?.changes.includes('deep/mine.txt'));
    const { removed } = await removeUnusedWorktrees(deps(), [moved]);
    assert.equal(existsSync(moved), false);
    const [project] = fixture.kernel.read((r) => listProjects(r));
    const { path: restored } = await restoreWorktreeSnapshot(deps(), project?.id ?? '', removed[0]?.snapshot ?? '');
    assert.equal(await readFile(path.join(restored, 'deep', 'mine.txt'), 'utf8'), 'mine');
  });
});
