/** Small adapters on files: hashes of artifacts, backups and the watch on a database. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { backUp, keepDamaged, newestBackup } from '../../../src/host/image/backups';
import { cryptoIds } from '../../../src/host/clock';
import { contentHash } from '../../../src/host/files/contentHash';
import { watchFile } from '../../../src/host/image/fileWatch';
import { generationOf } from '../../../src/host/database/generation';
import { silentLog } from '../../../src/host/log';
import { createDatabaseFolder, databaseLocation, resolveDatabase } from '../../../src/host/files/paths';
import { KernelError } from '../../../src/kernel/errors/errors';
import { Projects } from '../../support/projects';

const NEW_YEAR_MS = Date.UTC(2026, 0, 1);

describe('files of the host', () => {
  const projects = Projects.ofSuite();
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await projects.folder();
    file = path.join(folder, 'x.db');
  });

  describe('contentHash', () => {
    it('is the SHA-256 of a regular file', async () => {
      await writeFile(file, 'abc');
      const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      assert.equal(await contentHash(file), `sha256:${known}`);
    });

    it('is nothing for a folder, a missing file, a file in a file and a pipe', async () => {
      await writeFile(file, '');
      spawnSync('mkfifo', [path.join(folder, 'pipe')]);
      for (const none of [folder, path.join(folder, 'none'), path.join(file, 'inside'), path.join(folder, 'pipe')]) {
        assert.equal(await contentHash(none), undefined, none);
      }
    });
  });

  describe('backups', () => {
    it('copies privately under the time, and tells copies of one second apart', async () => {
      await writeFile(file, 'one', { mode: 0o644 });
      const first = await backUp(file, NEW_YEAR_MS);
      await writeFile(file, 'two');
      const second = await backUp(file, NEW_YEAR_MS + 999);
      assert.equal(path.basename(first), 'x.db.backup-20260101T000000Z');
      assert.equal(path.basename(second), 'x.db.backup-20260101T000000Z-2');
      assert.equal(await readFile(first, 'utf8'), 'one');
      assert.equal(await readFile(second, 'utf8'), 'two');
      assert.equal((await stat(first)).mode & 0o777, 0o600);
    });

    it('offers the newest one of any program, and never an unfinished one', async () => {
      await writeFile(file, 'x');
      assert.equal(await newestBackup(file), undefined);
      const ours = await backUp(file, NEW_YEAR_MS);
      const original = `${file}.backup-20250101-000000`;
      await writeFile(original, 'x');
      await writeFile(`${file}.backup-20270101T000000Z.partial`, 'half');
      await utimes(ours, 1000, 1000);
      assert.equal(await newestBackup(file), original);
      await utimes(original, 500, 500);
      assert.equal(await newestBackup(file), ours);
    });

    it('clears away what a process left that died while it copied', async () => {
      await writeFile(file, 'x');
      await writeFile(`${file}.backup-20250101T000000Z.partial`, 'half');
      await backUp(file, NEW_YEAR_MS);
      assert.deepEqual((await readdir(folder)).sort(), ['x.db', 'x.db.backup-20260101T000000Z']);
    });

    it('keeps a damaged file under a second name and moves its log and journal away', async () => {
      for (const name of [file, `${file}-wal`, `${file}-journal`]) await writeFile(name, name);
      const kept = await keepDamaged(file, NEW_YEAR_MS);
      assert.equal(path.basename(kept), 'x.db.damaged-20260101T000000Z');
      assert.deepEqual((await readdir(folder)).sort(), [
        'x.db',
        'x.db.damaged-20260101T000000Z',
        'x.db.damaged-20260101T000000Z-journal',
        'x.db.damaged-20260101T000000Z-wal',
      ]);
    });
  });

  describe('generationOf', () => {
    it('differs for every content of the file, and not for a look', async () => {
      const seen = new Set<string | undefined>([await generationOf(file)]);
      const steps: (() => Promise<void>)[] = [
        () => writeFile(file, 'one'),
        () => appendFile(file, 'more'),
        () => rm(file).then(() => writeFile(file, 'onemore')),
      ];
      for (const step of steps) {
        await step();
        const generation = await generationOf(file);
        assert.ok(!seen.has(generation));
        seen.add(generation);
        await readFile(file);
        assert.equal(await generationOf(file), generation);
      }
    });

    it('is the same with a log of no transactions as with none', async () => {
      await writeFile(file, 'one');
      const before = await generationOf(file);
      for (const log of ['', 'no log']) {
        await writeFile(`${file}-wal`, log);
        assert.equal(await generationOf(file), before);
      }
    });
  });

  describe('resolveDatabase', () => {
    const refused = (problem: RegExp) => (error: unknown) =>
      KernelError.is(error, 'DATABASE_PATH') && problem.test(error.facts.problem.text);

    it('accepts a project behind a symlink, and a database that is not there yet', async () => {
      const link = path.join(await projects.folder(), 'link');
      await symlink(folder, link);
      const location = databaseLocation(link);
      assert.equal(await resolveDatabase(location), location.path);
      await createDatabaseFolder(location);
      await createDatabaseFolder(location);
      assert.equal(await resolveDatabase(location), location.path);
    });

    it('refuses what is outside, above or no file', async () => {
      const location = databaseLocation(folder);
      await assert.rejects(resolveDatabase({ folder, path: '/elsewhere/x.db' }), refused(/outside/));
      await assert.rejects(resolveDatabase({ folder, path: `${folder}-beside/x.db` }), refused(/outside/));
      await assert.rejects(resolveDatabase({ folder, path: `${folder}/../x.db` }), refused(/"\.\."/));
      await writeFile(path.dirname(location.path), 'a file');
      await assert.rejects(resolveDatabase(location), refused(/not a folder/));
    });

    it('refuses symlinks to nothing and in a circle', async () => {
      const location = databaseLocation(folder);
      await mkdir(path.dirname(location.path));
      await symlink('nothing', location.path);
      await assert.rejects(resolveDatabase(location), refused(/symlink to nothing/));
      await rm(location.path);
      await symlink(path.basename(location.path), location.path);
      await assert.rejects(resolveDatabase(location), refused(/symlink to nothing/));
    });
  });

  describe('watchFile', () => {
    /** Resolves at the next report, and watches no more. */
    const report = async (watched: string, change: () => Promise<unknown>): Promise<void> => {
      const reported = new Promise<void>((resolve) => {
        const watch = watchFile(watched, { log: silentLog, settleMs: 5, pollMs: 5 }, () => {
          watch.dispose();
          resolve();
        });
      });
      await change();
      await reported;
    };

    it('reports a file that is created, changed, or deleted, and its log', async () => {
      await report(file, () => writeFile(file, 'made'));
      await report(file, () => writeFile(file, 'changed'));
      await report(file, () => rm(file));
      await report(file, () => writeFile(`${file}-wal`, 'log'));
    });

    it('reports the folder when it is created and deleted', async () => {
      const inside = path.join(folder, 'sub', 'x.db');
      await report(inside, () => mkdir(path.dirname(inside)));
      await report(inside, () => rm(path.dirname(inside), { recursive: true }));
    });

    it('checks intervals where there is nothing to watch', async () => {
      const deep = path.join(folder, 'a', 'b', 'x.db');
      await report(deep, async () => {
        await mkdir(path.dirname(deep), { recursive: true });
        await writeFile(deep, 'made');
      });
    });

    it('continues reporting, and stops when disposed', async () => {
      let reports = 0;
      let announce = (): void => undefined;
      const watch = watchFile(file, { log: silentLog, settleMs: 1 }, () => {
        reports += 1;
        announce();
      });
      for (const content of ['a', 'b', 'c']) {
        const reported = new Promise<void>((resolve) => (announce = resolve));
        await writeFile(file, content);
        await reported;
      }
      watch.dispose();
      const before = reports;
      await report(file, () => writeFile(file, 'd'));
      assert.equal(reports, before);
    });
  });

  it('makes ids of the alphabet, all different', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => cryptoIds.newId(8)));
    assert.equal(ids.size, 1000);
    for (const id of ids) assert.match(id, /^[a-z0-9]{8}$/);
  });
});
