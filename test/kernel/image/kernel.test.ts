import assert from 'node:assert/strict';
import { KernelError } from '../../../src/kernel/errors/errors';
import { Kernel } from '../../../src/kernel/image/kernel';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun } from '../../../src/kernel/run/record/runs';
import { getRun, listRuns } from '../../../src/kernel/run/record/queries';
import { ManualClock, openTestKernel, seededIds, testEngine } from '../../support/records/kernel';

const RUN = { projectDir: '/p', goal: 'g' };

describe('a kernel', () => {
  it('keeps what was committed when it is opened again', async () => {
    const kernel = await openTestKernel();
    const { id } = kernel.write((u) => createRun(u, RUN));
    const again = await openTestKernel(kernel.kernel.export());
    assert.deepEqual(
      again.read((r) => getRun(r, id)),
      kernel.read((r) => getRun(r, id)),
    );
  });

  it('undoes a failing unit alone and keeps its neighbors', async () => {
    const { kernel } = await openTestKernel();
    const transaction = kernel.begin();
    const first = transaction.attempt((u) => createRun(u, RUN).id);
    const failing = transaction.attempt((u) => {
      createRun(u, RUN);
      return advanceRun(u, 'nope', { tier: 'none' }).advanced;
    });
    const last = transaction.attempt((u) => createRun(u, RUN).id);
    const touched = transaction.commit();
    assert.ok(first.ok && last.ok && !failing.ok);
    assert.ok(KernelError.is(failing.error, 'NOT_FOUND'));
    assert.deepEqual([...touched.runs], [first.value, last.value]);
    assert.deepEqual(
      kernel.read((r) => listRuns(r)).runs.map((run) => run.id),
      [last.value, first.value],
    );
  });

  it('reports what each unit touched, whichever unit of the transaction it was', async () => {
    for (const position of [0, 1, 2]) {
      const { kernel } = await openTestKernel();
      const transaction = kernel.begin();
      for (const unit of [0, 1, 2]) {
        transaction.attempt((u) => {
          if (unit === position) u.touched.rest();
          else u.touched.subtask(`subtask${unit}`);
        });
      }
      const { other, subtasks } = transaction.commit();
      assert.deepEqual({ other, subtasks: subtasks.size }, { other: true, subtasks: 2 });
    }
  });

  it('does not report other rows of a unit that was undone', async () => {
    const { kernel } = await openTestKernel();
    const transaction = kernel.begin();
    transaction.attempt((u) => {
      u.touched.rest();
      throw new Error('undone');
    });
    assert.equal(transaction.commit().other, false);
  });

  it('writes nothing when the transaction is rolled back', async () => {
    const { kernel } = await openTestKernel();
    const transaction = kernel.begin();
    assert.ok(transaction.attempt((u) => createRun(u, RUN).id).ok);
    transaction.rollback();
    assert.equal(kernel.read((r) => listRuns(r)).runs.length, 0);
    assert.ok(kernel.begin().attempt((u) => createRun(u, RUN).id).ok);
  });

  it('gives every unit of a transaction the same time', async () => {
    const kernel = await openTestKernel();
    const transaction = kernel.kernel.begin();
    const first = transaction.attempt((u) => u.now);
    kernel.clock.advance(10);
    assert.deepEqual(
      transaction.attempt((u) => u.now),
      first,
    );
    transaction.commit();
  });

  it('refuses to export in the middle of a transaction', async () => {
    const { kernel } = await openTestKernel();
    kernel.begin();
    assert.throws(() => kernel.export(), { code: 'SQL_FAILED' });
  });

  it('still checks references after an export', async () => {
    const kernel = await openTestKernel();
    kernel.kernel.export();
    assert.throws(() => kernel.exec("INSERT INTO run_agents (id, run_id) VALUES ('a', 'none')"), /FOREIGN KEY/);
    const pragmas = kernel.read((r) => [
      r.db.rows('PRAGMA foreign_keys', []),
      r.db.rows('PRAGMA trusted_schema', []),
      r.db.rows('PRAGMA recursive_triggers', []),
    ]);
    assert.deepEqual(pragmas.flat(), [{ foreign_keys: 1 }, { trusted_schema: 0 }, { recursive_triggers: 0 }]);
  });

  const ports = { clock: new ManualClock(), ids: seededIds() };
  const damages: Readonly<Record<string, (sound: Uint8Array) => Uint8Array>> = {
    text: () => new TextEncoder().encode('this is no database, however long it may be. '.repeat(200)),
    'a database cut short': (sound) => sound.slice(0, sound.length / 2),
    'a database overwritten in the middle': (sound) => sound.fill(0xa5, 4096, 8192),
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`says that ${what} is damaged`, async () => {
      const bytes = damage((await openTestKernel()).kernel.export());
      const engine = await testEngine;
      assert.throws(() => Kernel.open(engine, bytes, ports), { code: 'DATABASE_DAMAGED' });
    });
  }

  it('takes an empty file for a new database', async () => {
    assert.equal((await openTestKernel(new Uint8Array())).kernel.migration.wasEmpty, true);
  });
});
