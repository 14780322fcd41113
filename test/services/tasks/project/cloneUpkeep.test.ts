/** Clones of projects from GitHub that are freed from the disk, cloned again, and deleted, without a lost commit. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import type { Project } from '../../../../src/kernel/tasks/record/model';
import { createTask, failPlanning } from '../../../../src/kernel/tasks/service';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import {
  freeClone,
  hasClone,
  refuseLoss,
  removable,
  restoreClone,
} from '../../../../src/services/tasks/project/cloneUpkeep';
import { addGitHubProject } from '../../../../src/services/tasks/project/githubProjects';
import { findUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { syncProject } from '../../../../src/services/tasks/landing/sync';
import type { MergeDeps } from '../../../../src/services/tasks/landing/merge';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { addCommit, projectDeps } from '../../../support/github/projects';
import { GitHubFixture } from '../../../support/github/gitHubFixture';
import { addSubmodule, commitIn, makeRemote, makeRepository, stash } from '../../../support/tasks/nested';
import { isCode, Projects } from '../../../support/projects';

describe('the clone of a project from GitHub', function () {
  this.timeout(120_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let project: Project;

  beforeEach(async () => {
    kernel = await projects.create();
    project = await addGitHubProject(projectDeps(gitHub, kernel), 'octo/Parcels');
    await mkdir(path.join(project.clonePath, '.clavain'));
    await writeFile(path.join(project.clonePath, '.clavain', 'intercore.db'), 'the record');
    await writeFile(path.join(project.clonePath, '.git', 'info', 'exclude'), '.clavain\n');
  });

  const deps = (): MergeDeps => ({
    kernel,
    git: gitHub.git(),
    transport: gitHub.transport(),
    log: gitHub.log,
    github: () => gitHub.api(),
  });
  const inIt = async (): Promise<string[]> => (await readdir(project.clonePath)).sort();

  it('is freed but for its record, and comes back with the next task or Sync Project', async () => {
    const before = await inIt();
    await freeClone(deps(), project.id);
    assert.deepEqual(await inIt(), ['.clavain']);
    assert.deepEqual(await findUnusedWorktrees(deps()), { unused: [], skipped: [] });
    assert.equal((await freeClone(deps(), project.id)).id, project.id, 'again changes nothing');

    await writeFile(path.join(project.clonePath, 'notes.txt'), 'mine');
    const { baseSha } = await syncProject(deps(), project.id);
    assert.deepEqual(await inIt(), [...before, 'notes.txt'].sort());
    assert.equal(await git(project.clonePath, ['status', '--porcelain', '--', ':!notes.txt', ':!.clavain']), '');
    assert.equal((await git(project.clonePath, ['rev-parse', 'upstream/main'])).trim(), baseSha);
    assert.match(await git(project.clonePath, ['remote', '--verbose']), /^origin\t.*ada\/Parcels\.git/);
  });

  it('stays where something in it is nowhere else: files, branches, stashes', async () => {
    await writeFile(path.join(project.clonePath, 'new.txt'), 'not committed');
    await assert.rejects(freeClone(deps(), project.id), isCode('WORK_UNPUSHED'));
    await git(project.clonePath, ['checkout', '--quiet', '-b', 'idea']);
    await addCommit(project, 'idea.txt');
    await assert.rejects(refuseLoss(deps(), project, {}), (error: Error) => {
      assert.match(error.message, /idea/);
      return isCode('WORK_UNPUSHED')(error);
    });
    assert.ok(hasClone(project));
    await freeClone(deps(), project.id, { discard: true });
    assert.deepEqual(await inIt(), ['.clavain']);
  });

  it('stays where something below it is nowhere else, with its name', async () => {
    const below = path.join(project.clonePath, 'build', 'app');
    await writeFile(path.join(project.clonePath, '.git', 'info', 'exclude'), '.clavain\nbuild/\n');
    await makeRepository(below);
    const refused = async (named: RegExp): Promise<void> => {
      await assert.rejects(freeClone(deps(), project.id), (error: Error) => {
        assert.match(error.message, named);
        return isCode('WORK_UNPUSHED')(error);
      });
      assert.ok(hasClone(project));
    };
    await refused(/build\/app: nested repository/);
    await rm(below, { recursive: true });
    await stash(project.clonePath, 'stashed.txt');
    await refused(/1 stash/);
    await git(project.clonePath, ['stash', 'drop', '--quiet']);
    await addSubmodule(project.clonePath, await makeRemote(path.join(gitHub.folder, 'lib')), 'lib');
    await git(project.clonePath, ['update-ref', 'refs/remotes/origin/main', 'HEAD']);
    await freeClone(deps(), project.id);
  });

  it('stays where a submodule has a commit that was not pushed', async () => {
    await addSubmodule(project.clonePath, await makeRemote(path.join(gitHub.folder, 'library')), 'lib');
    await git(project.clonePath, ['update-ref', 'refs/remotes/origin/main', 'HEAD']);
    await commitIn(path.join(project.clonePath, 'lib'), 'own.txt');
    await assert.rejects(freeClone(deps(), project.id), (error: Error) => {
      assert.match(error.message, /lib: branch main/);
      return isCode('WORK_UNPUSHED')(error);
    });
  });

  it('stays while an agent works, while a worktree stands, and where it is not ours', async () => {
    const facts = { projectId: project.id, title: 'Late parcels', description: 'Tell people.' };
    const task = await kernel.write((u) => createTask(u, facts));
    await assert.rejects(freeClone(deps(), project.id), isCode('TASK_STATE'));
    await kernel.write((u) => failPlanning(u, task.id, 'stopped'));
    const worktree = path.join(gitHub.folder, 'worktree');
    await git(project.clonePath, ['worktree', 'add', '--quiet', '--detach', worktree]);
    await assert.rejects(freeClone(deps(), project.id, { discard: true }), isCode('TASK_STATE'));
    const own = await addLocalProject(kernel, gitHub.git(), { folder: gitHub.content });
    assert.throws(() => removable(deps(), own.id), isCode('TASK_STATE'));
  });

  it('is freed to the end after it was cut short, and cloned again after that was', async () => {
    // As a process leaves it that dies in the middle of freeing.
    await rename(path.join(project.clonePath, '.git'), path.join(project.clonePath, '.git-freed'));
    await freeClone(deps(), project.id);
    assert.deepEqual(await inIt(), ['.clavain']);
    await mkdir(path.join(project.clonePath, '.git-arriving', 'draft'), { recursive: true });
    await restoreClone(deps(), project);
    assert.equal(existsSync(path.join(project.clonePath, '.git-arriving')), false);
    assert.equal(await git(project.clonePath, ['status', '--porcelain', '--', ':!.clavain']), '');
  });

  it('stays freed, with the reason, where GitHub cannot be reached', async () => {
    await freeClone(deps(), project.id);
    gitHub.server.fail('git', 'drop', 'drop', 'drop');
    await assert.rejects(restoreClone(deps(), project), isCode('GIT_FAILED'));
    assert.equal(hasClone(project), false);
    gitHub.server.repair();
    await restoreClone(deps(), project);
    assert.ok(hasClone(project));
  });
});
