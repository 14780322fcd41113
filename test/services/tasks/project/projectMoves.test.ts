/** Facts of a project that change outside: a moved repository, a renamed base branch, a project that goes with its tasks. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import type { DoctorReport } from '../../../../src/contract/results/doctor';
import { silentLog } from '../../../../src/host/log';
import { databaseLocation } from '../../../../src/host/files/paths';
import { systemPorts } from '../../../../src/host/clock';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { activeDispatches } from '../../../../src/kernel/dispatch/service';
import type { Project, Task } from '../../../../src/kernel/tasks/record/model';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { removeProject } from '../../../../src/kernel/tasks/project/removal';
import { getProject, listProjects, listTasks } from '../../../../src/kernel/tasks/service';
import { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { changeBase, followMovedRepository, relocate } from '../../../../src/services/tasks/project/projectMoves';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import { contentsOf, deleteTasksOf } from '../../../../src/services/tasks/project/projectRemoval';
import { baseCommit } from '../../../../src/services/tasks/work/worktreePreparation';
import { testEngine } from '../../../support/records/kernel';
import { testGit } from '../../../support/git';
import { ic } from '../../../support/ic/ic';
import { itLong } from '../../../support/long';
import { SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('a project whose facts change', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const project = (): Project => fixture.kernel.read(listProjects)[0] ?? assert.fail();
  const deps = () => ({ kernel: fixture.kernel, git: testGit(), log: silentLog });

  /** A subtask whose agent has written and still works; `stop` ends orchestration, the agent with it. */
  async function withWorktree(
    worker: string,
    dispatcher = fixture.dispatcher(),
  ): Promise<{ task: Task; id: string; stop: () => Promise<void> }> {
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    await fixture.agents(SINGLE_PLANNER, worker);
    const orchestrator = fixture.start(dispatcher);
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id, stop: () => orchestrator.close() };
  }

  /** The project as a person adds it, with its base commit. */
  async function addAgain(): Promise<void> {
    await fixture.kernel.write((u) => removeProject(u, project().id));
    await addLocalProject(fixture.kernel, testGit(), { folder: fixture.stage.project });
  }

  it('finds its repository again after the folder was moved with its record, and its worktree leads there', async () => {
    const { id, stop } = await withWorktree('echo half > half.txt; exit 3');
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await stop();
    const { id: projectId } = project();
    const { worktreePath } = fixture.subtask(id);
    const before = fixture.stage.project;
    const after = `${before}-moved`;
    await rename(before, after);
    const kernel = new ProjectKernel(databaseLocation(after), {
      engine: () => testEngine,
      ports: systemPorts,
      log: silentLog,
      trusted: () => true,
      busyTimeoutMs: 5000,
    });
    try {
      await kernel.load();
      await followMovedRepository({ kernel, git: testGit(), log: silentLog });
      const moved = kernel.read((r) => getProject(r, projectId));
      assert.equal(moved.clonePath, after);
      assert.equal((await git(worktreePath ?? '', ['status', '--porcelain'])).trim(), '?? half.txt');
      assert.match(await readFile(path.join(worktreePath ?? '', '.git'), 'utf8'), new RegExp(`^gitdir: ${after}/`));
    } finally {
      await kernel.dispose();
      await rename(after, before);
    }
  });

  it('is relocated by a person, and never to another repository', async () => {
    const { id, stop } = await withWorktree('exit 3');
    await fixture.when('failed', () => fixture.subtask(id).status === 'BLOCKED');
    await stop();
    const other = path.join(fixture.stage.root, 'other');
    await mkdir(other);
    await createRepository(other, PARCEL_API);
    await writeFile(path.join(other, 'more.txt'), 'more\n');
    const isOther = (error: unknown): boolean => KernelError.is(error, 'LOCATION_REFUSED');
    await git(other, ['checkout', '--quiet', '--orphan', 'fresh']);
    await git(other, ['commit', '--quiet', '--all', '--allow-empty', '--message=Fresh']);
    await git(other, ['branch', '--delete', '--force', 'main']);
    await git(other, ['reflog', 'expire', '--expire=now', '--all']);
    await git(other, ['gc', '--quiet', '--prune=now']);
    await assert.rejects(relocate(deps(), project().id, other), isOther);
    const copy = path.join(fixture.stage.root, 'copy');
    await git(fixture.stage.root, ['clone', '--quiet', fixture.stage.project, copy]);
    assert.equal((await relocate(deps(), project().id, copy)).clonePath, copy);
    await relocate(deps(), project().id, fixture.stage.project);
  });

  for (const recorded of [true, false]) {
    const known = recorded ? 'recorded' : 'read from its previous folder';
    it(`is not relocated to another repository before work starts, its base commit ${known}`, async () => {
      if (recorded) await addAgain();
      const other = path.join(fixture.stage.root, 'other');
      await createRepository(other, [{ message: 'Other', files: { 'other.txt': 'other\n' } }]);
      await assert.rejects(relocate(deps(), project().id, other), {
        code: 'LOCATION_REFUSED',
        message: /the commit [0-9a-f]{40} of the project’s base branch is missing/,
      });
      const { id, clonePath } = project();
      const copy = path.join(fixture.stage.root, 'copy');
      await git(fixture.stage.root, ['clone', '--quiet', clonePath, copy]);
      assert.equal((await relocate(deps(), id, copy)).clonePath, copy);
    });
  }

  it('does not follow its record into another repository before work starts', async () => {
    await addAgain();
    const before = fixture.stage.project;
    const { id, clonePath } = project();
    const other = path.join(fixture.stage.root, 'other');
    await createRepository(other, [{ message: 'Other', files: { 'other.txt': 'other\n' } }]);
    await rename(path.join(before, '.clavain'), path.join(other, '.clavain'));
    await rename(before, `${before}-away`);
    const kernel = new ProjectKernel(databaseLocation(other), {
      engine: () => testEngine,
      ports: systemPorts,
      log: silentLog,
      trusted: () => true,
      busyTimeoutMs: 5000,
    });
    try {
      await kernel.load();
      assert.equal(await followMovedRepository({ kernel, git: testGit(), log: silentLog }), undefined);
      assert.equal(kernel.read((r) => getProject(r, id)).clonePath, clonePath);
    } finally {
      await kernel.dispose();
      await rename(`${before}-away`, before);
      await rename(path.join(other, '.clavain'), path.join(before, '.clavain'));
    }
  });

  itLong('follows a base branch that git renamed, and merges work that started before it was', async () => {
    const { task, id } = await withWorktree(
      'echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet -m Work; ic subtask close --reason=done',
    );
    await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
    const { baseSha } = fixture.subtask(id);
    await fixture.git('branch', '--move', 'main', 'trunk');
    await mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);
    assert.deepEqual(
      { defaultBranch: project().defaultBranch, status: fixture.subtask(id).status },
      { defaultBranch: 'trunk', status: 'MERGED' },
    );
    assert.equal(fixture.subtask(id).baseSha, baseSha);
    assert.equal(await fixture.git('show', `trunk:${id}.txt`), 'work');
    const reasons = fixture.kernel.read((r) =>
      r.db.rows('SELECT reason FROM village_events WHERE task_id = ? AND reason IS NOT NULL', [task.id]),
    );
    assert.ok(reasons.some(({ reason }) => reason === 'base branch changed from main to trunk'));
  });

  it('follows the default branch that its remote renamed, once that is here, and the doctor names the old one', async () => {
    const bare = path.join(fixture.stage.root, 'remote.git');
    await git(fixture.stage.root, ['clone', '--quiet', '--bare', fixture.stage.project, bare]);
    await fixture.git('remote', 'add', 'origin', bare);
    await fixture.git('fetch', '--quiet', 'origin');
    await fixture.git('remote', 'set-head', 'origin', 'main');
    const { repositoryOf } = await import('../../../../src/services/tasks/taskFolders.js');
    const base = async (): Promise<string> => {
      await baseCommit(deps(), project(), await repositoryOf(deps(), project()));
      return project().defaultBranch;
    };
    const doctor = async (): Promise<string> => (await ic(['doctor'], { cwd: fixture.stage.project })).stdout;
    // Another default beside the old one is no rename.
    await git(bare, ['branch', 'trunk', 'main']);
    await git(bare, ['symbolic-ref', 'HEAD', 'refs/heads/trunk']);
    await fixture.git('fetch', '--quiet', '--prune', 'origin');
    await fixture.git('branch', '--quiet', 'trunk', 'origin/trunk');
    assert.equal(await base(), 'main');
    const moved = async (): Promise<[string, object | null] | undefined> => {
      const { stdout } = await ic(['doctor', '--json'], { cwd: fixture.stage.project });
      const { findings } = JSON.parse(stdout) as DoctorReport;
      const found = findings.find(({ code }) => code === 'CLONE_DEFAULT_MOVED');
      return found === undefined ? undefined : [found.level, found.fix];
    };
    const fix = { kind: 'command', command: 'intercore.project.changeBase' };
    assert.deepEqual(await moved(), ['warning', fix]);
    assert.match(await doctor(), /the default branch of the remote of \S+ is now trunk/);
    const { stderr } = await ic(['project', 'sync', project().id], { cwd: fixture.stage.project });
    assert.match(stderr, /the default branch of the remote is trunk now, .* run ic project base \S+ trunk\n$/);
    // Known to git, it is no reason to warn.
    await fixture.git('remote', 'set-head', 'origin', 'trunk');
    assert.deepEqual(await moved(), ['info', fix]);
    await fixture.git('remote', 'set-head', 'origin', 'main');
    await git(bare, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
    assert.equal(await moved(), undefined);
    await git(bare, ['symbolic-ref', 'HEAD', 'refs/heads/trunk']);

    await git(bare, ['branch', '--delete', '--force', 'main']);
    await fixture.git('fetch', '--quiet', '--prune', 'origin');
    assert.match(await doctor(), /the remote of \S+ no longer has its default branch main/);
    await fixture.git('branch', '--quiet', '--move', 'trunk', 'other');
    assert.equal(await base(), 'main');
    await fixture.git('branch', '--quiet', '--move', 'other', 'trunk');
    assert.equal(await base(), 'trunk');
    assert.doesNotMatch(await doctor(), /no longer has its default branch/);

    // A base branch that is gone here, while the remote names another.
    await git(bare, ['branch', '--move', 'trunk', 'next']);
    await fixture.git('fetch', '--quiet', '--prune', 'origin');
    await fixture.git('checkout', '--quiet', '-b', 'next', 'origin/next');
    await fixture.git('branch', '--delete', '--force', 'trunk');
    assert.equal(await base(), 'next');
    await fixture.git('checkout', '--quiet', '-b', 'last');
    await fixture.git('branch', '--delete', '--force', 'next');
    await rename(bare, `${bare}-away`);
    await assert.rejects(base(), (error: unknown) => KernelError.is(error, 'BRANCH_MISSING'));
  });

  itLong('does not guess a base branch that was deleted, and takes the one that a person names', async () => {
    await fixture.git('checkout', '--quiet', '-b', 'next');
    await fixture.git('branch', '--delete', '--force', 'main');
    const { repositoryOf } = await import('../../../../src/services/tasks/taskFolders.js');
    const repository = await repositoryOf(deps(), project());
    const isMissing = (error: unknown): boolean => KernelError.is(error, 'BRANCH_MISSING');
    await assert.rejects(baseCommit(deps(), project(), repository), isMissing);
    await assert.rejects(changeBase(deps(), project().id, 'nowhere'), /nowhere/);
    assert.equal((await changeBase(deps(), project().id, 'next')).defaultBranch, 'next');
    assert.equal(await baseCommit(deps(), project(), repository), await fixture.git('rev-parse', 'next'));
  });

  it('is refused changes while its agents run, and goes with its tasks: agents end, nothing uncommitted is lost', async () => {
    const dispatcher = fixture.dispatcher();
    const { id, task } = await withWorktree('echo half > half.txt; touch ../wrote; exec sleep 600', dispatcher);
    const tree = (): string => fixture.subtask(id).worktreePath ?? '';
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING' && tree() !== '');
    const inUse = (error: unknown): boolean => KernelError.is(error, 'TASK_STATE');
    await assert.rejects(
      changeBase(deps(), project().id, 'main').then(() => relocate(deps(), project().id, '/')),
      inUse,
    );
    while (!existsSync(path.join(path.dirname(tree()), 'wrote'))) await new Promise((done) => setImmediate(done));
    const { worktrees, agents, subtasks } = fixture.kernel.read((r) => contentsOf(r, project().id));
    assert.deepEqual({ worktrees, agents, subtasks }, { worktrees: [tree()], agents: 1, subtasks: 1 });
    const tasks = await deleteTasksOf(
      {
        ...deps(),
        endDispatches: async (ids) => {
          for (const one of ids) await dispatcher.kill(fixture.kernel, one, 'task deleted');
        },
      },
      project().id,
    );
    await fixture.kernel.write((u) => removeProject(u, project().id));
    assert.deepEqual(
      fixture.kernel.read((r) => [...listTasks(r), ...listProjects(r)]),
      [],
    );
    const [snapshot] = tasks.flatMap(({ snapshots }) => snapshots);
    assert.equal(await fixture.git('show', `${snapshot}:half.txt`), 'half');
    assert.deepEqual(fixture.kernel.read(activeDispatches), []);
  });
});
