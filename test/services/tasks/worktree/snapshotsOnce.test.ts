/** Projects that are worktrees of one repository, by whatever path: what was kept is listed once. */
import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listProjects } from '../../../../src/kernel/tasks/service';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { listWorktreeSnapshots } from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { restoredFolder, worktreesOf } from '../../../../src/services/tasks/taskFolders';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import { TaskFixture } from '../../../support/tasks/taskFixture';

describe('snapshots of two projects of one repository', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;
  let deps: TaskDeps;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    deps = fixture.deps(fixture.dispatcher());
  });
  afterEach(() => fixture.close());

  async function listed(): Promise<(readonly [string, readonly string[]])[]> {
    const { snapshots, skipped } = await listWorktreeSnapshots(deps);
    assert.deepEqual(skipped, []);
    return snapshots.map(({ ref, files }) => [ref, files] as const);
  }

  /** Adds a linked worktree of the repository, which is a project already, and keeps one change. */
  async function added(second: string): Promise<void> {
    await addLocalProject(fixture.kernel, deps.git, { folder: second, isNamed: true });
    const projects = fixture.kernel.read(listProjects);
    assert.equal(projects.length, 2);
    const [project = assert.fail()] = projects;
    const worktrees = await worktreesOf(deps, project);
    const folder = restoredFolder(deps.storageDir, project, 'one');
    await worktrees.ensure({ folder, branch: 'one', baseSha: 'HEAD' });
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    assert.notEqual(await worktrees.remove(folder, 'one'), undefined);
  }

  it('are listed once', async () => {
    const second = path.join(fixture.stage.root, 'second');
    await fixture.git('worktree', 'add', '--quiet', '--detach', second);
    await added(second);
    assert.deepEqual(await listed(), [['refs/intercore/snapshots/one', ['loose.txt']]]);
  });

  it('are listed once where a link leads to one of them', async () => {
    const { root } = fixture.stage;
    await mkdir(path.join(root, 'disk'));
    await fixture.git('worktree', 'add', '--quiet', '--detach', path.join(root, 'disk', 'second'));
    await symlink(path.join(root, 'disk'), path.join(root, 'link'));
    await added(path.join(root, 'link', 'second'));
    assert.deepEqual(await listed(), [['refs/intercore/snapshots/one', ['loose.txt']]]);
  });

  it('are listed once where a link has taken the place of one of them since', async () => {
    const { root } = fixture.stage;
    const second = path.join(root, 'second');
    await fixture.git('worktree', 'add', '--quiet', '--detach', second);
    await added(second);
    await rename(second, path.join(root, 'moved'));
    await symlink(path.join(root, 'moved'), second);
    await fixture.git('worktree', 'repair', path.join(root, 'moved'));
    assert.deepEqual(await listed(), [['refs/intercore/snapshots/one', ['loose.txt']]]);
  });
});
