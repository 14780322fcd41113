import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Change } from '../../../src/kernel/change';
import { getState, setState } from '../../../src/kernel/state/service';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { listRuns } from '../../../src/kernel/run/record/queries';
import type { SaveStep } from '../../../src/host/image/imageFile';
import { isCode, isNative, Projects } from '../../support/projects';
import { record, recorded } from '../../support/records/records';
import { hasSqlite3, sqlite3, sqlite3Now } from '../../support/records/sqlite3';

describe('ProjectKernel', () => {
  const projects = Projects.ofSuite();

  describe('initialize', () => {
    it('makes a private database that git ignores', async () => {
      const kernel = await projects.open(await projects.folder());
      assert.deepEqual(kernel.state, { kind: 'missing' });
      await kernel.initialize();
      assert.deepEqual(kernel.state, { kind: 'ready' });
      assert.equal((await stat(kernel.path)).mode & 0o777, 0o600);
      assert.equal((await stat(path.dirname(kernel.path))).mode & 0o777, 0o700);
      assert.equal(await readFile(path.join(kernel.folder, '.clavain', '.gitignore'), 'utf8'), '*\n');
      assert.equal((await projects.open(kernel.folder)).fileVersion, 10);
    });

    it('changes nothing the second time', async () => {
      const kernel = await projects.create();
      await kernel.write((u) => record(u, 'kept'));
      const before = await readFile(kernel.path);
      await kernel.initialize();
      await (await projects.open(kernel.folder)).initialize();
      assert.deepEqual(await readFile(kernel.path), before);
      assert.deepEqual((await readdir(path.dirname(kernel.path))).sort(), ['.gitignore', 'intercore.db']);
    });

    it('may be done by several at once', async () => {
      const folder = await projects.folder();
      const kernels = [0, 1, 2, 3].map(() => projects.kernel(folder));
      await Promise.all(kernels.map((kernel) => kernel.initialize()));
      await Promise.all(kernels.map((kernel, i) => kernel.write((u) => record(u, `k${i}`))));
      assert.equal((await projects.open(folder)).read(recorded).size, 4);
    });

    it('keeps a .gitignore that is there', async () => {
      const folder = await projects.folder();
      await mkdir(path.join(folder, '.clavain'));
      await writeFile(path.join(folder, '.clavain', '.gitignore'), 'mine');
      await projects.kernel(folder).initialize();
      assert.equal(await readFile(path.join(folder, '.clavain', '.gitignore'), 'utf8'), 'mine');
    });
  });

  describe('write', () => {
    it('is durable when it resolves', async () => {
      const kernel = await projects.create();
      const run = await kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'durable' }));
      const other = await projects.open(kernel.folder);
      assert.deepEqual(
        other.read((r) => listRuns(r).runs),
        [run],
      );
    });

    it('lets 100 concurrent writes share at most 3 saves', async () => {
      const steps: SaveStep[] = [];
      const kernel = await projects.create({ onStep: (step) => steps.push(step) });
      steps.length = 0;
      await Promise.all(Array.from({ length: 100 }, (_, i) => kernel.write((u) => record(u, `w${i}`))));
      const saves = steps.filter((step) => step === 'renamed').length;
      assert.ok(saves <= 3, `${saves} saves`);
      assert.equal((await projects.open(kernel.folder)).read(recorded).size, 100);
    });

    it('undoes a failing write alone', async () => {
      const kernel = await projects.create();
      const outcomes = await Promise.allSettled(
        [1, 2, 3].map((n) =>
          kernel.write((u) => {
            record(u, `w${n}`);
            if (n === 2) throw new Error('no');
            return n;
          }),
        ),
      );
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.deepEqual((await projects.open(kernel.folder)).read(recorded), new Set(['w1', 'w3']));
    });

    it('saves and tells nothing where every write failed or changed nothing', async () => {
      const steps: SaveStep[] = [];
      const kernel = await projects.create({ onStep: (step) => steps.push(step) });
      const run = await kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'one' }));
      const before = await readFile(kernel.path);
      const changes: Change[] = [];
      kernel.onDidChange((change) => changes.push(change));
      steps.length = 0;
      const failing = kernel.write((u) => {
        record(u, 'lost');
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.equal(await kernel.write((u) => u.now > 0), true);
      await assert.rejects(
        kernel.write((u) => setRun(u, 'unknown', { goal: 'x' })),
        isCode('NOT_FOUND'),
      );
      assert.ok(!steps.includes('exported'));
      assert.deepEqual(changes, []);
      assert.deepEqual(await readFile(kernel.path), before);
      assert.deepEqual(
        kernel.read((r) => listRuns(r).runs),
        [run],
      );
    });

    it('tells one change for each save, with what it touched', async () => {
      const kernel = await projects.create();
      const changes: Change[] = [];
      kernel.onDidChange((change) => changes.push(change));
      const before = kernel.generation;
      const [a, b] = await Promise.all([
        kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'a' })),
        kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'b' })),
      ]);
      assert.equal(changes.length, 1);
      assert.deepEqual(changes[0]?.runs, new Set([a.id, b.id]));
      assert.equal(changes[0].origin, 'commit');
      assert.equal(changes[0].generation, before + 1);
      assert.equal(kernel.generation, before + 1);
    });

    it('reports other rows of a save that a later write of it did not touch', async () => {
      const kernel = await projects.create();
      const changes: Change[] = [];
      kernel.onDidChange((change) => changes.push(change));
      const goal = 'alone';
      await Promise.all([
        kernel.write((u) => setState(u, { key: 'k', scopeId: 's', payload: '1' })),
        kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal })),
      ]);
      await kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal }));
      assert.deepEqual(
        changes.map(({ other }) => other),
        [true, false],
      );
    });

    it('keeps foreign keys checked and the schema untrusted after every export', async () => {
      const kernel = await projects.create();
      for (let n = 0; n < 3; n++) {
        await kernel.write((u) => record(u, `w${n}`));
        const pragmas = kernel.read((r) => [
          r.db.rows('PRAGMA foreign_keys', []),
          r.db.rows('PRAGMA trusted_schema', []),
        ]);
        assert.deepEqual(pragmas, [[{ foreign_keys: 1 }], [{ trusted_schema: 0 }]]);
      }
      const orphan = kernel.write((u) =>
        u.db.run('INSERT INTO phase_events (run_id, from_phase, to_phase) VALUES (?, ?, ?)', ['none', 'a', 'b']),
      );
      await assert.rejects(orphan, isCode('SQL_FAILED'));
    });

    it('refuses where the window is not trusted', async () => {
      let trusted = true;
      const kernel = await projects.create({ trusted: () => trusted });
      trusted = false;
      await assert.rejects(
        kernel.write((u) => record(u, 'no')),
        isCode('UNTRUSTED'),
      );
      await assert.rejects(kernel.initialize(), isCode('UNTRUSTED'));
      trusted = true;
      await kernel.write((u) => record(u, 'yes'));
    });

    it('removes and writes nothing when it is opened in a window that is not trusted', async () => {
      const { folder, path: file } = await projects.create();
      const parent = path.dirname(file);
      await mkdir(path.join(parent, 'intercore.db.lock-7-othermachine-4'));
      const longAgo = new Date(0);
      await utimes(path.join(parent, 'intercore.db.lock-7-othermachine-4'), longAgo, longAgo);
      const before = await readdir(parent);
      await projects.open(folder, { trusted: () => false });
      assert.deepEqual(await readdir(parent), before);
      await projects.open(folder);
      assert.notDeepEqual(await readdir(parent), before);
    });

    it('finishes on dispose, and is refused after it', async () => {
      const kernel = await projects.create();
      const pending = kernel.write((u) => record(u, 'last'));
      const disposed = kernel.dispose();
      await assert.rejects(
        kernel.write((u) => record(u, 'late')),
        isCode('KERNEL_CLOSED'),
      );
      await Promise.all([pending, disposed]);
      assert.throws(() => kernel.read(recorded), isCode('KERNEL_CLOSED'));
      assert.deepEqual((await projects.open(kernel.folder)).read(recorded), new Set(['last']));
    });

    it('runs again on what a program wrote that knows nothing of the lock', async function () {
      // Under SQLite's own lock no program can write there.
      if (!hasSqlite3() || isNative) this.skip();
      const { folder } = await projects.create();
      let runs = 0;
      const kernel = await projects.open(folder, {
        onStep: (step) => {
          if (step === 'synced' && runs === 1) {
            sqlite3Now(kernel.path, "INSERT INTO state (key, scope_id, payload) VALUES ('theirs', 's', '1')");
          }
        },
      });
      const theirs = await kernel.write((u) => {
        runs += 1;
        record(u, 'ours');
        return getState(u, 'theirs', 's')?.payload;
      });
      assert.equal(runs, 2);
      assert.equal(theirs, '1');
      assert.deepEqual((await projects.open(folder)).read(recorded), new Set(['ours']));
    });

    it('is read by sqlite3, which finds nothing wrong', async function () {
      if (!hasSqlite3()) this.skip();
      const kernel = await projects.create();
      await Promise.all([1, 2, 3].map((n) => kernel.write((u) => record(u, `w${n}`))));
      assert.equal(await sqlite3(kernel.path, 'PRAGMA integrity_check; PRAGMA foreign_key_check;'), 'ok');
      assert.equal(
        await sqlite3(kernel.path, 'SELECT count(*), (SELECT user_version FROM pragma_user_version) FROM runs'),
        '3|10',
      );
    });
  });
});
