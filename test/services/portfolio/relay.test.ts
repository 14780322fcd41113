import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { withFileLock } from '../../../src/host/locks/fileLock';
import type { KernelError } from '../../../src/kernel/errors/errors';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { getRun } from '../../../src/kernel/run/record/queries';
import { leaveJournal } from '../../support/dispatch/leftovers';
import { isCode, isNative, Projects } from '../../support/projects';
import { RelayScene } from '../../support/portfolio/relaying';
import { hasSqlite3, OpenSqlite3, sqlite3 } from '../../support/records/sqlite3';

describe('the relay of a portfolio', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  const codes = (problems: ReadonlyMap<string, KernelError>): readonly string[] =>
    [...problems.values()].map(({ code }) => code);

  it('tells the events of each child once and in order, mirrors where it stands, and tells those that wait', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web'], [['api', 'web']]);
    const relay = scene.relay();
    await scene.advance('api', 2);
    await relay.cycle();
    await relay.cycle();
    const api = ['p0→p1', 'p1→p2'].flatMap((step) => [`child_advanced ${step} api`, `upstream_changed ${step}`]);
    assert.deepEqual(await scene.told(), api);
    assert.equal(await scene.mirror('api'), 'p2 active');
    await scene.advance('web');
    await (await scene.project('web')).write((u) => cancelRun(u, scene.childId('web')));
    await scene.relay().cycle();
    const web = ['child_advanced p0→p1 web', 'child_cancelled p1→p1 web'];
    assert.deepEqual(await scene.told(), [...api, ...web]);
    assert.equal(await scene.mirror('web'), 'p1 cancelled');
  });

  it('writes nothing while nothing happens', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relay = scene.relay();
    await scene.advance('api');
    await relay.cycle();
    const before = await stat(scene.home.kernel.path, { bigint: true });
    await relay.cycle();
    await scene.relay().cycle();
    const after = await stat(scene.home.kernel.path, { bigint: true });
    assert.deepEqual([after.ino, after.mtimeNs], [before.ino, before.mtimeNs]);
  });

  it('counts the dispatches at work for the children, and no others', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    if (!hasSqlite3()) return;
    const dispatch = (id: string, scope: string, status: string): string =>
      `INSERT INTO dispatches (id, agent_type, status, project_dir, scope_id, created_at)
       VALUES ('${id}', 'shell', '${status}', '/x', '${scope}', 1);`;
    const api = scene.childId('api');
    await sqlite3(scene.database('api'), dispatch('a', api, 'running') + dispatch('b', api, 'completed'));
    await sqlite3(
      scene.database('web'),
      dispatch('c', scene.childId('web'), 'spawned') + dispatch('d', 'x', 'running'),
    );
    await scene.relay().cycle();
    const stored = await sqlite3(
      scene.home.kernel.path,
      `SELECT payload FROM state WHERE key = 'active-dispatch-count' AND scope_id = '${scene.portfolioId}'`,
    );
    assert.equal(stored, '"2"');
  });

  it('catches up with a backlog of many pages in one cycle', async function () {
    if (!hasSqlite3()) this.skip();
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const backlog = 12_345;
    await sqlite3(
      scene.database('api'),
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${backlog})
       INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
       SELECT '${scene.childId('api')}', 'e' || i, 'e' || (i + 1), 'set', 1 FROM n`,
    );
    await Promise.all([scene.relay().cycle(), scene.relay({}, await scene.otherHome()).cycle()]);
    const expected = Array.from({ length: backlog }, (_, at) => `child_advanced e${at + 1}→e${at + 2} api`);
    assert.deepEqual(await scene.told(), expected);
  });

  it('tells each event once where two relays are at work', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web'], [['web', 'api']]);
    const relays = [scene.relay(), scene.relay({}, await scene.otherHome())];
    for (let round = 0; round < 8; round++) {
      await Promise.all([scene.advance('api'), scene.advance('web'), ...relays.map((relay) => relay.cycle())]);
    }
    for (const relay of relays) await relay.cycle();
    const told = await scene.told();
    const steps = Array.from({ length: 8 }, (_, at) => `p${at}→p${at + 1}`);
    for (const name of ['api', 'web']) {
      const own = told.filter((line) => line.endsWith(` ${name}`));
      assert.deepEqual(
        own,
        steps.map((step) => `child_advanced ${step} ${name}`),
      );
      assert.equal(await scene.mirror(name), 'p8 active');
    }
    assert.equal(told.length, 3 * steps.length);
  });

  describe('with a child that cannot be read', () => {
    const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
      DATABASE_MISSING: (file) => rm(file),
      DATABASE_DAMAGED: (file) => writeFile(file, 'no database'.repeat(1000)),
      // SQLite of the runtime rolls it back.
      ...(isNative ? {} : { DATABASE_HOT_JOURNAL: leaveJournal }),
    };
    for (const [code, damage] of Object.entries(damages)) {
      it(`says ${code}, goes on with the others, waits longer each time, and recovers`, async () => {
        const scene = await RelayScene.create(projects, ['api', 'web'], [], { busyTimeoutMs: 200 });
        const attempts: string[] = [];
        const relay = scene.relay({ onProblem: (dir) => attempts.push(dir) });
        await scene.advance('api');
        const putBack = await scene.backUp('api');
        await damage(scene.database('api'));
        await scene.advance('web');
        await relay.cycle();
        assert.deepEqual(codes(relay.problems), [code]);
        assert.deepEqual(await scene.told(), ['child_advanced p0→p1 web']);
        for (const seconds of [1, 1, 2, 2]) {
          scene.clock.advance(seconds);
          await relay.cycle();
        }
        assert.equal(attempts.length, 3);
        await rm(`${scene.database('api')}-journal`, { force: true });
        await putBack();
        await relay.cycle();
        assert.deepEqual(codes(relay.problems), [code]);
        await relay.cycle({ retryNow: true });
        assert.deepEqual(codes(relay.problems), []);
        assert.deepEqual(await scene.told(), ['child_advanced p0→p1 web', 'child_advanced p0→p1 api']);
        assert.equal(await scene.mirror('api'), 'p1 active');
      });
    }

    it('waits a minute between tries at the longest', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      let attempts = 0;
      const relay = scene.relay({ onProblem: () => (attempts += 1) });
      await rm(scene.database('api'));
      for (let tries = 0; tries < 8; tries += 1) await relay.cycle({ retryNow: true });
      scene.clock.advance(59);
      await relay.cycle();
      assert.equal(attempts, 8);
      scene.clock.advance(1);
      await relay.cycle();
      assert.equal(attempts, 9);
    });

    it('does not keep the others waiting for one that takes long, nor call it locked', async function () {
      if (isNative) this.skip();
      const scene = await RelayScene.create(projects, ['api', 'web']);
      await Promise.all([scene.advance('api'), scene.advance('web')]);
      await leaveJournal(scene.database('api'));
      const relay = scene.relay({ patienceMs: 2000 });
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), ['DATABASE_LOADING']);
      assert.deepEqual(await scene.told(), ['child_advanced p0→p1 web']);
      await rm(`${scene.database('api')}-journal`);
      await scene.home.childKernel(scene.at('api')).refresh();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), []);
      assert.deepEqual(await scene.told(), ['child_advanced p0→p1 web', 'child_advanced p0→p1 api']);
    });

    it('reads past the journal of a dead program, where SQLite of the runtime may roll it back', async function () {
      if (!isNative) this.skip();
      const scene = await RelayScene.create(projects, ['api', 'web']);
      await scene.advance('api');
      await leaveJournal(scene.database('api'));
      const relay = scene.relay();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), []);
      assert.deepEqual(await scene.told(), ['child_advanced p0→p1 api']);
    });

    it('says that its run is gone where the database does not hold it any more', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      await rm(scene.database('api'));
      await scene.workspace.initialize('api');
      const relay = scene.relay();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), ['NOT_FOUND']);
    });
  });

  describe('beside another program', () => {
    beforeEach(function () {
      if (!hasSqlite3()) this.skip();
    });

    const moved = (scene: RelayScene, from: number): string => {
      const id = scene.childId('api');
      return `INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
        VALUES ('${id}', 'p${from}', 'p${from + 1}', 'advance', ${scene.clock.now});
        UPDATE runs SET phase = 'p${from + 1}' WHERE id = '${id}';`;
    };

    it('reads what is committed while that has the child locked', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      await scene.advance('api');
      const relay = scene.relay();
      const other = new OpenSqlite3(scene.database('api'));
      await other.run(`BEGIN EXCLUSIVE; ${moved(scene, 1)}`);
      await relay.cycle();
      assert.deepEqual(await scene.told(), ['child_advanced p0→p1 api']);
      await other.run('COMMIT;');
      await relay.cycle({ retryNow: true });
      await other.close();
      assert.deepEqual(await scene.told(), ['child_advanced p0→p1 api', 'child_advanced p1→p2 api']);
      assert.equal(await scene.mirror('api'), 'p2 active');
    });

    it('reads through a live write-ahead log, and after it is merged', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      const relay = scene.relay();
      await relay.cycle();
      const other = new OpenSqlite3(scene.database('api'));
      await other.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${moved(scene, 0)}`);
      await relay.cycle();
      assert.equal(await scene.mirror('api'), 'p1 active');
      await other.run(moved(scene, 1));
      await relay.cycle();
      assert.equal(await scene.mirror('api'), 'p2 active');
      await other.close();
      await sqlite3(scene.database('api'), moved(scene, 2));
      await relay.cycle();
      assert.equal(await scene.mirror('api'), 'p3 active');
      assert.deepEqual(
        await scene.told(),
        [0, 1, 2].map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.deepEqual(codes(relay.problems), []);
    });

    it('puts a mirror right that somebody moved by hand', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      const relay = scene.relay();
      await scene.advance('api');
      await relay.cycle();
      await sqlite3(scene.home.kernel.path, `UPDATE runs SET phase = 'p9' WHERE id = '${scene.childId('api')}'`);
      await relay.cycle();
      assert.equal(await scene.mirror('api'), 'p1 active');
    });
  });

  describe('of a child that was put back to an earlier state', () => {
    it('tells nothing twice and goes on from there', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      const relay = scene.relay();
      await scene.advance('api', 3);
      const putBack = await scene.backUp('api');
      await scene.advance('api', 2);
      await relay.cycle();
      await putBack();
      await relay.cycle();
      const before = [0, 1, 2, 3, 4].map((at) => `child_advanced p${at}→p${at + 1} api`);
      assert.deepEqual(await scene.told(), before);
      assert.equal(await scene.mirror('api'), 'p3 active');
      await scene.advance('api');
      await relay.cycle();
      assert.deepEqual(await scene.told(), [...before, 'child_advanced p3→p4 api']);
      assert.equal(await scene.mirror('api'), 'p4 active');
    });

    it('tells all that happened since, also where it has outgrown what was told', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      await scene.advance('api');
      const putBack = await scene.backUp('api');
      await scene.advance('api', 2);
      await scene.relay().cycle();
      await putBack();
      await scene.advance('api', 4);
      await scene.relay().cycle();
      await scene.relay().cycle();
      const steps = [0, 1, 2, 1, 2, 3, 4];
      assert.deepEqual(
        await scene.told(),
        steps.map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.equal(await scene.mirror('api'), 'p5 active');
    });

    it('tells it all again where the portfolio itself was put back', async () => {
      const scene = await RelayScene.create(projects, ['api', 'web']);
      const relay = scene.relay();
      await scene.advance('api');
      await relay.cycle();
      const putBack = await scene.backUpHome();
      await scene.advance('api', 2);
      await relay.cycle();
      await putBack();
      await relay.cycle();
      assert.deepEqual(
        await scene.told(),
        [0, 1, 2].map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.equal(await scene.mirror('api'), 'p3 active');
    });
  });

  it('loses nothing while the portfolio itself is locked', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web'], [], { busyTimeoutMs: 50 });
    const relay = scene.relay();
    await scene.advance('api');
    await withFileLock(scene.home.kernel.path, { timeoutMs: 1000 }, async () => {
      await assert.rejects(relay.cycle(), isCode('DATABASE_BUSY'));
    });
    await relay.cycle();
    assert.deepEqual(await scene.told(), ['child_advanced p0→p1 api']);
  });

  it('keeps apart two portfolios over the same folder', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const second = await scene.portfolioOver(['web', 'api']);
    const other = scene.relay({ portfolioId: second.portfolio.id });
    await scene.advance('api');
    await scene.relay().cycle();
    await other.cycle();
    assert.deepEqual(await scene.told(), ['child_advanced p0→p1 api']);
    assert.deepEqual(await scene.told(second.portfolio.id), []);
    const id = second.children.find(({ projectDir }) => projectDir === scene.at('api'))?.id ?? '';
    await (await scene.project('api')).write((u) => cancelRun(u, id));
    await scene.relay().cycle();
    await other.cycle();
    assert.deepEqual(await scene.told(second.portfolio.id), ['child_cancelled p0→p0 api']);
    assert.equal(await scene.mirror('api'), 'p1 active');
  });

  it('begins nothing again that ended with the portfolio', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    await scene.home.kernel.write((u) => cancelRun(u, scene.portfolioId));
    await scene.advance('api');
    await scene.relay().cycle();
    assert.equal(await scene.mirror('api'), 'p0 cancelled');
    assert.equal((await scene.project('api')).read((r) => getRun(r, scene.childId('api'))).phase, 'p1');
  });
});
