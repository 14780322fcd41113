/** Trusting a clone or worktree that a record names and that Intercore did not make. */
import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import { Git } from '../../../../src/host/git/git';
import { silentLog } from '../../../../src/host/log';
import { FolderRegistry } from '../../../../src/host/trusted/folderRegistry';
import { TrustedFolders } from '../../../../src/host/trusted/trustedFolders';
import type { Project } from '../../../../src/kernel/tasks/record/model';
import { placeSubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { addProject, listProjects } from '../../../../src/kernel/tasks/service';
import { getSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { LocationStates } from '../../../../src/services/tasks/project/locationStates';
import {
  isCloneElsewhere,
  isWorktreeElsewhere,
  projectLocation,
  subtaskLocation,
  trustLocation,
} from '../../../../src/services/tasks/project/locations';
import { repositoryOf } from '../../../../src/services/tasks/taskFolders';
import { isCode, Projects } from '../../../support/projects';
import { until } from '../../../support/until';
import { planned, workplaceAt } from '../../../support/tasks/taskRecord';

describe('a location that is recorded elsewhere', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let parent: string;
  let repository: string;
  let registry: FolderRegistry;
  let places: TrustedFolders;
  let deps: { readonly kernel: ProjectKernel; readonly git: Git };

  beforeEach(async () => {
    kernel = await projects.create();
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-locations-')));
    repository = path.join(parent, 'repository');
    await createRepository(repository, PARCEL_API);
    registry = new FolderRegistry(path.join(parent, 'state', 'places.json'));
    places = new TrustedFolders({
      folders: () => [kernel.folder],
      storages: () => [path.join(parent, 'storage')],
      registry,
    });
    deps = { kernel, git: new Git({ trusted: () => true, places }) };
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const claim = (clonePath: string): Promise<Project> =>
    kernel.write(
      (u) =>
        listProjects(u).find((project) => project.clonePath === clonePath) ??
        addProject(u, { name: 'p', clonePath, defaultBranch: 'main' }),
    );
  const trust = async ({ id }: Project, seen?: string) => trustLocation(deps, await projectLocation(deps, id), seen);
  const refusal = async (clonePath: string): Promise<string> => {
    const project = await claim(clonePath);
    const problem = await projectLocation(deps, project.id).then(
      () => 'trusted',
      (error: unknown) => (isCode('LOCATION_REFUSED')(error) && error instanceof Error ? error.message : String(error)),
    );
    assert.equal(await registry.find(clonePath), undefined);
    return problem;
  };

  it('lets git run there once a person has trusted its real path', async () => {
    const link = path.join(parent, 'link');
    await symlink(repository, link);
    const project = await claim(link);
    assert.equal(await isCloneElsewhere(deps, project), true);
    await assert.rejects(repositoryOf(deps, project), isCode('RECORDED_ELSEWHERE'));
    assert.deepEqual(await trust(project), { path: repository, isNew: true });
    assert.equal(await isCloneElsewhere(deps, project), false);
    assert.ok(await (await repositoryOf(deps, project)).hasBranch('main'));
    assert.deepEqual(await trust(project), { path: repository, isNew: false });
    assert.deepEqual((await registry.find(repository))?.kind, 'trusted', 'which is never removed');
  });

  it('is refused where the record leads elsewhere than the person was shown', async () => {
    const other = path.join(parent, 'other');
    await createRepository(other, PARCEL_API);
    await assert.rejects(trust(await claim(other), repository), isCode('LOCATION_REFUSED'));
    assert.equal(await registry.find(other), undefined);
  });

  it('is refused where no repository of its own is', async () => {
    const [file, plain] = [path.join(parent, 'file'), path.join(parent, 'plain')];
    await writeFile(file, '');
    await mkdir(plain);
    await symlink(path.join(parent, 'circle'), path.join(parent, 'circle'));
    await mkdir(path.join(repository, 'below'));
    assert.match(await refusal('../repository'), /absolute path/);
    for (const none of [file, path.join(parent, 'none'), path.join(parent, 'circle'), `${parent}/${'x'.repeat(300)}`]) {
      assert.match(await refusal(none), /there is no such folder/, none);
    }
    for (const none of [plain, path.join(repository, 'below'), path.join(repository, '.git'), parent]) {
      assert.match(await refusal(none), /no git repository has its top folder there/, none);
    }
    const thief = path.join(parent, 'thief');
    await mkdir(thief);
    await writeFile(path.join(thief, '.git'), `gitdir: ${repository}/.git\n`);
    assert.match(await refusal(thief), /leads to the files of another repository/);
  });

  it('is refused where other users can change what is there', async function () {
    if (process.geteuid === undefined) return this.skip();
    await chmod(repository, 0o777);
    assert.match(await refusal(repository), /every user may write/);
    await chmod(repository, 0o755);
    const open = path.join(parent, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await createRepository(path.join(open, 'mine'), PARCEL_API);
    assert.match(await refusal(path.join(open, 'mine')), /every user may write/);
    if (process.geteuid() !== 0) return;
    await chown(path.join(repository, '.git'), 12_345, 12_345);
    assert.match(await refusal(repository), /belongs to another user/);
    await chown(path.join(repository, '.git'), 0, 0);
    await chown(repository, 12_345, 12_345);
    assert.match(await refusal(repository), /belongs to another user/);
  });

  it('is refused inside a clone, where agents work', async () => {
    await registry.add(repository, { kind: 'clone', project: 'p' });
    const nested = path.join(repository, 'nested');
    await createRepository(nested, PARCEL_API);
    const outer = new TrustedFolders({ folders: () => [], storages: () => [], registry });
    await assert.rejects(outer.trustableClone(nested), (error: unknown) => /where agents work/.test(String(error)));
  });

  it('is trusted for a worktree of its project alone', async () => {
    const project = await claim(repository);
    const [worktree, stranger] = [path.join(parent, 'worktree'), path.join(parent, 'stranger')];
    await git(repository, ['worktree', 'add', '--quiet', '-b', 'work', worktree]);
    await createRepository(path.join(parent, 'second'), PARCEL_API);
    await git(path.join(parent, 'second'), ['worktree', 'add', '--quiet', '-b', 'work', stranger]);
    const baseSha = (await git(repository, ['rev-parse', 'main'])).trim();
    const ids = await kernel.write((u) => {
      const { subtasks } = planned(u, { A: [], B: [], C: [] });
      const [a = '', b = '', c = ''] = ['A', 'B', 'C'].map((title) => subtasks[title]?.id);
      for (const id of [a, b, c]) startSubtask(u, id);
      placeSubtask(u, a, workplaceAt('work', worktree, baseSha));
      placeSubtask(u, b, workplaceAt('other', stranger, baseSha));
      placeSubtask(u, c, workplaceAt('third', repository, baseSha));
      return { a, b, c };
    });
    await assert.rejects(subtaskLocation(deps, ids.a), isCode('RECORDED_ELSEWHERE'), 'its clone comes first');
    await trust(project);
    const subtask = kernel.read((r) => getSubtask(r, ids.a));
    assert.equal(await isWorktreeElsewhere(deps, subtask), true);
    assert.equal(await subtaskLocation(deps, ids.a), worktree);
    assert.equal((await trustLocation(deps, worktree)).isNew, true);
    assert.equal(await isWorktreeElsewhere(deps, subtask), false);
    for (const id of [ids.b, ids.c]) await assert.rejects(subtaskLocation(deps, id), isCode('LOCATION_REFUSED'));
  });

  it('is shown by views until a person trusts it, also in another process', async () => {
    let changes = 0;
    const states = new LocationStates(places, silentLog, () => (changes += 1), undefined, 10);
    const isElsewhere = (place: string): boolean => states.of(place).isElsewhere;
    const none = path.join(parent, 'none');
    try {
      assert.equal(isElsewhere(kernel.folder), false);
      assert.equal(isElsewhere(none), false);
      await until(() => Promise.resolve(isElsewhere(repository)), Boolean);
      assert.equal(isElsewhere(none), false, 'nothing is there');
      assert.equal(changes, 1);
      const other = new TrustedFolders({
        folders: () => [],
        storages: () => [],
        registry: new FolderRegistry(registry.file),
      });
      await other.trust(repository);
      await until(() => Promise.resolve(changes > 1), Boolean);
      await until(
        () => Promise.resolve(isElsewhere(repository)),
        (has) => !has,
      );
    } finally {
      states.dispose();
    }
  });

  it('is shown by views while it cannot be seen, and not once it is back', async () => {
    let changes = 0;
    const states = new LocationStates(places, silentLog, () => (changes += 1), undefined, 10);
    const disk = path.join(parent, 'disk');
    const worktree = path.join(disk, 'worktrees', 'work');
    await mkdir(worktree, { recursive: true });
    try {
      for (const [from, to, expected] of [
        [disk, `${disk}.away`, true],
        [`${disk}.away`, disk, false],
      ] as const) {
        states.of(worktree);
        await rename(from, to);
        await until(
          () => Promise.resolve(states.of(worktree).unseen !== undefined),
          (isUnseen) => isUnseen === expected,
        );
      }
      const before = changes;
      await rename(disk, `${disk}.away`);
      states.checkAgain();
      await until(
        () => Promise.resolve(changes),
        (now) => now > before,
      );
      assert.match(states.of(worktree).unseen?.text ?? '', /is not there$/);
    } finally {
      states.dispose();
    }
  });
});
