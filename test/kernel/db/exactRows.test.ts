import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import * as z from 'zod';
import { BrokenText, type StoredRow, type StoredValue } from '../../../src/kernel/db/exactRows';
import { rowCodec } from '../../../src/kernel/db/rows';
import { loadSqlite, SqliteImage } from '../../../src/kernel/db/sqlite';
import { isKernelError } from '../../../src/kernel/errors/errors';
import { testEngine } from '../../support/records/kernel';

/** What SQLite gives for an expression. */
async function stored(expression: string, pragma = ''): Promise<StoredValue | undefined> {
  const image = new SqliteImage(await testEngine);
  if (pragma !== '') image.exec(pragma);
  image.exec(`CREATE TABLE t (v); INSERT INTO t VALUES (${expression})`);
  const value = image.rows('SELECT v FROM t', [])[0]?.['v'];
  image.close();
  return value;
}

const codec = rowCodec('t', z.object({ id: z.union([z.string(), z.int()]), v: z.union([z.int(), z.string()]) }));
const decoded = (row: StoredRow): unknown => codec.decode(row);

describe('a row as it is read', () => {
  it('holds a text exactly as it is stored, with any first characters', async () => {
    const image = new SqliteImage(await testEngine);
    image.exec('CREATE TABLE t (v TEXT)');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replace(/\p{Surrogate}/gu, '')),
        fc.constantFrom('', '\uFEFF', '\uFFFE', '\0'),
        (a, b) => {
          const text = b + a;
          image.run('DELETE FROM t', []);
          image.run('INSERT INTO t VALUES (?)', [text]);
          assert.deepEqual(image.rows('SELECT v FROM t', []), [{ v: text }]);
        },
      ),
    );
    image.close();
  });

  it('holds the text of a database in UTF-16', async () => {
    for (const encoding of ['UTF-16le', 'UTF-16be']) {
      assert.equal(await stored("char(65279) || 'ä😀'", `PRAGMA encoding = '${encoding}'`), '\uFEFFä😀');
    }
  });

  it('holds integers of 64 bits, reals, blobs and NULL', async () => {
    assert.equal(await stored('9223372036854775807'), 9_223_372_036_854_775_807n);
    assert.equal(await stored('-9223372036854775807 - 1'), -9_223_372_036_854_775_808n);
    assert.equal(await stored('9007199254740991'), Number.MAX_SAFE_INTEGER);
    assert.equal(await stored('9007199254740992'), 9_007_199_254_740_992n);
    assert.equal(await stored('9223372036854775807.0'), 2 ** 63);
    assert.equal(await stored('9e999'), Infinity);
    assert.deepEqual(await stored("x'00ff'"), new Uint8Array([0, 255]));
    assert.deepEqual(await stored("x''"), new Uint8Array());
    assert.equal(await stored('NULL'), null);
  });

  it('is read by the names that its statement has after the table has changed', async () => {
    const image = new SqliteImage(await testEngine);
    image.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    assert.deepEqual(image.rows('SELECT * FROM t', []), [{ a: 1 }]);
    image.exec('ALTER TABLE t ADD COLUMN b DEFAULT 2');
    assert.deepEqual(image.rows('SELECT * FROM t', []), [{ a: 1, b: 2 }]);
    image.close();
  });

  it('is refused where a text is not UTF-8 or has a NUL', async () => {
    const broken = (await stored("CAST(x'61ff' AS TEXT)")) ?? null;
    assert.ok(broken instanceof BrokenText);
    for (const [v, problem] of [
      [broken, 'it is not UTF-8'],
      ['a\0b', 'it contains NUL'],
    ] as const) {
      assert.throws(
        () => decoded({ id: 'x', v }),
        (error) => isKernelError(error) && error.code === 'ROW_INVALID' && error.message.includes(problem),
      );
    }
  });

  it('is read by every part of a process that loads the engine', async () => {
    const again = await loadSqlite(new WebAssembly.Module(readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'))));
    for (const engine of [again, await testEngine]) {
      const image = new SqliteImage(engine);
      assert.deepEqual(image.rows("SELECT 1 AS a, 'b' AS b", []), [{ a: 1, b: 'b' }]);
      image.close();
    }
  });

  it('is decoded with the nearest number in place of an integer that no number holds', () => {
    assert.deepEqual(decoded({ id: 'x', v: 2n ** 63n - 1n }), { id: 'x', v: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(decoded({ id: 'x', v: -(2n ** 63n) }), { id: 'x', v: Number.MIN_SAFE_INTEGER });
    assert.throws(() => decoded({ id: 2n ** 53n, v: 1 }), /9007199254740992/);
  });
});
