/** Folders of the storage that a person has moved to another disk, with a link in their place. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TrustedFolders } from '../../../../src/host/trusted/trustedFolders';
import { FolderRegistry } from '../../../../src/host/trusted/folderRegistry';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { ownCheckLog } from '../../../../src/services/tasks/worktreeSetup/checkProcess';
import {
  listWorktreeSnapshots,
  restoreWorktreeSnapshot,
} from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { worktreesFolder } from '../../../../src/services/tasks/taskFolders';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong, itLongIf } from '../../../support/long';

describe('a folder of the storage that is a link', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;
  let disk: string;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    const { root, project, storage } = fixture.stage;
    // What is elsewhere in the temporary folder is not ours here.
    const registry = new FolderRegistry(path.join(root, 'places.json'));
    fixture.places = new TrustedFolders({ folders: () => [project], storages: () => [storage], registry });
    fixture.settings = { ...fixture.settings, maxAttempts: 1, failedCleanupMinutes: 0 };
    disk = path.join(root, 'disk');
    await mkdir(disk);
  });
  afterEach(() => fixture.close());

  const deps = (): TaskDeps => fixture.deps(fixture.dispatcher());

  /** Moves a folder of the storage away, or makes it there, and leaves a link. */
  async function move(folder: string, name = 'moved'): Promise<void> {
    const moved = path.join(disk, name);
    if (existsSync(folder)) await rename(folder, moved);
    else await mkdir(moved);
    await mkdir(path.dirname(folder), { recursive: true });
    await symlink(moved, folder);
  }

  /** A subtask whose only attempt has failed, with its worktree. */
  async function failed(): Promise<string> {
    const orchestrator = fixture.start();
    await fixture.agents(SINGLE_PLANNER, 'echo half > half.txt; exit 1');
    const task = await fixture.task();
    const planned = (): Task => fixture.read(task).task;
    await fixture.when('planned', () => planned().status === 'ACTIVE' || planned().planningError !== null);
    assert.equal(planned().planningError, null);
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await orchestrator.close();
    return id;
  }

  async function finished(id: string): Promise<void> {
    await fixture.agents(SINGLE_PLANNER, `[ "$(cat half.txt)" = half ] || exit 1; ${GOOD_WORKER}`);
    const orchestrator = fixture.start();
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    await orchestrator.close();
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
    const folder = fixture.subtask(id).worktreePath ?? assert.fail();
    await mergeOnThisMachine(deps(), id);
    assert.deepEqual(
      { folderExists: existsSync(folder), worktreePath: fixture.subtask(id).worktreePath },
      { folderExists: false, worktreePath: null },
    );
  }

  for (const [what, folderOf] of [
    ['its worktrees', () => worktreesFolder(fixture.storage)],
    ['its clean trees of proofs', () => path.join(fixture.storage, 'proof')],
    ['all of a folder', () => fixture.storage],
  ] as const) {
    const itThere = itLongIf(what !== 'all of a folder');
    itThere(`serves a whole task: ${what}`, async () => {
      await move(folderOf());
      fixture.settings = { ...fixture.settings, checks: [['test', '-f', 'README.md']] };
      await finished(await failed());
    });
  }

  itLong('serves worktrees that were made before it was moved', async () => {
    const id = await failed();
    await move(worktreesFolder(fixture.storage));
    assert.equal(await fixture.places?.isKnown(fixture.subtask(id).worktreePath ?? ''), true);
    await finished(id);
  });

  it('serves clean-up, and bringing work back', async () => {
    await move(worktreesFolder(fixture.storage));
    const id = await failed();
    const real = await realpath(fixture.subtask(id).worktreePath ?? '');
    await writeFile(path.join(real, 'loose.txt'), 'loose');
    await fixture.kernel.write((u) => u.db.run('UPDATE subtasks SET worktree_path = NULL', []));
    const { unused, skipped } = await findUnusedWorktrees(deps());
    assert.deepEqual({ unused: unused.map((unused) => unused.path), skipped }, { unused: [real], skipped: [] });
    const { removed } = await removeUnusedWorktrees(deps());
    assert.deepEqual(
      { removedCount: removed.length, realExists: existsSync(real) },
      { removedCount: 1, realExists: false },
    );
    const [kept] = (await listWorktreeSnapshots(deps())).snapshots;
    const restored = await restoreWorktreeSnapshot(deps(), kept?.projectId ?? '', kept?.ref ?? '');
    assert.equal(await readFile(path.join(restored.path, 'loose.txt'), 'utf8'), 'loose');
  });

  it('serves clones, and the log of a check', async () => {
    const clones = path.join(fixture.stage.storage, 'projects');
    await move(clones, 'clones');
    const clone = path.join(clones, 'ada', 'parcels');
    await mkdir(clone, { recursive: true });
    const places = fixture.places ?? assert.fail();
    assert.equal(await places.clone({ id: 'parcels', clonePath: clone }, clone), await realpath(clone));
    await assert.rejects(places.clone({ id: 'parcels', clonePath: path.dirname(clone) }, path.dirname(clone)));
    await move(path.join(fixture.storage, 'checks'), 'checks');
    const log = path.join(fixture.storage, 'checks', 'one', 'attempt-1-check-1.log');
    assert.equal(
      await ownCheckLog({ storageDir: fixture.storage }, log),
      path.join(disk, 'checks', 'one', path.basename(log)),
    );
  });

  it('makes no other folder known where it leads', async () => {
    await move(worktreesFolder(fixture.storage));
    await mkdir(path.join(disk, 'beside', 'a', 'b'), { recursive: true });
    await mkdir(path.join(fixture.stage.storage, 'dispatch-1', 'worktrees'), { recursive: true });
    await symlink(path.join(disk, 'beside'), path.join(fixture.stage.storage, 'dispatch-1', 'worktrees', 'a'));
    await symlink(path.join(disk, 'beside'), path.join(disk, 'moved', 'linked'));
    const places = fixture.places ?? assert.fail();
    for (const claim of [
      path.join(disk, 'beside', 'a'),
      path.join(disk, 'moved'),
      path.join(disk, 'moved', '..', 'beside', 'a', 'b'),
      path.join(worktreesFolder(fixture.storage), 'linked', 'a'),
      path.join(fixture.stage.storage, 'dispatch-1', 'worktrees', 'a', 'a'),
    ]) {
      assert.equal(await places.isKnown(claim), false, claim);
    }
    assert.deepEqual(await readdir(path.join(disk, 'beside')), ['a']);
  });
});
