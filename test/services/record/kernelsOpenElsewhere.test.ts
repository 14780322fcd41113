/** Records whose file another program has open, or left in the middle of a transaction. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newestBackup } from '../../../src/host/image/backups';
import type { KernelError } from '../../../src/kernel/errors/errors';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import { leaveHalf, leaveLog, leaveSuperJournal } from '../../support/dispatch/leftovers';
import { codeOf, isCode, isNative, Projects } from '../../support/projects';
import { record, recorded, writes } from '../../support/records/records';
import { hasSqlite3, OpenSqlite3, sqlite3, sqlite3Now } from '../../support/records/sqlite3';

describe('ProjectKernel', () => {
  const projects = Projects.ofSuite();

  describe('beside a program that has the file open', function () {
    before(function () {
      if (!hasSqlite3()) this.skip();
    });

    const insert = "INSERT INTO state (key, scope_id, payload) VALUES ('theirs', 's', '1');";
    /** What a program leaves that dies in the middle of a transaction. */
    const theirs = (kernel: ProjectKernel): number =>
      kernel.read((r) => r.db.rows("SELECT 1 FROM state WHERE key = 'theirs'", [])).length;

    it('reads through its log, refuses to write, and writes once it is gone', async function () {
      if (isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      await writes(kernel, 'ours');
      const program = new OpenSqlite3(kernel.path);
      await program.run(`PRAGMA journal_mode = WAL; ${insert}`);
      await kernel.refresh();
      assert.equal(theirs(kernel), 1);
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_IN_USE'));
      await program.close();
      await writes(kernel, 'more');
      assert.equal(await sqlite3(kernel.path, 'PRAGMA journal_mode; PRAGMA quick_check;'), 'wal\nok');
      assert.equal(theirs(kernel), 1);
      assert.deepEqual(kernel.read(recorded), new Set(['ours', 'more']));
    });

    it('refuses to write under a reader in WAL mode whose log is empty', async function () {
      if (process.platform !== 'linux' || isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      await sqlite3(kernel.path, 'PRAGMA journal_mode = WAL;');
      const program = new OpenSqlite3(kernel.path);
      await program.run('SELECT count(*) FROM runs LIMIT 0;  CREATE TEMP TABLE seen AS SELECT * FROM runs;');
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_IN_USE'));
      await program.close();
      await writes(kernel, 'yes');
      assert.deepEqual((await projects.open(kernel.folder)).read(recorded), new Set(['yes']));
    });

    it('waits for the transaction of a program in rollback mode, and builds on it', async function () {
      if (process.platform !== 'linux') this.skip();
      const kernel = await projects.create();
      const program = new OpenSqlite3(kernel.path);
      await program.run(`BEGIN IMMEDIATE; ${insert}`);
      const write = writes(kernel, 'ours');
      await program.run('COMMIT;');
      // Without SQLite of the runtime, nothing is written while the program may come back.
      if (isNative) await write;
      await program.close();
      await write;
      assert.equal(theirs(kernel), 1);
      assert.deepEqual(kernel.read(recorded), new Set(['ours']));
    });

    it('refuses a file whose writer died in the middle, until its journal is rolled back', async function () {
      if (isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      await writes(kernel, 'ours');
      await leaveHalf(kernel.path);
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_HOT_JOURNAL'));
      await kernel.refresh();
      assert.equal(codeOf(kernel.state), 'DATABASE_HOT_JOURNAL');
      assert.equal(await sqlite3(kernel.path, "SELECT count(*) FROM state WHERE key = 'half'"), '0');
      await writes(kernel, 'more');
      assert.deepEqual(kernel.read(recorded), new Set(['ours', 'more']));
    });

    it('never takes the file from a program that has it open in rollback mode', async function () {
      if (process.platform !== 'linux') this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      const program = new OpenSqlite3(kernel.path);
      await program.run('CREATE TEMP TABLE seen AS SELECT * FROM runs;');
      if (isNative) await writes(kernel, 'beside');
      else await assert.rejects(writes(kernel, 'beside'), isCode('DATABASE_IN_USE'));
      await program.run(insert);
      await program.close();
      await writes(kernel, 'after');
      const reader = await projects.open(kernel.folder);
      assert.equal(theirs(reader), 1);
      assert.deepEqual(reader.read(recorded), new Set(isNative ? ['beside', 'after'] : ['after']));
    });

    it('puts the file back that a program opened just before it was replaced', async function () {
      if (process.platform !== 'linux' || isNative) this.skip();
      const { folder } = await projects.create();
      let runs = 0;
      const kernel = await projects.open(folder, {
        onStep: (step) => {
          if (step !== 'renamed' || runs > 1) return;
          // The old file under its second name, kept open for writing by another process.
          const lock = `${kernel.path}.lock`;
          const old = readdirSync(lock).find((name) => name.endsWith('-old')) ?? '';
          const [opened, ready] = [path.join(folder, 'intercore.db'), path.join(folder, 'ready')];
          linkSync(path.join(lock, old), opened);
          spawn('/bin/sh', ['-c', 'exec 3<>"$0"; : > "$1"; sleep 1', opened, ready], { stdio: 'ignore' });
          while (!existsSync(ready)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        },
      });
      await kernel.write((u) => {
        runs += 1;
        record(u, 'ours');
      });
      assert.equal(runs, 2);
      assert.deepEqual((await projects.open(folder)).read(recorded), new Set(['ours']));
    });

    it('puts the file back that a program wrote and closed just before it was replaced', async function () {
      if (isNative) this.skip();
      const { folder } = await projects.create();
      let runs = 0;
      const kernel = await projects.open(folder, {
        onStep: (step) => {
          if (step === 'held' && runs === 1) sqlite3Now(kernel.path, insert);
        },
      });
      await kernel.write((u) => {
        runs += 1;
        record(u, 'ours');
      });
      assert.equal(runs, 2);
      const reader = await projects.open(folder);
      assert.equal(theirs(reader), 1);
      assert.deepEqual(reader.read(recorded), new Set(['ours']));
    });

    it('keeps a save that finds its lock taken over', async function () {
      if (isNative) this.skip();
      const { folder } = await projects.create();
      let runs = 0;
      const kernel = await projects.open(folder, {
        onStep: (step) => {
          // What another program does that finds no sign of this one for too long.
          if (step === 'renamed') rmSync(`${kernel.path}.lock`, { recursive: true });
        },
      });
      await kernel.write((u) => {
        runs += 1;
        record(u, 'ours');
      });
      assert.equal(runs, 1);
      assert.deepEqual((await projects.open(folder)).read(recorded), new Set(['ours']));
    });

    it('writes with SQLite itself under a program that has the file open in WAL mode', async function () {
      if (!isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      const program = new OpenSqlite3(kernel.path);
      await program.run(`PRAGMA journal_mode = WAL; ${insert}`);
      await writes(kernel, 'ours');
      await program.run(insert.replace("'s'", "'t'"));
      await writes(kernel, 'more');
      await program.close();
      assert.equal(await sqlite3(kernel.path, 'PRAGMA journal_mode; PRAGMA integrity_check;'), 'wal\nok');
      const reader = await projects.open(kernel.folder);
      assert.equal(theirs(reader), 2);
      assert.deepEqual(reader.read(recorded), new Set(['ours', 'more']));
    });

    it('undoes with SQLite itself what a dead writer left in the middle', async function () {
      if (!isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      await writes(kernel, 'ours');
      await leaveHalf(kernel.path);
      await kernel.refresh();
      assert.deepEqual(kernel.state, { kind: 'ready' });
      await writes(kernel, 'more');
      assert.equal(await sqlite3(kernel.path, "SELECT count(*) FROM state WHERE key = 'half'"), '0');
      assert.deepEqual(kernel.read(recorded), new Set(['ours', 'more']));
    });

    it('undoes with SQLite itself what a dead writer left in a record that was never opened here', async () => {
      const { path: file, folder } = await projects.create();
      await leaveHalf(file);
      const kernel = await projects.open(folder, { busyTimeoutMs: 100 });
      if (isNative) {
        assert.deepEqual(kernel.state, { kind: 'ready' });
        await writes(kernel, 'more');
        assert.deepEqual(kernel.read(recorded), new Set(['more']));
      } else {
        assert.equal(codeOf(kernel.state), 'DATABASE_HOT_JOURNAL');
        await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_HOT_JOURNAL'));
      }
      assert.equal(
        await sqlite3(file, "PRAGMA integrity_check; SELECT count(*) FROM state WHERE key = 'half'"),
        'ok\n0',
      );
    });

    it('merges the log of a dead program and writes on, without SQLite of the runtime after a backup', async () => {
      const kernel = await projects.create({ busyTimeoutMs: 300 });
      await writes(kernel, 'ours');
      const file = kernel.path;
      await leaveLog(file, insert);
      const before = { main: await readFile(file), log: await readFile(`${file}-wal`) };
      const other = await projects.open(kernel.folder, { busyTimeoutMs: 300 });
      assert.equal(theirs(other), 1);
      await writes(other, 'more');
      assert.deepEqual(other.read(recorded), new Set(['ours', 'more']));
      assert.equal(await sqlite3(file, 'PRAGMA journal_mode; PRAGMA integrity_check;'), 'wal\nok');
      assert.equal(await sqlite3(file, "SELECT count(*) FROM state WHERE key = 'theirs'"), '1');
      const backup = (await readdir(path.dirname(file))).find((name) => /\.backup-\d+T\d+Z$/.test(name));
      assert.equal(backup === undefined, isNative);
      if (backup === undefined) return;
      const copy = path.join(path.dirname(file), backup);
      assert.ok((await readFile(copy)).equals(before.main));
      assert.ok((await readFile(`${copy}-wal`)).equals(before.log));
      assert.equal(await newestBackup(file), copy);
    });

    it('merges nothing of a log that no transaction completed', async () => {
      const kernel = await projects.create({ busyTimeoutMs: 300 });
      await writes(kernel, 'ours');
      await leaveLog(kernel.path, insert);
      await truncate(`${kernel.path}-wal`, 2000);
      await writes(kernel, 'more');
      assert.equal(theirs(kernel), 0);
      assert.deepEqual(kernel.read(recorded), new Set(['ours', 'more']));
      assert.equal(await sqlite3(kernel.path, 'PRAGMA integrity_check;'), 'ok');
    });

    it('leaves the log of a dead program alone while another program has the file open', async function () {
      if (process.platform !== 'linux' || isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 200 });
      await leaveLog(kernel.path, insert);
      const program = new OpenSqlite3(kernel.path);
      await program.run('CREATE TEMP TABLE seen AS SELECT * FROM runs;');
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_IN_USE'));
      await assert.rejects(kernel.recover(), isCode('DATABASE_IN_USE'));
      await program.run(insert.replace("'s'", "'t'"));
      await program.kill();
      await kernel.recover();
      await writes(kernel, 'yes');
      assert.equal(theirs(kernel), 2);
    });

    it('says how to recover where the system does not show whether a program has the file open', async function () {
      if (process.platform !== 'linux' || isNative) this.skip();
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      await leaveLog(kernel.path, insert);
      await rm(`${kernel.path}-shm`);
      await asPlatform('win32', () =>
        assert.rejects(writes(kernel, 'no'), (error: KernelError) => {
          assert.equal(error.code, 'DATABASE_LOG_LEFT');
          return error.hint.includes('Recover Database');
        }),
      );
      await kernel.refresh();
      assert.equal(theirs(kernel), 1);
    });

    it('refuses a journal that would have SQLite delete another file', async () => {
      const kernel = await projects.create({ busyTimeoutMs: 100 });
      const victim = path.join(kernel.folder, 'victim');
      await writeFile(victim, 'of the person');
      await leaveSuperJournal(kernel.path, victim);
      await assert.rejects(
        writes(kernel, 'no'),
        ({ code, message }: KernelError) => code === 'DATABASE_REFUSED' && message.includes('names another file'),
      );
      const another = await projects.open(kernel.folder, { busyTimeoutMs: 100 });
      assert.equal(codeOf(another.state), 'DATABASE_REFUSED');
      assert.equal(await readFile(victim, 'utf8'), 'of the person');
    });

    it('leaves a journal of a dead writer alone where nothing may be written', async function () {
      if (!isNative) this.skip();
      let allowed = true;
      const kernel = await projects.create({ busyTimeoutMs: 100, trusted: () => allowed });
      await writes(kernel, 'ours');
      await leaveHalf(kernel.path);
      allowed = false;
      const before = await readFile(kernel.path);
      await kernel.refresh();
      assert.equal(codeOf(kernel.state), 'DATABASE_HOT_JOURNAL');
      assert.deepEqual(await readFile(kernel.path), before);
    });

    it('is not held up by a journal that is done with', async () => {
      const kernel = await projects.create({ busyTimeoutMs: 50 });
      for (const content of [Buffer.alloc(0), Buffer.alloc(512)]) {
        await writeFile(`${kernel.path}-journal`, content);
        await writes(kernel, `with ${content.length}`);
      }
      assert.equal(kernel.read(recorded).size, 2);
    });
  });
});

/** Has the programs of this process believe that they run on another system. */
async function asPlatform(platform: NodeJS.Platform, work: () => Promise<void>): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
  Object.defineProperty(process, 'platform', { ...own, value: platform });
  try {
    await work();
  } finally {
    Object.defineProperty(process, 'platform', own);
  }
}
