/**
 * What a person does to worktrees with git's own commands and others, and all upkeep afterwards: recovery, the time of
 * failed worktrees, *Clean Up Worktrees*, and deletion. Nothing of the person's and nothing of ours is lost.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../scripts/demo/repositories';
import { retrySubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { createTask } from '../../../src/kernel/tasks/service';
import { listNotes } from '../../../src/kernel/tasks/subtask/subtasks';
import { deleteTaskWhole } from '../../../src/services/tasks/project/deletion';
import type { VillageDeps } from '../../../src/services/tasks/deps';
import { addLocalProject } from '../../../src/services/tasks/project/projects';
import { recoverVillage } from '../../../src/services/tasks/lead/recovery';
import { tidy } from '../../../src/services/tasks/worktree/retention';
import { listKeptWork } from '../../../src/services/tasks/worktree/keptWork';
import { findStrays, removeStrays } from '../../../src/services/tasks/worktree/strays';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

const PERSON = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

describe('worktrees that a person handles with git', function () {
  this.timeout(240_000);
  let village: VillageStage;
  let aside: string;

  beforeEach(async () => {
    village = await VillageStage.open();
    village.settings = { ...village.settings, maxAttempts: 1, failedCleanupMinutes: 0 };
    aside = path.join(village.stage.root, 'aside');
    await mkdir(aside);
  });
  afterEach(() => village.close());

  const deps = (): VillageDeps => village.deps(village.dispatcher());
  const text = (...names: string[]): Promise<string> => readFile(path.join(...names), 'utf8');
  const listed = (): Promise<string> => village.git('worktree', 'list', '--porcelain');
  const placeOf = (id: string): string => village.subtask(id).worktreePath ?? assert.fail(`${id} has no worktree`);

  /** Subtasks whose only attempt has failed, each with a worktree that holds `loose.txt`. */
  async function failed(count: number): Promise<string[]> {
    const orchestrator = village.start();
    const plan = Array.from({ length: count }, (_, index) => `ic subtask create --title="Write ${index}"`);
    await village.agents(plan.join('\n'), 'echo half > half.txt; exit 1');
    const task = await village.task();
    await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
    const ids = village.read(task).subtasks.map(({ id }) => id);
    await village.kernel.write((u) => ids.forEach((id) => startSubtask(u, id)));
    await village.when('failed', () => ids.every((id) => village.subtask(id).status === 'BLOCKED'));
    await orchestrator.close();
    for (const id of ids) await writeFile(path.join(placeOf(id), 'loose.txt'), id);
    return ids;
  }

  /** Everything that runs unasked, twice, and *Clean Up Worktrees* of all. */
  async function upkeep(): Promise<void> {
    village.settings = { ...village.settings, failedCleanupMinutes: 1 / 600 };
    for (let round = 0; round < 2; round += 1) {
      await recoverVillage(deps());
      await tidy({ ...deps(), ports: { ...deps().ports, clock: { nowMs: () => Date.now() + 60_000 } } });
    }
    await removeStrays(deps());
    village.settings = { ...village.settings, failedCleanupMinutes: 0 };
  }

  async function retried(ids: readonly string[]): Promise<void> {
    await village.agents(SINGLE_PLANNER, GOOD_WORKER);
    const orchestrator = village.start();
    await village.kernel.write((u) => ids.forEach((id) => retrySubtask(u, id)));
    await village.when('decided', () => ids.every((id) => village.subtask(id).status !== 'IN_PROGRESS'));
    await orchestrator.close();
  }

  const deleted = (id: string) =>
    deleteTaskWhole({ ...deps(), endDispatches: () => Promise.resolve() }, village.subtask(id).taskId);

  /** Whether a commit that some ref of the repository holds has the file with this text. */
  async function isKept(name: string, content: string): Promise<boolean> {
    const refs = (await village.git('for-each-ref', '--format=%(refname)', 'refs/intercore', 'refs/heads')).split('\n');
    const shown = refs.map((ref) => village.git('show', `${ref}:${name}`).catch(() => undefined));
    return (await Promise.all(shown)).includes(content);
  }

  it('lose nothing of ours that was moved, locked, broken, or taken by another repository', async () => {
    const ids = await failed(8);
    const [moved = '', locked = '', broken = '', repaired = '', detached = '', own = '', other = '', spelled = ''] =
      ids;
    const places = new Map(ids.map((id) => [id, placeOf(id)]));
    const at = (id: string): string => places.get(id) ?? '';
    await village.git('worktree', 'move', at(moved), path.join(aside, 'moved'));
    await rename(at(repaired), path.join(aside, 'repaired'));
    await village.git('worktree', 'repair', path.join(aside, 'repaired'));
    await village.git('worktree', 'lock', '--reason', 'mine now', at(locked));
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
    await village.kernel.write((u) => {
      u.db.run('UPDATE subtasks SET worktree_path = ? WHERE id = ?', [spelling, spelled]);
    });

    await upkeep();
    assert.equal(await text(aside, 'moved', 'loose.txt'), moved, 'moved by git');
    assert.equal(await text(aside, 'repaired', 'loose.txt'), repaired, 'moved and repaired');
    for (const id of [locked, own, other]) assert.equal(await text(at(id), 'loose.txt'), id, 'not ours to remove now');
    for (const id of [broken, detached, spelled]) {
      assert.deepEqual([existsSync(at(id)), await isKept('loose.txt', id)], [false, true], 'removed, and kept');
    }
    const stages = village.kernel.read((r) => r.db.rows('SELECT subject FROM stage_failures ORDER BY subject', []));
    assert.deepEqual(
      stages.map(({ subject }) => subject),
      [own, other].sort(),
      'what a person locked is no failure',
    );

    await retried(ids);
    for (const id of ids) {
      const { status, lastError } = village.subtask(id);
      const isAway = id === moved || id === repaired;
      assert.equal(status, isAway ? 'BLOCKED' : 'COMPLETED', lastError ?? '');
      if (isAway) assert.match(lastError ?? '', /already (?:checked out|used by worktree) at .*aside/);
    }
    for (const id of [own, other]) {
      const [note] = village.kernel.read((r) => listNotes(r, id));
      assert.ok(note?.text.includes(`${at(id)}.kept`), note?.text);
      assert.equal(await text(`${at(id)}.kept`, 'loose.txt'), id);
    }
    assert.match(await text(`${at(other)}.kept`, '.git'), /elsewhere/, 'the link of the person stays');

    const { left } = await deleted(moved);
    assert.deepEqual(left.length, 1, JSON.stringify(left));
    assert.match(left[0]?.problem ?? '', new RegExp(`${path.basename(at(locked))} is locked`));
    assert.equal(await text(aside, 'moved', 'loose.txt'), moved);
    assert.equal(await text(aside, 'repaired', 'loose.txt'), repaired);
    await village.git('worktree', 'unlock', at(locked));
    assert.deepEqual(
      (await removeStrays(deps())).removed.map(({ path: place }) => place),
      [at(locked)],
    );
  });

  it('lose nothing of theirs: nested, locked on a disk that is away, or of a second project of the repository', async () => {
    const ids = await failed(1);
    const [id = ''] = ids;
    const nested = path.join(village.stage.project, 'nested');
    await village.git('worktree', 'add', '--quiet', '-b', 'nested', nested);
    const away = path.join(aside, 'disk', 'away');
    await village.git('worktree', 'add', '--quiet', '--detach', away);
    await plainGit(away, [...PERSON, 'commit', '--quiet', '--allow-empty', '--message', 'Only here']);
    const onlyThere = (await plainGit(away, ['rev-parse', 'HEAD'])).trim();
    await village.git('worktree', 'lock', away);
    await rename(path.dirname(away), path.join(aside, 'unplugged'));
    const second = path.join(aside, 'second');
    await village.git('worktree', 'add', '--quiet', '-b', 'second', second);
    for (const place of [nested, second]) await writeFile(path.join(place, 'loose.txt'), place);
    await village.git('checkout', '--quiet', '--detach');
    await village.git(...PERSON, 'commit', '--quiet', '--allow-empty', '--message', 'Detached');
    const onlyHere = await village.git('rev-parse', 'HEAD');

    const project = await addLocalProject(village.kernel, deps().git, { folder: second, isNamed: true });
    const orchestrator = village.start();
    await village.agents(SINGLE_PLANNER, 'exit 1');
    const task = await village.kernel.write((u) =>
      createTask(u, { projectId: project.id, title: 'Other', description: 'Of the second project.' }),
    );
    await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
    const [{ id: theirs } = assert.fail('no subtask')] = village.read(task).subtasks;
    await village.kernel.write((u) => void startSubtask(u, theirs));
    await village.when('failed', () => village.subtask(theirs).status === 'BLOCKED');
    await orchestrator.close();
    const tree = placeOf(theirs);
    await writeFile(path.join(tree, 'loose.txt'), theirs);

    const names = ['mine', 'restored-mine', `${theirs}-mine`, `${task.id}-planning`];
    const inOurs = names.map((name) => path.join(path.dirname(tree), name));
    for (const place of inOurs) await village.git('worktree', 'add', '--quiet', '-b', path.basename(place), place);
    for (const place of inOurs) await writeFile(path.join(place, 'loose.txt'), place);
    assert.deepEqual((await findStrays(deps())).strays, [], 'each project knows its own alone, and none of a person');
    await removeStrays(deps());
    await deleted(id);
    assert.equal(await text(tree, 'loose.txt'), theirs, 'of the other project');
    await upkeep();
    assert.deepEqual([existsSync(tree), await isKept('loose.txt', theirs)], [false, true]);
    await retried([theirs]);
    assert.equal(village.subtask(theirs).status, 'COMPLETED', village.subtask(theirs).lastError ?? '');

    const { snapshots } = await listKeptWork(deps());
    const named = snapshots.map(({ ref, subtask }) => [ref, subtask?.id]);
    assert.equal(new Set(named.map(([ref]) => ref)).size, named.length, 'each snapshot once');
    assert.ok(named.some(([, subtask]) => subtask === theirs));
    await deleted(theirs);
    for (const place of [nested, second, ...inOurs]) assert.equal(await text(place, 'loose.txt'), place);
    assert.equal(await village.git('rev-parse', 'HEAD'), onlyHere);
    assert.ok((await listed()).includes(`worktree ${away}\nHEAD ${onlyThere}\n`));
    await rename(path.join(aside, 'unplugged'), path.dirname(away));
    assert.equal((await plainGit(away, ['rev-parse', 'HEAD'])).trim(), onlyThere);
  });

  it('are made of no bare repository, which is said', async () => {
    const bare = path.join(aside, 'bare.git');
    await plainGit(aside, ['clone', '--quiet', '--bare', village.stage.project, bare]);
    const adding = addLocalProject(village.kernel, deps().git, { folder: bare, isNamed: true });
    await assert.rejects(adding, { code: 'REPOSITORY_BARE' });
  });
});
