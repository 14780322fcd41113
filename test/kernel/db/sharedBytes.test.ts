import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { testEngine } from '../../support/records/kernel';

/** Whether two exports are the same memory, so that none of them was copied. */
function sameMemory(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer;
}

async function filled(bytes: number): Promise<SqliteImage> {
  const image = new SqliteImage(await testEngine);
  image.begin();
  image.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT)');
  for (let at = 0; at < bytes; at += 1000) image.run('INSERT INTO t (value) VALUES (?)', ['x'.repeat(1000)]);
  image.commit();
  return new SqliteImage(await testEngine, image.export());
}

function transact(image: SqliteImage, work: () => void): void {
  image.begin();
  work();
  image.commit();
}

/** What a program that reads those bytes sees. */
async function readBack(bytes: Uint8Array): Promise<unknown> {
  const image = new SqliteImage(await testEngine, bytes);
  assert.equal(image.damage(), undefined);
  const rows = image.rows('SELECT id, value FROM t ORDER BY id', []);
  image.close();
  return rows;
}

describe('the bytes of an image', () => {
  it('are saved where SQLite writes them, without a copy', async () => {
    const image = await filled(100_000);
    const before = image.export();
    transact(image, () => image.run("UPDATE t SET value = 'new' WHERE id = 7", []));
    const after = image.export();
    assert.ok(sameMemory(before, after));
    assert.deepEqual(await readBack(after), image.rows('SELECT id, value FROM t ORDER BY id', []));
  });

  it('leave the bytes alone that a database was opened with', async () => {
    const bytes = (await filled(10_000)).export().slice();
    const before = bytes.slice();
    const image = new SqliteImage(await testEngine, bytes);
    transact(image, () => image.run('DELETE FROM t', []));
    assert.deepEqual(bytes, before);
  });

  it('are exported the long way by a database that outgrew them, and shared again from then on', async () => {
    const image = await filled(100_000);
    const before = image.export();
    transact(image, () => {
      for (let n = 0; n < 3000; n++) image.run('INSERT INTO t (value) VALUES (?)', ['y'.repeat(1000)]);
    });
    const grown = image.export();
    assert.ok(!sameMemory(before, grown));
    assert.ok(grown.length > 3_000_000);
    assert.deepEqual(await readBack(grown), image.rows('SELECT id, value FROM t ORDER BY id', []));
    transact(image, () => image.run('DELETE FROM t WHERE id > 5', []));
    const shared = image.export();
    transact(image, () => image.run('DELETE FROM t WHERE id > 4', []));
    assert.ok(sameMemory(shared, image.export()));
    assert.equal(((await readBack(image.export())) as unknown[]).length, 4);
  });

  it('are not trusted after a transaction that outgrew them and was undone', async () => {
    const image = await filled(100_000);
    const before = image.export();
    image.begin();
    // More than SQLite keeps in its own memory, so that the file grows before the end of the transaction.
    for (let n = 0; n < 6000; n++) image.run('INSERT INTO t (value) VALUES (?)', ['y'.repeat(1000)]);
    image.rollback();
    transact(image, () => image.run("UPDATE t SET value = 'after' WHERE id = 1", []));
    const after = image.export();
    assert.ok(!sameMemory(before, after));
    assert.deepEqual(await readBack(after), image.rows('SELECT id, value FROM t ORDER BY id', []));
  });

  it('are not trusted after a statement outside a transaction', async () => {
    const image = await filled(10_000);
    image.run('DELETE FROM t WHERE id > 1', []);
    assert.equal(((await readBack(image.export())) as unknown[]).length, 1);
  });

  it('shrink with the database', async () => {
    const image = await filled(300_000);
    image.exec('PRAGMA auto_vacuum = FULL; VACUUM');
    const full = image.export().length;
    transact(image, () => image.run('DELETE FROM t WHERE id > 10', []));
    const less = image.export();
    assert.ok(less.length < full / 2);
    assert.equal(((await readBack(less)) as unknown[]).length, 10);
    transact(image, () => image.run('DELETE FROM t WHERE id > 9', []));
    assert.equal(((await readBack(image.export())) as unknown[]).length, 9);
  });

  it('hold what the database says, whatever was done to it', async function () {
    this.timeout(120_000);
    const step = fc.record({
      grow: fc.nat(900),
      length: fc.nat(3000),
      shrink: fc.nat(1200),
      end: fc.constantFrom('commit', 'rollback', 'export'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, vacuums) => {
        const image = await filled(20_000);
        if (vacuums) image.exec('PRAGMA auto_vacuum = FULL; VACUUM');
        for (const { grow, length, shrink, end } of steps) {
          image.begin();
          for (let n = 0; n < grow; n++) image.run('INSERT INTO t (value) VALUES (?)', ['z'.repeat(length)]);
          image.run('DELETE FROM t WHERE id <= ?', [shrink]);
          if (end === 'rollback') image.rollback();
          else image.commit();
          if (end !== 'export') continue;
          const expected = image.rows('SELECT id, value FROM t ORDER BY id', []);
          assert.deepEqual(await readBack(image.export()), expected);
        }
        image.close();
      }),
      { numRuns: 25 },
    );
  });
});
