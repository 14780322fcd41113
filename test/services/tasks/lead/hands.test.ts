/** Persons at the repository while agents work: they delete, move, check out and leave things lying, and lose nothing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listSnapshots } from '../../../../src/host/git/snapshot/snapshots';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { listProjects } from '../../../../src/kernel/tasks/service';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { repositoryOf } from '../../../../src/services/tasks/taskFolders';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

describe('a person at the repository of a task', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  async function started(worker: string): Promise<{ task: Task; id: string }> {
    await fixture.agents(SINGLE_PLANNER, worker);
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail('no subtask');
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }
  async function completed(worker = GOOD_WORKER): Promise<string> {
    const { id } = await started(worker);
    await decided(id);
    return id;
  }
  async function decided(id: string): Promise<void> {
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
  }

  const at = (name: string): string => path.join(fixture.stage.root, name);
  const merge = (id: string) => mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);
  const worktreeOf = (id: string): string => fixture.subtask(id).worktreePath ?? assert.fail('no worktree');
  const branches = (): Promise<string> => fixture.git('for-each-ref', '--format=%(refname:short)', 'refs/heads');
  async function merged(id: string): Promise<void> {
    assert.equal(fixture.subtask(id).status, 'MERGED');
    assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    assert.equal(fixture.subtask(id).worktreePath, null);
    assert.equal(await branches(), 'main');
    assert.equal((await fixture.git('worktree', 'list')).split('\n').length, 1);
  }

  it('may delete the worktree of a running agent: its commits stay, and the next attempt continues from them', async () => {
    const { task, id } = await started(`
      if ! [ -e ${at('second')} ]; then
        touch ${at('second')}; echo half > half.txt; git add --all; git commit --quiet --message=Half
        touch ${at('ready')}; while [ -e half.txt ]; do sleep 0.05; done
        exit 0
      fi
      [ "$(cat half.txt)" = half ] || exit 2
      ${GOOD_WORKER}`);
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING');
    while (!existsSync(at('ready'))) await new Promise((resolve) => setTimeout(resolve, 20));
    await rm(worktreeOf(id), { recursive: true });
    await decided(id);
    assert.equal(fixture.attempts(task, id).length, 2);
    await merge(id);
    await merged(id);
    assert.equal(await fixture.git('show', 'main:half.txt'), 'half');
  });

  it('may delete the worktree of completed work, or what git knows of it, and merge all the same', async () => {
    const first = await completed();
    await rm(worktreeOf(first), { recursive: true });
    await merge(first);
    await merged(first);

    const second = await fixture.task({ autoStart: true });
    await fixture.when('second completed', () => fixture.read(second).subtasks[0]?.status === 'COMPLETED');
    const id = fixture.read(second).subtasks[0]?.id ?? '';
    const folder = worktreeOf(id);
    await writeFile(path.join(folder, 'loose.txt'), 'not committed\n');
    const [known] = await readdir(path.join(fixture.stage.project, '.git/worktrees'));
    await rm(path.join(fixture.stage.project, '.git/worktrees', known ?? ''), { recursive: true });
    await merge(id);
    assert.equal(fixture.subtask(id).status, 'MERGED');
    assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    // What was not committed is where it was, or in a snapshot.
    const project = fixture.kernel.read((r) => listProjects(r))[0] ?? assert.fail();
    const kept = await listSnapshots(await repositoryOf(fixture.deps(fixture.dispatcher()), project));
    const isThere = existsSync(path.join(folder, 'loose.txt'));
    const isKept = kept.length > 0 && (await fixture.git('show', `${kept[0]?.ref}:loose.txt`)) === 'not committed';
    assert.equal(isThere || isKept, true);
  });

  itLong(
    'may have the base branch checked out elsewhere: it moves there, and changes in the way are not touched',
    async () => {
      const id = await completed();
      await fixture.git('checkout', '--quiet', '-b', 'mine');
      const elsewhere = at('elsewhere');
      await fixture.git('worktree', 'add', '--quiet', elsewhere, 'main');
      const inTheWay = path.join(elsewhere, `${id}.txt`);
      await writeFile(inTheWay, 'mine, not committed\n');
      await assert.rejects(merge(id), { code: 'GIT_FAILED', message: /overwritten|untracked/ });
      assert.equal(await readFile(inTheWay, 'utf8'), 'mine, not committed\n');
      assert.equal(fixture.subtask(id).status, 'COMPLETED');
      await rm(inTheWay);
      await writeFile(path.join(elsewhere, 'README.md'), 'changed, not committed\n');
      await merge(id);
      assert.equal(await readFile(inTheWay, 'utf8'), 'work\n');
      assert.equal(await readFile(path.join(elsewhere, 'README.md'), 'utf8'), 'changed, not committed\n');
      assert.equal(await fixture.git('symbolic-ref', '--short', 'HEAD'), 'mine');
      assert.equal(fixture.subtask(id).status, 'MERGED');
    },
  );

  itLong('may have deleted the worktree that the base branch was checked out in', async () => {
    const id = await completed();
    await fixture.git('checkout', '--quiet', '-b', 'mine');
    await fixture.git('worktree', 'add', '--quiet', at('elsewhere'), 'main');
    await rm(at('elsewhere'), { recursive: true });
    await merge(id);
    assert.equal(fixture.subtask(id).status, 'MERGED');
    assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
  });

  itLong('may have checked out a branch whose worktree is gone: it is merged, and stays if it is in use', async () => {
    const id = await completed();
    const branch = fixture.subtask(id).branchName ?? '';
    await rm(worktreeOf(id), { recursive: true });
    await fixture.git('worktree', 'prune');
    await fixture.git('worktree', 'add', '--quiet', at('mine'), branch);
    await writeFile(path.join(at('mine'), 'loose.txt'), 'mine\n');
    await merge(id);
    assert.equal(fixture.subtask(id).status, 'MERGED');
    assert.equal(fixture.subtask(id).worktreePath, null);
    assert.equal(await readFile(path.join(at('mine'), 'loose.txt'), 'utf8'), 'mine\n');
    assert.equal(await fixture.git('rev-parse', branch), await fixture.git('rev-parse', 'main^2'));
  });

  itLong('may rewrite the base while an agent works: its commits continue top of what is there then', async () => {
    const { id } = await started(`while ! [ -e ${at('go')} ]; do sleep 0.05; done\n${GOOD_WORKER}`);
    await fixture.when('running', () => fixture.subtask(id).stage === 'agent');
    await fixture.git('commit', '--quiet', '--amend', '--message=The base, rewritten');
    const base = await fixture.git('rev-parse', 'main');
    await writeFile(at('go'), '');
    await decided(id);
    await merge(id);
    await merged(id);
    assert.equal(await fixture.git('rev-parse', 'main^1'), base);
  });

  itLong('may have staged, changed and new files lying about while agents start, work and are merged', async () => {
    await fixture.write('staged.txt', 'staged\n');
    await fixture.git('add', '--', 'staged.txt');
    await fixture.write('README.md', 'changed\n');
    await fixture.write('new/file.txt', 'new\n');
    const before = await fixture.git('status', '--porcelain', '--untracked-files=all');
    const id = await completed();
    assert.deepEqual(
      [existsSync(path.join(worktreeOf(id), 'staged.txt')), existsSync(path.join(worktreeOf(id), 'new'))],
      [false, false],
    );
    // A file of theirs where the merge would write.
    const inTheWay = path.join(fixture.stage.project, `${id}.txt`);
    await writeFile(inTheWay, 'mine\n');
    await assert.rejects(merge(id), { code: 'GIT_FAILED' });
    assert.equal(await readFile(inTheWay, 'utf8'), 'mine\n');
    assert.match(fixture.subtask(id).lastError ?? '', new RegExp(`${id}\\.txt`));
    await rm(inTheWay);
    await merge(id);
    await merged(id);
    assert.equal(await fixture.git('status', '--porcelain', '--untracked-files=all'), before);
    assert.equal(await fixture.git('show', ':staged.txt'), 'staged');
  });
});
