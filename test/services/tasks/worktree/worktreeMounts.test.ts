/** Worktrees on disks that are mounted, taken away, and mounted again, and folders that are mounted twice. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Repository } from '../../../../src/host/git/repository';
import { listSnapshots } from '../../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { listProjects } from '../../../../src/kernel/tasks/service';
import { deleteTaskWhole } from '../../../../src/services/tasks/project/deletion';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { restoreWorktreeSnapshot } from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { recoverTasks } from '../../../../src/services/tasks/lead/recovery';
import { tidy } from '../../../../src/services/tasks/worktree/retention';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { worktreesFolder } from '../../../../src/services/tasks/taskFolders';
import { gitFolder, testGit } from '../../../support/git';
import { bind, itMounts, itMountsLong, mountMemory, unmount } from '../../../support/hostile/mountNamespace';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('the worktrees of a folder, with real mounts', function () {
  this.timeout(180_000);

  /** A task whose worktrees are on a disk that can be taken away. */
  class Mounted {
    private constructor(
      readonly fixture: TaskFixture,
      /** Always there. */
      readonly disk: string,
      /** Where it is mounted. */
      readonly mount: string,
    ) {}

    /** @param isLinked whether the storage is a link to the disk, so that git knows worktrees by another path */
    static async open(isLinked = false): Promise<Mounted> {
      const fixture = await TaskFixture.open();
      fixture.settings = { ...fixture.settings, maxAttempts: 1, failedCleanupMinutes: 0 };
      const { root } = fixture.stage;
      const disk = path.join(root, 'disk');
      await mkdir(disk);
      await mountMemory(disk);
      const mount = isLinked ? path.join(root, 'mount') : worktreesFolder(fixture.storage);
      await mkdir(mount, { recursive: true });
      const mounted = new Mounted(fixture, disk, mount);
      await mounted.connect();
      if (isLinked) {
        await cp(fixture.stage.storage, path.join(mount, 'storage'), { recursive: true });
        await rm(fixture.stage.storage, { recursive: true });
        await symlink(path.join(mount, 'storage'), fixture.stage.storage);
      }
      return mounted;
    }

    connect(): Promise<void> {
      return bind(this.disk, this.mount);
    }

    takeAway(): Promise<void> {
      return unmount(this.mount);
    }

    deps(): TaskDeps {
      return this.fixture.deps(this.fixture.dispatcher());
    }

    /** A folder where something is mounted cannot be removed. */
    async close(): Promise<void> {
      for (const place of [this.mount, this.disk]) await unmount(place).catch(() => undefined);
      await this.fixture.close();
    }

    async failed(): Promise<string> {
      const { fixture } = this;
      const orchestrator = fixture.start();
      await fixture.agents(SINGLE_PLANNER, 'echo half > half.txt; exit 1');
      const task = await fixture.task();
      await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
      const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
      await fixture.kernel.write((u) => startSubtask(u, id));
      await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
      await orchestrator.close();
      return id;
    }

    /** All that runs unasked, and *Clean Up Worktrees* of all. */
    async upkeep(): Promise<void> {
      this.fixture.settings = { ...this.fixture.settings, failedCleanupMinutes: 1 / 600 };
      const deps = this.deps();
      const later = { ...deps, ports: { ...deps.ports, clock: { nowMs: () => Date.now() + 60_000 } } };
      await recoverTasks(later);
      await tidy(later);
      await removeUnusedWorktrees(later);
      this.fixture.settings = { ...this.fixture.settings, failedCleanupMinutes: 0 };
    }
  }

  for (const isLinked of [false, true]) {
    (isLinked ? itMountsLong : itMounts)(
      isLinked ? 'survive that the disk behind a link is taken away' : 'survive that their disk is taken away',
      __filename,
      async () => {
        const mounted = await Mounted.open(isLinked);
        const { fixture } = mounted;
        try {
          const id = await mounted.failed();
          const folder = fixture.subtask(id).worktreePath ?? assert.fail();
          const real = await realpath(folder);
          await mounted.takeAway();
          assert.equal(existsSync(folder), false);
          await mounted.upkeep();
          assert.equal(fixture.subtask(id).worktreePath, folder);
          assert.deepEqual(
            (await findUnusedWorktrees(mounted.deps())).unused.map(({ path: place, reason }) => ({ place, reason })),
            [{ place: real, reason: 'unseen' }],
          );
          const refusing = fixture.start();
          await fixture.kernel.write((u) => void retrySubtask(u, id));
          await fixture.when('refused', () => fixture.subtask(id).status === 'BLOCKED');
          assert.match(fixture.subtask(id).lastError ?? '', /cannot be seen/);
          await refusing.close();
          // Another folder of worktrees is made meanwhile, in the place of the disk; a link keeps its place.
          const [project] = fixture.kernel.read(listProjects);
          const restoring = restored(mounted, project?.id ?? '');
          if (isLinked) await assert.rejects(restoring, { code: 'WORKTREE_UNSEEN' });
          else assert.equal(existsSync((await restoring).path), true);
          await mounted.upkeep();
          await mounted.connect();
          assert.equal(await readFile(path.join(folder, 'half.txt'), 'utf8'), 'half\n');
          await fixture.agents(SINGLE_PLANNER, `[ "$(cat half.txt)" = half ] || exit 1; ${GOOD_WORKER}`);
          const working = fixture.start();
          await fixture.kernel.write((u) => void retrySubtask(u, id));
          await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
          assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
          await working.close();
          await mergeOnThisMachine(mounted.deps(), id);
          assert.deepEqual(
            { folderExists: existsSync(folder), worktreePath: fixture.subtask(id).worktreePath },
            { folderExists: false, worktreePath: null },
          );
        } finally {
          await mounted.close();
        }
      },
    );
  }

  /** A snapshot of a tree elsewhere, brought back below the storage. */
  async function restored(mounted: Mounted, project: string): Promise<{ readonly path: string }> {
    const { fixture } = mounted;
    const repository = new Repository(testGit(), await gitFolder(fixture.stage.project));
    const root = path.join(fixture.stage.root, 'other', 'worktrees', project);
    const other = new Worktrees(repository, root);
    await other.ensure({ folder: path.join(root, 'one'), branch: 'one', baseSha: 'HEAD' });
    await writeFile(path.join(root, 'one', 'loose.txt'), 'loose');
    await other.remove(path.join(root, 'one'), 'one');
    const [snapshot] = await listSnapshots(repository);
    return restoreWorktreeSnapshot(mounted.deps(), project, snapshot?.ref ?? assert.fail());
  }

  itMountsLong(
    'of a task that is deleted while their disk is away are listed once it is back',
    __filename,
    async () => {
      const mounted = await Mounted.open();
      const { fixture } = mounted;
      try {
        const id = await mounted.failed();
        const folder = fixture.subtask(id).worktreePath ?? assert.fail();
        await mounted.takeAway();
        const { left } = await deleteTaskWhole(
          { ...mounted.deps(), endDispatches: () => Promise.resolve() },
          fixture.subtask(id).taskId,
        );
        assert.deepEqual(
          left.map(({ path: place }) => place),
          [folder],
        );
        await mounted.connect();
        assert.equal(await readFile(path.join(folder, 'half.txt'), 'utf8'), 'half\n');
        assert.deepEqual(
          (await findUnusedWorktrees(mounted.deps())).unused.map(({ path: place, reason }) => ({ place, reason })),
          [{ place: folder, reason: 'deleted' }],
        );
        const { removed } = await removeUnusedWorktrees(mounted.deps());
        assert.equal(await fixture.git('show', `${removed[0]?.snapshot ?? ''}:half.txt`), 'half');
      } finally {
        await mounted.close();
      }
    },
  );
});
