/** What is found in the place of a sound, current database. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databasePath } from '../../../src/host/files/paths';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { KernelError } from '../../../src/kernel/errors/errors';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { testEngine } from '../../support/records/kernel';
import { codeOf, isCode, isNative, Projects, testDeps } from '../../support/projects';
import { recorded, writes } from '../../support/records/records';
import { hasSqlite3, sqlite3, sqlite3Now } from '../../support/records/sqlite3';

describe('ProjectKernel in trouble', () => {
  const projects = Projects.ofSuite();

  /** A kernel on a folder whose database is these bytes. */
  const openOn = async (bytes: Uint8Array): Promise<ProjectKernel> => {
    const folder = await projects.folder();
    await mkdir(path.join(folder, '.clavain'));
    await writeFile(databasePath(folder), bytes);
    return projects.open(folder, { busyTimeoutMs: 50 });
  };

  const soundBytes = async (count = 1): Promise<Buffer> => {
    const kernel = await projects.create();
    for (let n = 0; n < count; n++) await writes(kernel, `w${n}`);
    return readFile(kernel.path);
  };

  describe('with a file that is no sound database', () => {
    const damages: Record<string, (sound: Buffer) => Buffer> = {
      garbage: () => Buffer.from('this is not a database, however long it may be'.repeat(100)),
      'a truncated file': (sound) => sound.subarray(0, sound.length - 4096 * 3),
      'half a page': (sound) => sound.subarray(0, 50),
      'pages of zeros': (sound) => Buffer.concat([sound.subarray(0, 4096), Buffer.alloc(sound.length - 4096)]),
    };
    for (const [what, damage] of Object.entries(damages)) {
      it(`fails on ${what} and never overwrites it`, async () => {
        const bytes = damage(await soundBytes(20));
        const kernel = await openOn(bytes);
        assert.equal(codeOf(kernel.state), 'DATABASE_DAMAGED');
        assert.throws(() => kernel.read(recorded), isCode('DATABASE_DAMAGED'));
        await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_DAMAGED'));
        await assert.rejects(kernel.initialize(), isCode('DATABASE_DAMAGED'));
        assert.deepEqual(await readFile(kernel.path), bytes);
        assert.ok(kernel.state.kind === 'failed' && KernelError.is(kernel.state.error, 'DATABASE_DAMAGED'));
        assert.equal(kernel.state.error.facts.path, kernel.path);
      });
    }

    it('takes a file of no bytes as a new database', async () => {
      const kernel = await openOn(Buffer.alloc(0));
      assert.deepEqual(kernel.state, { kind: 'ready' });
      await writes(kernel, 'first');
      assert.deepEqual((await projects.open(kernel.folder)).read(recorded), new Set(['first']));
      assert.deepEqual((await readdir(path.dirname(kernel.path))).sort(), ['intercore.db']);
    });

    it('continues when the file is repaired', async () => {
      const sound = await soundBytes();
      const kernel = await openOn(Buffer.from('x'));
      await writeFile(kernel.path, sound);
      await kernel.refresh();
      assert.deepEqual(kernel.state, { kind: 'ready' });
      await writes(kernel, 'more');
      assert.deepEqual(kernel.read(recorded), new Set(['w0', 'more']));
    });

    it('names the newest backup, restores it, and keeps the damaged file', async () => {
      const sound = await soundBytes();
      const kernel = await openOn(Buffer.from('damaged'));
      const backup = `${kernel.path}.backup-20260101T000000Z`;
      await writeFile(backup, sound);
      await writeFile(`${kernel.path}-journal`, 'left behind');
      await kernel.refresh();
      assert.ok(kernel.state.kind === 'failed');
      await kernel.refresh();
      assert.equal((await projects.open(kernel.folder)).state.kind, 'failed');
      const fresh = await projects.open(kernel.folder);
      assert.equal(fresh.state.kind === 'failed' ? fresh.state.backup : undefined, backup);
      await kernel.restoreBackup(backup);
      assert.deepEqual(kernel.read(recorded), new Set(['w0']));
      assert.deepEqual(await readFile(kernel.path), sound);
      const names = await readdir(path.dirname(kernel.path));
      const kept = names.find((name) => /^intercore\.db\.damaged-\d{8}T\d{6}Z$/.test(name));
      assert.ok(kept !== undefined);
      assert.equal(await readFile(path.join(path.dirname(kernel.path), kept), 'utf8'), 'damaged');
      assert.ok(names.includes(`${kept}-journal`) && !names.includes('intercore.db-journal'));
    });

    it('restores nothing that is damaged itself', async () => {
      const kernel = await openOn(Buffer.from('damaged'));
      const backup = `${kernel.path}.backup-20260101T000000Z`;
      await writeFile(backup, 'damaged too');
      await assert.rejects(kernel.restoreBackup(backup), isCode('DATABASE_DAMAGED'));
      assert.equal(await readFile(kernel.path, 'utf8'), 'damaged');
    });
  });

  describe('with a path that cannot hold a database', () => {
    it('refuses a symlinked folder, a symlink to outside and a folder in the file’s place', async () => {
      const outside = await projects.create();
      const [linkedFolder, linkedFile, occupied] = [
        await projects.folder(),
        await projects.folder(),
        await projects.folder(),
      ];
      await symlink(path.dirname(outside.path), path.join(linkedFolder, '.clavain'));
      await mkdir(path.join(linkedFile, '.clavain'));
      await symlink(outside.path, databasePath(linkedFile));
      await mkdir(databasePath(occupied), { recursive: true });
      const before = await readFile(outside.path);
      for (const folder of [linkedFolder, linkedFile, occupied]) {
        const kernel = await projects.open(folder);
        assert.equal(codeOf(kernel.state), 'DATABASE_PATH');
        await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_PATH'));
        await assert.rejects(kernel.initialize(), isCode('DATABASE_PATH'));
      }
      assert.deepEqual(await readFile(outside.path), before);
    });

    it('follows a symlink that stays inside, and keeps it', async () => {
      const kernel = await projects.create();
      await rename(kernel.path, path.join(kernel.folder, 'real.db'));
      await symlink('../real.db', kernel.path);
      await writes(kernel, 'through');
      assert.deepEqual((await projects.open(kernel.folder)).read(recorded), new Set(['through']));
      assert.ok((await stat(path.join(kernel.folder, 'real.db'))).isFile());
    });

    it('refuses a path with ..', async () => {
      const folder = await projects.folder();
      const kernel = new ProjectKernel({ folder, path: `${folder}/x/../../other/x.db` }, testDeps());
      await kernel.load();
      assert.equal(codeOf(kernel.state), 'DATABASE_PATH');
      await kernel.dispose();
    });
  });

  describe('with another version’s file', () => {
    const versioned = async (version: number, sql = ''): Promise<Uint8Array> => {
      const image = new SqliteImage(await testEngine, await soundBytes());
      image.exec(`PRAGMA user_version = ${version}; ${sql}`);
      return image.export();
    };

    it('makes a private backup before the first save of a migration, and only then', async () => {
      const bytes = await versioned(9, 'DROP TABLE project_deps;');
      const kernel = await openOn(bytes);
      const folder = path.dirname(kernel.path);
      assert.deepEqual(await readdir(folder), ['intercore.db']);
      await writes(kernel, 'a');
      await writes(kernel, 'b');
      const backups = (await readdir(folder)).filter((name) => /^intercore\.db\.backup-\d{8}T\d{6}Z$/.test(name));
      assert.equal(backups.length, 1);
      const backup = path.join(folder, backups[0] ?? '');
      assert.deepEqual(await readFile(backup), Buffer.from(bytes));
      assert.equal((await stat(backup)).mode & 0o777, 0o600);
      assert.equal((await projects.open(kernel.folder)).fileVersion, 10);
    });

    it('leaves one backup of a first write that other programs overtook many times', async function () {
      // SQLite of the runtime holds its lock meanwhile, so nothing overtakes it.
      if (!hasSqlite3() || isNative) this.skip();
      const { folder, path: file } = await openOn(await versioned(9, 'DROP TABLE project_deps;'));
      let overtaken = 0;
      const kernel = await projects.open(folder, {
        onStep: (step) => {
          if (step !== 'executed' || overtaken === 5) return;
          overtaken += 1;
          sqlite3Now(file, `INSERT INTO state (key, scope_id, payload) VALUES ('theirs', '${overtaken}', '1')`);
        },
      });
      await writes(kernel, 'ours');
      assert.equal(overtaken, 5);
      const backups = (await readdir(path.dirname(file))).filter((name) => name.includes('.backup-'));
      assert.equal(backups.length, 1);
      const backup = path.join(path.dirname(file), backups[0] ?? '');
      assert.equal(await sqlite3(backup, "SELECT count(*) FROM state WHERE key = 'theirs'"), '5');
    });

    it('is brought up to date on disk by initialize', async () => {
      const kernel = await openOn(await versioned(9, 'DROP TABLE project_deps;'));
      await kernel.initialize();
      assert.equal((await projects.open(kernel.folder)).fileVersion, 10);
      assert.equal((await readdir(path.dirname(kernel.path))).filter((name) => name.includes('backup')).length, 1);
    });

    it('reads a newer one and leaves it alone', async () => {
      const bytes = Buffer.from(await versioned(11));
      const kernel = await openOn(bytes);
      assert.equal(kernel.state.kind, 'readOnly');
      assert.equal(codeOf(kernel.state), 'DATABASE_NEWER');
      assert.deepEqual(kernel.read(recorded), new Set(['w0']));
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_NEWER'));
      await assert.rejects(kernel.initialize(), isCode('DATABASE_NEWER'));
      assert.deepEqual(await readFile(kernel.path), bytes);
    });
  });
});
