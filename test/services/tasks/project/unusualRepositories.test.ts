/** One whole task in each kind of repository: used as a project, planned, removed, restored, proven, merged, and moved. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import { KernelError } from '../../../../src/kernel/errors/errors';
import type { Project, Subtask } from '../../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  forgetWorktree,
  placeSubtask,
  recordProof,
} from '../../../../src/kernel/tasks/subtask/progress';
import { getTask, listProjects } from '../../../../src/kernel/tasks/service';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import {
  listWorktreeSnapshots,
  restoreWorktreeSnapshot,
} from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { planningFolder, worktreesOf } from '../../../../src/services/tasks/taskFolders';
import { relocate } from '../../../../src/services/tasks/project/projectMoves';
import { removeProject } from '../../../../src/kernel/tasks/project/removal';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { prepareWorkplace } from '../../../../src/services/tasks/work/worktreePreparation';
import { itLongIf } from '../../../support/long';
import { addSubmodule, commitIn, makeRepository } from '../../../support/tasks/nested';
import { inWorktree, proofOf, worked } from '../../../support/tasks/proofFixture';
import { TaskFixture } from '../../../support/tasks/taskFixture';

/** Each of these has something in common with one that is in every run. */
const LONGER = [
  'whose files of git are in a separate folder',
  'with a configuration for each worktree',
  'whose .git is a link',
  'that is shallow',
];

/** Makes the ordinary repository in a folder one of another kind. */
type Kind = (repository: string) => Promise<void>;

const gitOf = (repository: string): string => path.join(repository, '.git');
const storeOf = (repository: string): string => `${repository}-store.git`;

async function again(repository: string, ...flags: readonly string[]): Promise<void> {
  await rm(gitOf(repository), { recursive: true });
  await git(repository, ['init', '--quiet', '--initial-branch=main', ...flags]);
  await identify(repository);
  await commitIn(repository, 'first.txt');
}

async function identify(repository: string): Promise<void> {
  await git(repository, ['config', 'user.name', 'Ada']);
  await git(repository, ['config', 'user.email', 'ada@example.com']);
}

const KINDS: Readonly<Record<string, Kind>> = {
  'with names of SHA-256': (repository) => again(repository, '--object-format=sha256'),
  'whose .git is a link': async (repository) => {
    await rename(gitOf(repository), storeOf(repository));
    await symlink(storeOf(repository), gitOf(repository));
  },
  'whose files of git are in a separate folder': async (repository) => {
    await git(repository, ['init', '--quiet', '--separate-git-dir', storeOf(repository)]);
  },
  'with a configuration for each worktree': async (repository) => {
    await git(repository, ['config', 'extensions.worktreeConfig', 'true']);
    await git(repository, ['config', '--worktree', 'core.worktree', '..']);
  },
  'that is a submodule of another': async (repository) => {
    const outer = `${repository}-outer`;
    await makeRepository(outer);
    await addSubmodule(outer, repository, 'lib');
    await rm(gitOf(repository), { recursive: true });
    const store = path.join(outer, '.git', 'modules', 'lib');
    const config = path.join(store, 'config');
    await git(outer, ['config', '--file', config, 'core.worktree', path.relative(store, repository)]);
    await git(outer, ['config', '--file', config, '--remove-section', 'remote.origin']);
    await writeFile(gitOf(repository), `gitdir: ${path.relative(repository, store)}\n`);
    await identify(repository);
  },
  'that is shallow': async (repository) => {
    await commitIn(repository, 'second.txt');
    await git(repository, ['clone', '--quiet', '--bare', repository, storeOf(repository)]);
    await rm(gitOf(repository), { recursive: true });
    await git(repository, ['init', '--quiet', '--initial-branch=main']);
    await identify(repository);
    await git(repository, ['fetch', '--quiet', '--depth=1', `file://${storeOf(repository)}`, 'main']);
    await git(repository, ['reset', '--quiet', '--hard', 'FETCH_HEAD']);
  },
};

describe('a whole task in a repository', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let deps: TaskDeps;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    deps = fixture.deps(fixture.dispatcher());
    const [first] = fixture.kernel.read(listProjects);
    await fixture.kernel.write((u) => removeProject(u, first?.id ?? assert.fail()));
  });
  afterEach(() => fixture.close());

  for (const [kind, make] of Object.entries(KINDS)) {
    const itThere = itLongIf(LONGER.includes(kind));
    itThere(kind, async () => {
      const folder = path.join(fixture.stage.root, 'repository');
      await mkdir(folder);
      await createRepository(folder, PARCEL_API);
      await make(folder);
      const project = await withRemedy(() => addLocalProject(fixture.kernel, deps.git, { folder, isNamed: true }));
      assert.equal(project.clonePath, folder);
      const subtask = await worked(fixture, 'echo half > half.txt; commit; echo loose > loose.txt');
      await plannedIn(project, subtask);
      const restored = await keptAndRestored(project, subtask);
      await provenAndMerged(project, subtask);
      await removedWorktrees(project, restored);
      await moved(project);
    });
  }

  /** A planner checks the code in a worktree of its own. */
  async function plannedIn(project: Project, { taskId }: Subtask): Promise<void> {
    const worktrees = await worktreesOf(deps, project);
    const place = planningFolder(
      deps,
      project,
      fixture.kernel.read((r) => getTask(r, taskId)),
    );
    await worktrees.ensureDetached(place, (await git(project.clonePath, ['rev-parse', 'main'])).trim());
    assert.equal((await git(place, ['status', '--porcelain'])).trim(), '');
    assert.equal(await worktrees.remove(place, 'planning'), undefined);
    assert.equal(existsSync(place), false);
  }

  /** The folder that the work is restored in. */
  async function keptAndRestored(project: Project, { id }: Subtask): Promise<string> {
    const tree = fixture.subtask(id).worktreePath ?? assert.fail();
    await (await worktreesOf(deps, project)).remove(tree, `${id}-failed`);
    await fixture.kernel.write((u) => forgetWorktree(u, id));
    assert.equal(existsSync(tree), false);
    const { snapshots } = await listWorktreeSnapshots(deps, project.id);
    assert.deepEqual(
      snapshots.map(({ subtask, files }) => [subtask?.id, files]),
      [[id, ['loose.txt']]],
    );
    const restored = await restoreWorktreeSnapshot(deps, project.id, snapshots[0]?.ref ?? '');
    const text = (name: string): Promise<string> => readFile(path.join(restored.path, name), 'utf8');
    assert.deepEqual([await text('half.txt'), await text('loose.txt')], ['half\n', 'loose\n']);
    return restored.path;
  }

  async function provenAndMerged(project: Project, { id }: Subtask): Promise<void> {
    const workplace = await prepareWorkplace(deps, project, fixture.subtask(id));
    await fixture.kernel.write((u) => placeSubtask(u, id, workplace));
    await inWorktree(fixture, id, 'echo whole > whole.txt; commit');
    const proof = await proofOf(fixture, fixture.subtask(id));
    if (proof.kind !== 'proven') assert.fail(proof.problem);
    await fixture.kernel.write((u) => {
      recordProof(u, id, proof);
      completeSubtask(u, id, { pullRequest: null });
    });
    await mergeOnThisMachine(deps, id);
    assert.deepEqual(
      { worktreePath: fixture.subtask(id).worktreePath, worktreePathExists: existsSync(workplace.worktreePath) },
      { worktreePath: null, worktreePathExists: false },
    );
    const { clonePath } = project;
    assert.equal(await readFile(path.join(clonePath, 'whole.txt'), 'utf8'), 'whole\n', 'in the files of the base');
    assert.equal(await git(clonePath, ['show', 'main:half.txt']), 'half\n');
    assert.equal(await git(clonePath, ['status', '--porcelain', '--untracked-files=no']), '');
    await git(clonePath, ['fsck', '--no-progress', '--connectivity-only']);
  }

  async function removedWorktrees(project: Project, restored: string): Promise<void> {
    const { unused } = await findUnusedWorktrees(deps, project.id);
    assert.deepEqual(
      unused.map((unused) => unused.path),
      [restored],
    );
    assert.deepEqual(
      (await removeUnusedWorktrees(deps)).removed.map((unused) => unused.path),
      [restored],
    );
  }

  /** The folder moves, with a worktree that leads to it. */
  async function moved(project: Project): Promise<void> {
    const { id } = await worked(fixture, 'echo loose > loose.txt', 'Write B');
    const folder = `${project.clonePath}-moved`;
    await rename(project.clonePath, folder);
    assert.equal((await withRemedy(() => relocate(deps, project.id, folder))).clonePath, folder);
    const tree = fixture.subtask(id).worktreePath ?? assert.fail();
    assert.equal((await git(tree, ['status', '--porcelain'])).trim(), '?? loose.txt');
  }
});

/** Does what a refusal says, where there is one, and tries again. */
async function withRemedy<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!KernelError.is(error, 'GIT_FILES_APART')) throw error;
    await promisify(execFile)('sh', ['-c', error.facts.command]);
    return step();
  }
}
