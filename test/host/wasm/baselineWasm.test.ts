import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cachedDataVersionTag } from 'node:v8';
import { baselineModule } from '../../../src/host/wasm/baselineWasm';
import { loadSqlite, SqliteImage } from '../../../src/kernel/db/sqlite';

const WASM = readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'));

describe('WASM without optimization', () => {
  it('runs the engine', async () => {
    const image = new SqliteImage(await loadSqlite(baselineModule(WASM)));
    assert.deepEqual(image.rows('SELECT 1 AS a', []), [{ a: 1 }]);
    image.close();
  });

  it('leaves the settings of V8 as they were, since code that V8 cached is bound to them', () => {
    const before = cachedDataVersionTag();
    baselineModule(WASM);
    assert.equal(cachedDataVersionTag(), before);
    assert.throws(() => baselineModule(Buffer.from('no module')));
    assert.equal(cachedDataVersionTag(), before);
  });
});
