/** What programs leave beside a database that were killed, or that mean harm. */
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { OpenSqlite3 } from '../records/sqlite3';

const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/** A journal that is in effect, and restores nothing. */
export async function leaveJournal(file: string): Promise<void> {
  await writeFile(`${file}-journal`, Buffer.concat([JOURNAL_MAGIC, Buffer.alloc(4)]));
}

/** A transaction that was killed after it had written half of itself to the database, of rows with the key `half`. */
export async function leaveHalf(file: string): Promise<void> {
  const program = new OpenSqlite3(file);
  await program.run(
    `PRAGMA cache_size = 1; BEGIN; WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
     INSERT INTO state (key, scope_id, payload) SELECT 'half', n, printf('%0200d', n) FROM c;`,
  );
  await program.kill();
  assert.ok((await stat(`${file}-journal`)).size > 0);
}

/** Commits statements in WAL mode, and is killed before the log is merged. */
export async function leaveLog(file: string, sql: string): Promise<void> {
  const program = new OpenSqlite3(file);
  await program.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${sql}`);
  await program.kill();
  assert.ok((await stat(`${file}-wal`)).size > 0);
}

/** A journal that names a super-journal: SQLite deletes that file once the journal is rolled back. */
export async function leaveSuperJournal(file: string, victim: string): Promise<void> {
  const { size } = await stat(file);
  const header = Buffer.alloc(512);
  JOURNAL_MAGIC.copy(header);
  for (const [index, value] of [0, 1, size / 4096, 512, 4096].entries()) header.writeUInt32BE(value, 8 + 4 * index);
  const name = Buffer.from(victim);
  const trailer = Buffer.alloc(4 + name.length + 8);
  trailer.writeUInt32BE(0xffffffff, 0);
  name.copy(trailer, 4);
  trailer.writeUInt32BE(name.length, 4 + name.length);
  trailer.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    8 + name.length,
  );
  // The page number that no page has, the name, its length, its checksum, and the magic.
  await writeFile(`${file}-journal`, Buffer.concat([header, trailer, JOURNAL_MAGIC]));
}
