/** Records that claim a folder of the user, or another user's clone, as our clone or worktree. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, PARCEL_API } from '../../../../scripts/demo/repositories';
import { Git } from '../../../../src/host/git/git';
import { silentLog } from '../../../../src/host/log';
import { FolderRegistry } from '../../../../src/host/trusted/folderRegistry';
import { TrustedFolders } from '../../../../src/host/trusted/trustedFolders';
import type { Project } from '../../../../src/kernel/tasks/record/model';
import { addProject } from '../../../../src/kernel/tasks/service';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { deleteClone, freeClone, ownCloneOf } from '../../../../src/services/tasks/project/cloneUpkeep';
import { repositoryOf, worktreesAround, worktreesOf } from '../../../../src/services/tasks/taskFolders';
import type { ProjectDeps } from '../../../../src/services/tasks/deps';
import { isCode, Projects } from '../../../support/projects';

describe('a record that claims a folder', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let parent: string;
  let storage: string;
  /** A repository of the person's that the record has no business with. */
  let victim: string;
  let places: TrustedFolders;
  let deps: ProjectDeps;

  beforeEach(async () => {
    kernel = await projects.create();
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-foreign-')));
    [storage, victim] = [path.join(parent, 'storage'), path.join(parent, 'victim')];
    await mkdir(path.join(storage, 'projects', 'ada'), { recursive: true });
    await createRepository(victim, PARCEL_API);
    places = new TrustedFolders({
      folders: () => [kernel.folder],
      storages: () => [storage],
      registry: new FolderRegistry(path.join(parent, 'state', 'places.json')),
    });
    deps = { kernel, git: new Git({ trusted: () => true, places }), log: silentLog };
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const claim = (clonePath: string): Promise<Project> =>
    kernel.write((u) => {
      const remote = { owner: 'ada', repo: `r${Date.now()}`, upstream: null };
      return addProject(u, { name: 'parcels', clonePath, defaultBranch: 'main', isOurs: true, remote });
    });

  it('deletes and frees no clone that we did not make for its project', async () => {
    const link = path.join(storage, 'projects', 'ada', 'link');
    await symlink(victim, link);
    const other = path.join(storage, 'projects', 'ada', 'other');
    await createRepository(other, PARCEL_API);
    await places.noteClone(other, 'another-project');
    for (const folder of [victim, link, other, parent, `${storage}/../victim`]) {
      const project = await claim(folder);
      await assert.rejects(ownCloneOf(deps, project), isCode('RECORDED_ELSEWHERE'), folder);
      await assert.rejects(freeClone(deps, project.id, { discard: true }), isCode('RECORDED_ELSEWHERE'), folder);
      assert.ok(existsSync(path.join(victim, '.git')) && existsSync(path.join(other, '.git')), folder);
      assert.equal(existsSync(path.join(victim, '.clavain')), false, 'nothing was written either');
    }
  });

  it('deletes the clone that we made for it', async () => {
    const folder = path.join(storage, 'projects', 'ada', 'mine');
    await createRepository(folder, PARCEL_API);
    const project = await claim(folder);
    await places.noteClone(folder, project.id);
    await deleteClone(deps, project, await ownCloneOf(deps, project));
    assert.equal(existsSync(folder), false);
    await assert.rejects(ownCloneOf(deps, project), isCode('RECORDED_ELSEWHERE'));
  });

  it('runs no git where it points, until the person trusts that location', async () => {
    const project = await claim(victim);
    await assert.rejects(repositoryOf(deps, project), isCode('RECORDED_ELSEWHERE'));
    await places.trust(victim);
    assert.ok(await (await repositoryOf(deps, project)).hasBranch('main'));
    await assert.rejects(ownCloneOf(deps, project), isCode('RECORDED_ELSEWHERE'), 'trusted is not made by us');
  });

  it('chooses no root to make, move or remove worktrees in', async () => {
    const inside = path.join(kernel.folder, 'repository');
    await createRepository(inside, PARCEL_API);
    const project = await claim(inside);
    const repository = await repositoryOf(deps, project);
    const stranger = path.join(parent, 'x', project.id, 'st-1-work');
    await mkdir(stranger, { recursive: true });
    await writeFile(path.join(stranger, 'mine.txt'), 'mine');
    await assert.rejects(worktreesAround(deps, repository, project, stranger), isCode('RECORDED_ELSEWHERE'));
    const own = await worktreesOf({ ...deps, storageDir: storage }, project);
    const baseSha = (await repository.commitOf('main')) ?? assert.fail();
    for (const folder of [stranger, victim]) {
      await assert.rejects(own.ensure({ folder, branch: 'work', baseSha }), isCode('PATH_OUTSIDE'));
      await assert.rejects(own.remove(folder, 'gone'), isCode('PATH_OUTSIDE'));
    }
    const link = path.join(storage, 'worktrees', project.id, 'link');
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(stranger, link);
    await assert.rejects(own.ensure({ folder: link, branch: 'work', baseSha }), isCode('RECORDED_ELSEWHERE'));
    assert.ok(existsSync(path.join(stranger, 'mine.txt')));
  });
});
