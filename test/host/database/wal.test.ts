import assert from 'node:assert/strict';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { isWalMode, setWalMode } from '../../../src/host/database/databaseHeader';
import { applyWal } from '../../../src/host/database/wal';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { testEngine } from '../../support/records/kernel';
import { Projects } from '../../support/projects';
import { hasSqlite3, OpenSqlite3, sqlite3 } from '../../support/records/sqlite3';

/** A database and its log as a program left them that still has them open. */
interface Pair {
  readonly db: Buffer;
  readonly wal: Buffer;
}

describe('applyWal', function () {
  const projects = Projects.ofSuite();
  let file: string;

  before(function () {
    if (!hasSqlite3()) this.skip();
  });

  beforeEach(async () => {
    file = path.join(await projects.folder(), 'x.db');
  });

  /** What is in the files while sqlite3, having run the statements, keeps them open. */
  const pairAfter = async (...statements: string[]): Promise<Pair> => {
    const program = new OpenSqlite3(file);
    try {
      await program.run('PRAGMA wal_autocheckpoint = 0;');
      for (const sql of statements) await program.run(sql);
      return { db: await readFile(file), wal: await readFile(`${file}-wal`) };
    } finally {
      await program.close();
    }
  };

  const create = (pageSize: number): Promise<string> =>
    sqlite3(file, `PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, text TEXT);`);

  const values = async (bytes: Uint8Array): Promise<unknown[]> => {
    const copy = bytes.slice();
    if (isWalMode(copy)) setWalMode(copy, false);
    const image = new SqliteImage(await testEngine, copy);
    try {
      assert.equal(image.damage(), undefined);
      return image.rows('SELECT n FROM t ORDER BY n', []).map((row) => row['n']);
    } finally {
      image.close();
    }
  };

  const fill = (from: number, to: number): string =>
    `WITH RECURSIVE c(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM c WHERE n < ${to})
     INSERT INTO t SELECT n, printf('%0500d', n) FROM c;`;

  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  for (const pageSize of [512, 4096, 65536]) {
    it(`reads commits of a live program with pages of ${pageSize} bytes`, async () => {
      await create(pageSize);
      const { db, wal } = await pairAfter(fill(1, 50), fill(51, 60));
      assert.deepEqual(await values(applyWal(db, wal)), range(1, 60));
    });
  }

  it('sees a database shrink', async () => {
    await create(4096);
    const { db, wal } = await pairAfter(fill(1, 500), 'DELETE FROM t WHERE n > 3;', 'VACUUM;');
    const merged = applyWal(db, wal);
    assert.deepEqual(await values(merged), [1, 2, 3]);
    assert.ok(merged.length <= 3 * 4096);
  });

  it('leaves out what is not committed', async () => {
    await create(4096);
    const { db, wal } = await pairAfter(fill(1, 3), 'PRAGMA cache_size = 1; BEGIN;', fill(4, 2000));
    assert.ok(wal.length > 100 * 4096, 'the open transaction spilled into the log');
    assert.deepEqual(await values(applyWal(db, wal)), [1, 2, 3]);
  });

  it('ignores the rest of an older log behind a restarted one', async () => {
    await create(4096);
    const { db, wal } = await pairAfter(fill(1, 200), 'PRAGMA wal_checkpoint(RESTART);', fill(201, 201));
    assert.ok(wal.length > 20 * 4096, 'older frames are still in the log');
    assert.deepEqual(await values(applyWal(db, wal)), range(1, 201));
  });

  it('reads a log written on a machine of the other byte order', async () => {
    await create(4096);
    const { db, wal } = await pairAfter(fill(1, 20));
    assert.deepEqual(await values(applyWal(db, rewriteChecksums(wal))), range(1, 20));
  });

  it('gives a state that was committed, however the log is cut or damaged', async function () {
    this.timeout(60_000);
    await create(512);
    const { db, wal } = await pairAfter(fill(1, 1), fill(2, 2), fill(3, 3), fill(4, 4));
    const allowed = new Set([0, 1, 2, 3, 4].map((n) => JSON.stringify(range(1, n))));
    const flip = fc.record({ at: fc.nat(wal.length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(fc.option(flip, { nil: undefined }), fc.nat(wal.length), async (damage, length) => {
        const broken = Buffer.from(wal);
        if (damage !== undefined) broken.writeUInt8(broken.readUInt8(damage.at) ^ (1 << damage.bit), damage.at);
        const found = await values(applyWal(db, broken.subarray(0, length)));
        assert.ok(allowed.has(JSON.stringify(found)), `${JSON.stringify(found)} was never committed`);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with sqlite3 on a copy of the files', async () => {
    await create(4096);
    const pair = { db: `${file}.copy`, wal: `${file}.copy-wal` };
    const program = new OpenSqlite3(file);
    await program.run(`PRAGMA wal_autocheckpoint = 0; ${fill(1, 300)} DELETE FROM t WHERE n % 7 = 0;`);
    await copyFile(file, pair.db);
    await copyFile(`${file}-wal`, pair.wal);
    await program.close();
    const ours = await values(applyWal(await readFile(pair.db), await readFile(pair.wal)));
    assert.equal(ours.join('\n'), await sqlite3(pair.db, 'SELECT n FROM t ORDER BY n'));
  });
});

/** The same log with checksums of the other byte order. */
function rewriteChecksums(wal: Buffer): Buffer {
  const result = Buffer.from(wal);
  const big = (result.readUInt32BE(0) & 1) === 0;
  result.writeUInt32BE(big ? 0x377f0683 : 0x377f0682, 0);
  let sum: [number, number] = [0, 0];
  const add = (from: number, to: number): void => {
    let [a, b] = sum;
    for (let at = from; at < to; at += 8) {
      a = (a + (big ? result.readUInt32BE(at) : result.readUInt32LE(at)) + b) >>> 0;
      b = (b + (big ? result.readUInt32BE(at + 4) : result.readUInt32LE(at + 4)) + a) >>> 0;
    }
    sum = [a, b];
  };
  const put = (at: number): void => {
    result.writeUInt32BE(sum[0], at);
    result.writeUInt32BE(sum[1], at + 4);
  };
  add(0, 24);
  put(24);
  const frame = 24 + result.readUInt32BE(8);
  for (let at = 32; at + frame <= result.length; at += frame) {
    add(at, at + 8);
    add(at + 24, at + frame);
    put(at + 16);
  }
  return result;
}
