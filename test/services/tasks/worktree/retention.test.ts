import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { forgetWorktree, retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { listProjects } from '../../../../src/kernel/tasks/service';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import {
  listWorktreeSnapshots,
  restoreWorktreeSnapshot,
} from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { tidy } from '../../../../src/services/tasks/worktree/retention';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

describe('unused worktrees', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let id: string;

  /** A subtask whose worker committed a file, left another and failed; the window has closed. */
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    await fixture.agents(
      SINGLE_PLANNER,
      'echo half > done.txt; git add --all; git commit -qm Half; echo x > loose.txt; exit 1',
    );
    const orchestrator = fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await orchestrator.close();
  });
  afterEach(() => fixture.close());

  /** As it is so many minutes later. */
  const later = (minutes: number): TaskDeps => {
    const deps = fixture.deps(fixture.dispatcher());
    return { ...deps, ports: { ...deps.ports, clock: { nowMs: () => Date.now() + minutes * 60_000 } } };
  };
  const projectId = (): string => fixture.kernel.read((r) => listProjects(r))[0]?.id ?? assert.fail();

  it('go an hour after the failure, pushed or not, and come back with a retry, changes and all (D35)', async () => {
    const folder = fixture.subtask(id).worktreePath ?? '';
    await tidy(later(59));
    assert.equal(existsSync(folder), true);
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 0 };
    await tidy(later(100_000));
    assert.equal(existsSync(folder), true);
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 60 };
    await tidy(later(61));
    assert.deepEqual(
      { folderExists: existsSync(folder), worktreePath: fixture.subtask(id).worktreePath },
      { folderExists: false, worktreePath: null },
    );
    assert.notEqual(fixture.subtask(id).branchName, null);

    await fixture.agents(SINGLE_PLANNER, `[ "$(cat done.txt)$(cat loose.txt)" = halfx ] || exit 1; ${GOOD_WORKER}`);
    fixture.start();
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
  });

  it('are removed automatically by the leader', async () => {
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 1 / 60 };
    fixture.start();
    await fixture.when('removed', () => fixture.subtask(id).worktreePath === null);
  });

  it('are brought back from what was kept, beside all others and once', async () => {
    await tidy(later(61));
    const deps = later(0);
    const [kept, ...more] = (await listWorktreeSnapshots(deps, projectId())).snapshots;
    assert.deepEqual({ id: kept?.subtask?.id, files: kept?.files, more }, { id, files: ['loose.txt'], more: [] });
    const restored = await restoreWorktreeSnapshot(deps, projectId(), kept?.ref ?? '');
    assert.equal(restored.isNew, true);
    const texts = ['done.txt', 'loose.txt'].map((name) => readFile(path.join(restored.path, name), 'utf8'));
    assert.deepEqual(await Promise.all(texts), ['half\n', 'x\n']);
    assert.equal((await restoreWorktreeSnapshot(deps, projectId(), kept?.ref ?? '')).isNew, false);
    await assert.rejects(restoreWorktreeSnapshot(deps, projectId(), 'refs/intercore/snapshots/none'), /none/);
  });

  it('are brought back whatever branches of the person have the name or exclude it', async () => {
    await tidy(later(61));
    const deps = later(0);
    const [kept] = (await listWorktreeSnapshots(deps, projectId())).snapshots;
    const [ref, snapshot] = [kept?.ref ?? '', path.basename(kept?.ref ?? '')];
    const head = await fixture.git('rev-parse', 'HEAD');
    const rows = [
      { theirs: 'restored', made: `restored-${snapshot}` },
      { theirs: 'Restored', made: `restored-${snapshot}` },
      { theirs: `restored/${snapshot}/x`, made: `restored-${snapshot}` },
      { theirs: `restored/${snapshot}`, made: `restored/${snapshot}-2` },
      { theirs: 'restored/x', made: `restored/${snapshot}` },
    ];
    for (const { theirs, made } of rows) {
      await fixture.git('branch', theirs, head);
      const restored = await restoreWorktreeSnapshot(deps, projectId(), ref);
      assert.deepEqual({ branch: restored.branch, isNew: restored.isNew }, { branch: made, isNew: true }, theirs);
      assert.equal(await readFile(path.join(restored.path, 'loose.txt'), 'utf8'), 'x\n');
      assert.equal((await restoreWorktreeSnapshot(deps, projectId(), ref)).branch, made);
      assert.equal(await fixture.git('rev-parse', theirs), head);
      await fixture.git('worktree', 'remove', '--force', restored.path);
      await fixture.git('branch', '-D', made, theirs);
    }
  });

  it('are named where no row knows them, and removed after a snapshot', async () => {
    const deps = later(0);
    const folder = fixture.subtask(id).worktreePath ?? '';
    assert.deepEqual(await findUnusedWorktrees(deps), { unused: [], skipped: [] });
    await fixture.kernel.write((u) => void forgetWorktree(u, id));
    const [unused, ...more] = (await findUnusedWorktrees(deps)).unused;
    const { branchName } = fixture.subtask(id);
    assert.deepEqual(
      { path: unused?.path, branch: unused?.branch, reason: unused?.reason, more },
      { path: folder, branch: branchName, reason: 'forgotten', more: [] },
    );
    assert.deepEqual(unused?.changes, ['loose.txt']);
    await assert.rejects(
      removeUnusedWorktrees(deps, [folder, fixture.stage.project]),
      /The unused worktree \S+ was not found/,
    );
    const { removed, left } = await removeUnusedWorktrees(deps, [folder]);
    assert.deepEqual({ removed: removed.map((one) => one.path), left }, { removed: [folder], left: [] });
    assert.equal(await fixture.git('show', `${removed[0]?.snapshot ?? ''}:loose.txt`), 'x');
    assert.notEqual(await fixture.git('branch', '--list', branchName ?? ''), '');
    assert.deepEqual(
      { folderExists: existsSync(folder), unused: (await findUnusedWorktrees(deps)).unused },
      { folderExists: false, unused: [] },
    );
  });

  itLong('stay if they are needed again', async () => {
    const deps = later(0);
    const folder = fixture.subtask(id).worktreePath ?? '';
    await fixture.kernel.write((u) => void forgetWorktree(u, id));
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    assert.deepEqual((await findUnusedWorktrees(deps)).unused, []);
    await assert.rejects(removeUnusedWorktrees(deps, [folder]), /The unused worktree \S+ was not found/);
    assert.equal(existsSync(path.join(folder, 'loose.txt')), true);
  });
});
