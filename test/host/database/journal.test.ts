/** Rolling back in memory, held against what SQLite makes of the same files. */
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyJournal } from '../../../src/host/database/journal';
import { isCode, Projects } from '../../support/projects';
import { hasSqlite3, OpenSqlite3, sqlite3 } from '../../support/records/sqlite3';

describe('applyJournal', function () {
  const projects = Projects.ofSuite();

  before(function () {
    if (!hasSqlite3()) this.skip();
  });

  const fill = (rows: number, text: string): string =>
    `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows})
     INSERT INTO t SELECT n, '${text}' || printf('%0200d', n) FROM c;`;

  /** The files that a program left which was killed within a transaction. */
  const leftBy = async (pageSize: number, ...statements: string[]): Promise<string> => {
    const file = path.join(await projects.folder(), 'x.db');
    await sqlite3(file, `PRAGMA page_size = ${pageSize}; CREATE TABLE t (n INTEGER, text TEXT); ${fill(500, 'old')}`);
    const program = new OpenSqlite3(file);
    await program.run(`PRAGMA cache_size = 1; BEGIN; ${statements.join('\n')}`);
    await program.kill();
    return file;
  };

  const LEFT: Readonly<Record<string, readonly string[]>> = {
    'a transaction that added pages': [fill(3000, 'new')],
    'a transaction that changed pages': ["UPDATE t SET text = 'other' || text;"],
    'a transaction that waited for the disk many times': [
      fill(200, 'a'),
      'DELETE FROM t WHERE n % 3 = 0;',
      fill(900, 'b'),
    ],
    'a transaction that freed pages': ['DELETE FROM t;', fill(100, 'few')],
  };
  for (const pageSize of [512, 4096, 65_536]) {
    for (const [what, statements] of Object.entries(LEFT)) {
      it(`gives what SQLite restores after ${what} of ${pageSize} bytes`, async () => {
        const file = await leftBy(pageSize, ...statements);
        const [db, journal] = [await readFile(file), await readFile(`${file}-journal`)];
        const ours = applyJournal(db, journal);
        assert.equal(await sqlite3(file, 'PRAGMA integrity_check; SELECT count(*) FROM t;'), 'ok\n500');
        assert.ok((await readFile(file)).equals(ours));
      });
    }
  }

  it('restores what SQLite restores of a journal that is cut off anywhere', async () => {
    const file = await leftBy(4096, ...(LEFT['a transaction that changed pages'] ?? []));
    const [db, journal] = [await readFile(file), await readFile(`${file}-journal`)];
    for (let cut = 0; cut < 40; cut++) {
      const length = Math.floor((journal.length * cut) / 40);
      const copy = `${file}.${cut}`;
      await copyFile(file, copy);
      await writeFile(`${copy}-journal`, journal.subarray(0, length));
      await sqlite3(copy, 'SELECT count(*) FROM sqlite_schema;').catch(() => 'damaged');
      assert.ok((await readFile(copy)).equals(applyJournal(db, journal.subarray(0, length))), `${length} bytes`);
    }
  });

  it('refuses a journal that counts far more pages than there are', async () => {
    const file = await leftBy(4096, ...(LEFT['a transaction that changed pages'] ?? []));
    const [db, journal] = [await readFile(file), await readFile(`${file}-journal`)];
    journal.writeUInt32BE(0x7fffffff, 16);
    assert.throws(() => applyJournal(db, journal), isCode('DATABASE_REFUSED'));
  });
});
