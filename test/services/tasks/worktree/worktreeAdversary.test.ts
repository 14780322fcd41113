/**
 * What a person does to worktrees with git's own commands and others, and all upkeep afterwards: recovery, the time of
 * failed worktrees, *Clean Up Worktrees*, and deletion. Nothing of the person's and nothing of ours is lost.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../../scripts/demo/repositories';
import { retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { createTask } from '../../../../src/kernel/tasks/service';
import { listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import { deleteTaskWhole } from '../../../../src/services/tasks/project/deletion';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import { recoverTasks } from '../../../../src/services/tasks/lead/recovery';
import { tidy } from '../../../../src/services/tasks/worktree/retention';
import { listWorktreeSnapshots } from '../../../../src/services/tasks/worktree/worktreeSnapshots';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../../../src/services/tasks/worktree/unusedWorktrees';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

const PERSON = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

describe('worktrees that a person handles with git', function () {
  this.timeout(240_000);
  let fixture: TaskFixture;
  let aside: string;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.settings = { ...fixture.settings, maxAttempts: 1, failedCleanupMinutes: 0 };
    aside = path.join(fixture.stage.root, 'aside');
    await mkdir(aside);
  });
  afterEach(() => fixture.close());

  const deps = (): TaskDeps => fixture.deps(fixture.dispatcher());
  const text = (...names: string[]): Promise<string> => readFile(path.join(...names), 'utf8');
  const listed = (): Promise<string> => fixture.git('worktree', 'list', '--porcelain');
  const placeOf = (id: string): string => fixture.subtask(id).worktreePath ?? assert.fail(`${id} has no worktree`);

  /** Subtasks whose only attempt has failed, each with a worktree that holds `loose.txt`. */
  async function failed(count: number): Promise<string[]> {
    const orchestrator = fixture.start();
    const plan = Array.from({ length: count }, (_, index) => `ic subtask create --title="Write ${index}"`);
    await fixture.agents(plan.join('\n'), 'echo half > half.txt; exit 1');
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const ids = fixture.read(task).subtasks.map(({ id }) => id);
    await fixture.kernel.write((u) => ids.forEach((id) => startSubtask(u, id)));
    await fixture.when('failed', () => ids.every((id) => fixture.subtask(id).status === 'BLOCKED'));
    await orchestrator.close();
    for (const id of ids) await writeFile(path.join(placeOf(id), 'loose.txt'), id);
    return ids;
  }

  /** Everything that runs unasked, twice, and *Clean Up Worktrees* of all. */
  async function upkeep(): Promise<void> {
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 1 / 600 };
    for (let round = 0; round < 2; round += 1) {
      await recoverTasks(deps());
      await tidy({ ...deps(), ports: { ...deps().ports, clock: { nowMs: () => Date.now() + 60_000 } } });
    }
    await removeUnusedWorktrees(deps());
    fixture.settings = { ...fixture.settings, failedCleanupMinutes: 0 };
  }

  async function retried(ids: readonly string[]): Promise<void> {
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    const orchestrator = fixture.start();
    await fixture.kernel.write((u) => ids.forEach((id) => retrySubtask(u, id)));
    await fixture.when('decided', () => ids.every((id) => fixture.subtask(id).status !== 'IN_PROGRESS'));
    await orchestrator.close();
  }

  const deleted = (id: string) =>
    deleteTaskWhole({ ...deps(), endDispatches: () => Promise.resolve() }, fixture.subtask(id).taskId);

  /** Whether a commit that some ref of the repository holds has the file with this text. */
  async function isKept(name: string, content: string): Promise<boolean> {
    const refs = (await fixture.git('for-each-ref', '--format=%(refname)', 'refs/intercore', 'refs/heads')).split('\n');
    const shown = refs.map((ref) => fixture.git('show', `${ref}:${name}`).catch(() => undefined));
    return (await Promise.all(shown)).includes(content);
  }

  itLong('lose nothing of ours that was moved, locked, broken, or taken by another repository', async () => {
    const ids = await failed(8);
    const [moved = '', locked = '', broken = '', repaired = '', detached = '', own = '', other = '', spelled = ''] =
      ids;
    const places = new Map(ids.map((id) => [id, placeOf(id)]));
    const at = (id: string): string => places.get(id) ?? '';
    await fixture.git('worktree', 'move', at(moved), path.join(aside, 'moved'));
    await rename(at(repaired), path.join(aside, 'repaired'));
    await fixture.git('worktree', 'repair', path.join(aside, 'repaired'));
    await fixture.git('worktree', 'lock', '--reason', 'mine now', at(locked));
    await plainGit(at(detached), ['checkout', '--quiet', '--detach']);
    await plainGit(at(detached), ['add', '--all']);
    await plainGit(at(detached), ['commit', '--quiet', '--message', 'Only here']);
    await rm(path.join(at(own), '.git'));
    await plainGit(at(own), ['init', '--quiet']);
    await plainGit(at(own), [...PERSON, 'commit', '--quiet', '--allow-empty', '--message', 'Own']);
    await plainGit(aside, ['init', '--quiet', 'elsewhere']);
    await writeFile(path.join(at(other), '.git'), `gitdir: ${path.join(aside, 'elsewhere', '.git')}\n`);
    await writeFile(path.join(at(broken), '.git'), 'no link\n');
    const { dir, base } = path.parse(at(spelled));
    await symlink(dir, path.join(aside, 'link'));
    const spelling = `${path.join(aside, 'link')}/../link/${base}/`;
    await fixture.kernel.write((u) => {
      u.db.run('UPDATE subtasks SET worktree_path = ? WHERE id = ?', [spelling, spelled]);
    });

    await upkeep();
    assert.equal(await text(aside, 'moved', 'loose.txt'), moved, 'moved by git');
    assert.equal(await text(aside, 'repaired', 'loose.txt'), repaired, 'moved and repaired');
    for (const id of [locked, own, other]) assert.equal(await text(at(id), 'loose.txt'), id, 'not ours to remove now');
    for (const id of [broken, detached, spelled]) {
      assert.deepEqual(
        { atExists: existsSync(at(id)), isKept: await isKept('loose.txt', id) },
        { atExists: false, isKept: true },
        'removed, and kept',
      );
    }
    const stages = fixture.kernel.read((r) => r.db.rows('SELECT subject FROM stage_failures ORDER BY subject', []));
    assert.deepEqual(
      stages.map(({ subject }) => subject),
      [own, other].sort(),
      'what a person locked is no failure',
    );

    await retried(ids);
    for (const id of ids) {
      const { status, lastError } = fixture.subtask(id);
      const isAway = id === moved || id === repaired;
      assert.equal(status, isAway ? 'BLOCKED' : 'COMPLETED', lastError ?? '');
      if (isAway) assert.match(lastError ?? '', /already (?:checked out|used by worktree) at .*aside/);
    }
    for (const id of [own, other]) {
      const [note] = fixture.kernel.read((r) => listNotes(r, id));
      assert.ok(note?.text.includes(`${at(id)}.kept`), note?.text);
      assert.equal(await text(`${at(id)}.kept`, 'loose.txt'), id);
    }
    assert.match(await text(`${at(other)}.kept`, '.git'), /elsewhere/, 'the link of the person stays');

    const { left } = await deleted(moved);
    assert.deepEqual(left.length, 1, JSON.stringify(left));
    assert.match(left[0]?.problem ?? '', new RegExp(`${path.basename(at(locked))} is locked`));
    assert.equal(await text(aside, 'moved', 'loose.txt'), moved);
    assert.equal(await text(aside, 'repaired', 'loose.txt'), repaired);
    await fixture.git('worktree', 'unlock', at(locked));
    assert.deepEqual(
      (await removeUnusedWorktrees(deps())).removed.map(({ path: place }) => place),
      [at(locked)],
    );
  });

  it('lose nothing of theirs: nested, locked on a disk that is away, or of a second project of the repository', async () => {
    const ids = await failed(1);
    const [id = ''] = ids;
    const nested = path.join(fixture.stage.project, 'nested');
    await fixture.git('worktree', 'add', '--quiet', '-b', 'nested', nested);
    const away = path.join(aside, 'disk', 'away');
    await fixture.git('worktree', 'add', '--quiet', '--detach', away);
    await plainGit(away, [...PERSON, 'commit', '--quiet', '--allow-empty', '--message', 'Only here']);
    const onlyThere = (await plainGit(away, ['rev-parse', 'HEAD'])).trim();
    await fixture.git('worktree', 'lock', away);
    await rename(path.dirname(away), path.join(aside, 'unplugged'));
    const second = path.join(aside, 'second');
    await fixture.git('worktree', 'add', '--quiet', '-b', 'second', second);
    for (const place of [nested, second]) await writeFile(path.join(place, 'loose.txt'), place);
    await fixture.git('checkout', '--quiet', '--detach');
    await fixture.git(...PERSON, 'commit', '--quiet', '--allow-empty', '--message', 'Detached');
    const onlyHere = await fixture.git('rev-parse', 'HEAD');

    const project = await addLocalProject(fixture.kernel, deps().git, { folder: second, isNamed: true });
    const orchestrator = fixture.start();
    await fixture.agents(SINGLE_PLANNER, 'exit 1');
    const task = await fixture.kernel.write((u) =>
      createTask(u, { projectId: project.id, title: 'Other', description: 'Of the second project.' }),
    );
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const [{ id: theirs } = assert.fail('no subtask')] = fixture.read(task).subtasks;
    await fixture.kernel.write((u) => void startSubtask(u, theirs));
    await fixture.when('failed', () => fixture.subtask(theirs).status === 'BLOCKED');
    await orchestrator.close();
    const tree = placeOf(theirs);
    await writeFile(path.join(tree, 'loose.txt'), theirs);

    const names = ['mine', 'restored-mine', `${theirs}-mine`, `${task.id}-planning`];
    const inOurs = names.map((name) => path.join(path.dirname(tree), name));
    for (const place of inOurs) await fixture.git('worktree', 'add', '--quiet', '-b', path.basename(place), place);
    for (const place of inOurs) await writeFile(path.join(place, 'loose.txt'), place);
    assert.deepEqual(
      (await findUnusedWorktrees(deps())).unused,
      [],
      'each project knows its own alone, and none of a person',
    );
    await removeUnusedWorktrees(deps());
    await deleted(id);
    assert.equal(await text(tree, 'loose.txt'), theirs, 'of the other project');
    await upkeep();
    assert.deepEqual(
      { treeExists: existsSync(tree), isKept: await isKept('loose.txt', theirs) },
      { treeExists: false, isKept: true },
    );
    await retried([theirs]);
    assert.equal(fixture.subtask(theirs).status, 'COMPLETED', fixture.subtask(theirs).lastError ?? '');

    const { snapshots } = await listWorktreeSnapshots(deps());
    const named = snapshots.map(({ ref, subtask }) => [ref, subtask?.id]);
    assert.equal(new Set(named.map(([ref]) => ref)).size, named.length, 'each snapshot once');
    assert.ok(named.some(([, subtask]) => subtask === theirs));
    await deleted(theirs);
    for (const place of [nested, second, ...inOurs]) assert.equal(await text(place, 'loose.txt'), place);
    assert.equal(await fixture.git('rev-parse', 'HEAD'), onlyHere);
    assert.ok((await listed()).includes(`worktree ${away}\nHEAD ${onlyThere}\n`));
    await rename(path.join(aside, 'unplugged'), path.dirname(away));
    assert.equal((await plainGit(away, ['rev-parse', 'HEAD'])).trim(), onlyThere);
  });

  it('are made of no bare repository, which is said', async () => {
    const bare = path.join(aside, 'bare.git');
    await plainGit(aside, ['clone', '--quiet', '--bare', fixture.stage.project, bare]);
    const adding = addLocalProject(fixture.kernel, deps().git, { folder: bare, isNamed: true });
    await assert.rejects(adding, { code: 'REPOSITORY_BARE' });
  });
});
