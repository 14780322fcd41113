/** A worker agent reports with `ic`, from a worktree outside its project. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { databaseLocation } from '../../../../src/host/files/paths';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { getSubtask, listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import { ProjectKernel } from '../../../../src/services/record/kernels';
import { ic } from '../../../support/ic/ic';
import { testDeps } from '../../../support/projects';
import { planned } from '../../../support/tasks/taskRecord';

describe('ic, called by a worker', function () {
  this.timeout(60_000);
  let folder: string;
  let kernel: ProjectKernel;
  let id: string;

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-worker-')));
    kernel = new ProjectKernel(databaseLocation(folder), testDeps());
    await kernel.initialize();
    const { subtasks } = await kernel.write((u) => planned(u, { A: [] }));
    id = subtasks['A']?.id ?? assert.fail();
    await kernel.write((u) => startSubtask(u, id));
  });
  after(async () => {
    await kernel.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const env = (): Record<string, string> => ({
    INTERCORE_DB: kernel.path,
    INTERCORE_DISPATCH_ID: 'dispatch1',
    INTERCORE_SUBTASK_ID: id,
    XDG_STATE_HOME: path.join(folder, 'state'),
  });

  it('finds its record and its own subtask from anywhere', async () => {
    const shown = await ic(['subtask', 'show', '--json'], { cwd: tmpdir(), env: env() });
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, new RegExp(`"id":"${id}"`));
  });

  it('adds a note in its own name, and reports that it is done', async () => {
    const text = 'Quotes ", $(id), `id` and\nlines';
    const noted = await ic(['subtask', 'note', '--body-file=-'], { cwd: tmpdir(), env: env(), input: text });
    assert.equal(noted.code, 0, noted.stderr);
    const closed = await ic(['subtask', 'close', '--reason=Implementation complete'], { cwd: tmpdir(), env: env() });
    assert.equal(closed.stdout, 'closed\n', closed.stderr);
    await kernel.refresh();
    const [subtask, notes] = kernel.read((r) => [getSubtask(r, id), listNotes(r, id)] as const);
    assert.deepEqual(
      { status: subtask.status, closeReason: subtask.closeReason },
      { status: 'IN_PROGRESS', closeReason: 'Implementation complete' },
    );
    assert.deepEqual(
      notes.map((note) => [note.author, note.text]),
      [['agent dispatch1', text]],
    );
  });

  for (const [where, inside] of [
    ['a record in the home above it', 'home/work/tree'],
    ['a record that git tracks in its worktree', 'home'],
  ] as const) {
    it(`uses its own record despite ${where}`, async () => {
      const home = path.join(folder, 'home');
      const other = new ProjectKernel(databaseLocation(home), testDeps());
      await mkdir(home, { recursive: true });
      await other.initialize();
      await other.dispose();
      const cwd = path.join(folder, inside);
      await mkdir(cwd, { recursive: true });
      const shown = await ic(['subtask', 'show', '--json'], { cwd, env: { ...env(), HOME: home } });
      assert.equal(shown.code, 0, shown.stderr);
      assert.match(shown.stdout, new RegExp(`"id":"${id}"`));
    });
  }

  it('ignores the record of a dispatch outside a dispatch', async () => {
    const { INTERCORE_DB } = env();
    const outside = await ic(['subtask', 'show', id], { cwd: tmpdir(), env: { INTERCORE_DB: INTERCORE_DB ?? '' } });
    assert.equal(outside.code, 2, outside.stdout);
  });
});
