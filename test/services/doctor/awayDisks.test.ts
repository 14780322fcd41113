/** The doctor while the disk of the storage, a clone, or a worktree is away, has failed, or does not answer. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import { acceptPlan, addProject, createTask } from '../../../src/kernel/tasks/service';
import { failSubtask, placeSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import {
  bind,
  itMounts,
  itMountsLong,
  mountDead,
  mountMemory,
  mountSilent,
  unmount,
} from '../../support/hostile/mountNamespace';
import { Machine } from '../../support/ic/environment';
import { Projects } from '../../support/projects';
import { addOwnWorktree } from '../../support/tasks/ownTrees';
import { workplaceAt } from '../../support/tasks/taskRecord';

describe('the doctor, with real mounts', function () {
  this.timeout(120_000);
  const projects = Projects.ofSuite();

  interface Stage {
    readonly machine: Machine;
    readonly kernel: ProjectKernel;
    readonly root: string;
    readonly storage: string;
    readonly clone: string;
    readonly worktree: string;
    /** What is unmounted at the end. */
    readonly mounted: string[];
    /** Mounts a disk at a folder that is there, with what is in it. */
    readonly onDisk: (folder: string) => Promise<void>;
    /** Of what is not as it should be in the checks of places: the code and the path. */
    readonly examine: () => Promise<string[][]>;
  }

  const itFinds = (title: string, body: (stage: Stage) => Promise<void>, itThere = itMounts): void =>
    itThere(title, __filename, async () => {
      const root = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-away-')));
      const mounted: string[] = [];
      try {
        await body(await stageIn(root, mounted));
      } finally {
        for (const place of mounted.reverse()) await unmount(place).catch(() => undefined);
        await rm(root, { recursive: true, force: true });
      }
    });
  const itFindsLong = (title: string, body: (stage: Stage) => Promise<void>): void =>
    itFinds(title, body, itMountsLong);

  async function stageIn(root: string, mounted: string[]): Promise<Stage> {
    const machine = await Machine.in(root);
    const kernel = await projects.create();
    const [storage, clone] = [path.join(root, 'storage'), path.join(root, 'disk', 'parcels')];
    await createRepository(clone, PARCEL_API);
    const project = await kernel.write((u) =>
      addProject(u, { name: 'parcels', clonePath: clone, defaultBranch: 'main' }),
    );
    const worktree = path.join(storage, 'worktrees', project.id, 'work');
    await addOwnWorktree(clone, 'work', worktree);
    const baseSha = (await git(clone, ['rev-parse', 'HEAD'])).trim();
    await kernel.write((u) => {
      const task = createTask(u, { projectId: project.id, title: 'Greet', description: 'Say hello.' });
      const { id } = addSubtask(u, { taskId: task.id, title: 'Say hello' });
      acceptPlan(u, task.id, { path: 'plan.md' });
      startSubtask(u, id);
      placeSubtask(u, id, workplaceAt('work', worktree, baseSha));
      failSubtask(u, id, 'no idea');
    });
    const onDisk = async (folder: string): Promise<void> => {
      const disk = path.join(root, 'disks', String(mounted.length));
      await mkdir(path.dirname(disk), { recursive: true });
      await rename(folder, disk);
      await mkdir(folder);
      await bind(disk, folder);
      mounted.push(folder);
    };
    const examine = async (): Promise<string[][]> => {
      const { findings } = await machine.examine({ kernels: [kernel], storageFolders: [storage] });
      return findings.flatMap(({ check, code, level, facts }) =>
        ['permissions', 'disk', 'clones', 'worktrees'].includes(check) && level !== 'ok'
          ? [[code, String(facts['path'] ?? '')]]
          : [],
      );
    };
    return { machine, kernel, root, storage, clone, worktree, mounted, onDisk, examine };
  }

  itFindsLong('names the storage whose link leads to a disk that is away', async (stage) => {
    const { root, storage, worktree, onDisk, examine } = stage;
    const place = path.join(root, 'external');
    await mkdir(place);
    await rename(storage, path.join(place, 'storage'));
    await symlink(path.join(place, 'storage'), storage);
    await onDisk(place);
    assert.deepEqual(await examine(), []);
    await unmount(place);
    assert.deepEqual(await examine(), [
      ['PLACE_UNSEEN', storage],
      ['WORKTREE_UNSEEN', worktree],
    ]);
  });

  itFinds('does not call a worktree gone while the disk of its storage is away', async (stage) => {
    const { storage, worktree, onDisk, examine } = stage;
    await onDisk(path.join(storage, 'worktrees'));
    assert.deepEqual(await examine(), []);
    await unmount(path.join(storage, 'worktrees'));
    assert.deepEqual(await examine(), [['WORKTREE_UNSEEN', worktree]]);
  });

  itFindsLong('names the one worktree whose disk is away', async ({ worktree, onDisk, examine }) => {
    await onDisk(worktree);
    assert.deepEqual(await examine(), []);
    await unmount(worktree);
    assert.deepEqual(await examine(), [['WORKTREE_UNSEEN', worktree]]);
  });

  itFinds('does not call worktrees well or gone while the disk above their clone is away', async (stage) => {
    const { clone, worktree, onDisk, examine } = stage;
    await onDisk(path.dirname(clone));
    assert.deepEqual(await examine(), []);
    await unmount(path.dirname(clone));
    const away = [
      ['CLONE_GONE', clone],
      ['WORKTREES_UNCHECKED', clone],
    ];
    assert.deepEqual(await examine(), away);
    await rename(worktree, `${worktree}-elsewhere`);
    assert.deepEqual(await examine(), away);
  });

  itFindsLong('does not call worktrees well while the disk that is their clone is away', async (stage) => {
    const { clone, onDisk, examine } = stage;
    await onDisk(clone);
    assert.deepEqual(await examine(), []);
    await unmount(clone);
    assert.deepEqual(await examine(), [
      ['CLONE_NO_REPOSITORY', clone],
      ['WORKTREES_UNCHECKED', clone],
    ]);
  });

  itFinds('names each place on a disk that has failed', async (stage) => {
    const { storage, clone, worktree, mounted, examine } = stage;
    mounted.push(storage, path.dirname(clone));
    await mountDead(path.dirname(clone));
    assert.deepEqual(await examine(), [
      ['CLONE_UNSEEN', clone],
      ['WORKTREES_UNCHECKED', clone],
    ]);
    await unmount(path.dirname(clone));
    await mountDead(storage);
    assert.deepEqual(await examine(), [
      ['PLACE_UNSEEN', storage],
      ['WORKTREE_UNSEEN', worktree],
    ]);
    await unmount(storage);
    await mountMemory(storage);
    assert.deepEqual(await examine(), [['WORKTREE_UNSEEN', worktree]]);
    await unmount(storage);
    assert.deepEqual(await examine(), []);
  });

  itFindsLong('names the places that do not answer, and ends', async ({ storage, clone, worktree, examine }) => {
    const releaseClone = await mountSilent(path.dirname(clone));
    try {
      assert.deepEqual(await examine(), [
        ['CLONE_UNSEEN', clone],
        ['WORKTREES_UNCHECKED', clone],
      ]);
    } finally {
      await releaseClone();
      await unmount(path.dirname(clone));
    }
    const releaseStorage = await mountSilent(storage);
    try {
      assert.deepEqual(await examine(), [
        ['PLACE_UNSEEN', storage],
        ['WORKTREES_UNCHECKED', clone],
        ['WORKTREE_UNSEEN', worktree],
      ]);
    } finally {
      await releaseStorage();
      await unmount(storage);
    }
  });
});
