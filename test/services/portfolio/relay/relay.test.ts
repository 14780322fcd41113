import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { withFileLock } from '../../../../src/host/locks/fileLock';
import type { KernelError } from '../../../../src/kernel/errors/errors';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { leaveJournal } from '../../../support/dispatch/leftovers';
import { isCode, isNative, Projects } from '../../../support/projects';
import { RelayFixture } from '../../../support/portfolio/relayFixture';
import { hasSqlite3, OpenSqlite3, sqlite3 } from '../../../support/records/sqlite3';

describe('the relay of a portfolio', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  const codes = (problems: ReadonlyMap<string, KernelError>): readonly string[] =>
    [...problems.values()].map(({ code }) => code);

  it('tells the events of each child once and in order, mirrors where it stands, and tells those that wait', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
    const relay = fixture.relay();
    await fixture.advance('api', 2);
    await relay.cycle();
    await relay.cycle();
    const api = ['p0→p1', 'p1→p2'].flatMap((step) => [`child_advanced ${step} api`, `upstream_changed ${step}`]);
    assert.deepEqual(await fixture.relayed(), api);
    assert.equal(await fixture.mirror('api'), 'p2 active');
    await fixture.advance('web');
    await (await fixture.project('web')).write((u) => cancelRun(u, fixture.childId('web')));
    await fixture.relay().cycle();
    const web = ['child_advanced p0→p1 web', 'child_cancelled p1→p1 web'];
    assert.deepEqual(await fixture.relayed(), [...api, ...web]);
    assert.equal(await fixture.mirror('web'), 'p1 cancelled');
  });

  it('writes nothing while nothing happens', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relay = fixture.relay();
    await fixture.advance('api');
    await relay.cycle();
    const before = await stat(fixture.home.kernel.path, { bigint: true });
    await relay.cycle();
    await fixture.relay().cycle();
    const after = await stat(fixture.home.kernel.path, { bigint: true });
    assert.deepEqual({ ino: after.ino, mtimeNs: after.mtimeNs }, { ino: before.ino, mtimeNs: before.mtimeNs });
  });

  it('counts the running dispatches for the children, and no others', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    if (!hasSqlite3()) return;
    const dispatch = (id: string, scope: string, status: string): string =>
      `INSERT INTO dispatches (id, agent_type, status, project_dir, scope_id, created_at)
       VALUES ('${id}', 'shell', '${status}', '/x', '${scope}', 1);`;
    const api = fixture.childId('api');
    await sqlite3(fixture.database('api'), dispatch('a', api, 'running') + dispatch('b', api, 'completed'));
    await sqlite3(
      fixture.database('web'),
      dispatch('c', fixture.childId('web'), 'spawned') + dispatch('d', 'x', 'running'),
    );
    await fixture.relay().cycle();
    const stored = await sqlite3(
      fixture.home.kernel.path,
      `SELECT payload FROM state WHERE key = 'active-dispatch-count' AND scope_id = '${fixture.portfolioId}'`,
    );
    assert.equal(stored, '"2"');
  });

  it('catches up with a backlog of many pages in one cycle', async function () {
    if (!hasSqlite3()) this.skip();
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const backlog = 12_345;
    await sqlite3(
      fixture.database('api'),
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${backlog})
       INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
       SELECT '${fixture.childId('api')}', 'e' || i, 'e' || (i + 1), 'set', 1 FROM n`,
    );
    await Promise.all([fixture.relay().cycle(), fixture.relay({}, await fixture.otherHome()).cycle()]);
    const expected = Array.from({ length: backlog }, (_, at) => `child_advanced e${at + 1}→e${at + 2} api`);
    assert.deepEqual(await fixture.relayed(), expected);
  });

  it('tells each event once where two relays are running', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web'], [['web', 'api']]);
    const relays = [fixture.relay(), fixture.relay({}, await fixture.otherHome())];
    for (let round = 0; round < 8; round++) {
      await Promise.all([fixture.advance('api'), fixture.advance('web'), ...relays.map((relay) => relay.cycle())]);
    }
    for (const relay of relays) await relay.cycle();
    const relayed = await fixture.relayed();
    const steps = Array.from({ length: 8 }, (_, at) => `p${at}→p${at + 1}`);
    for (const name of ['api', 'web']) {
      const own = relayed.filter((line) => line.endsWith(` ${name}`));
      assert.deepEqual(
        own,
        steps.map((step) => `child_advanced ${step} ${name}`),
      );
      assert.equal(await fixture.mirror(name), 'p8 active');
    }
    assert.equal(relayed.length, 3 * steps.length);
  });

  describe('with a child that cannot be read', () => {
    const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
      DATABASE_MISSING: (file) => rm(file),
      DATABASE_DAMAGED: (file) => writeFile(file, 'no database'.repeat(1000)),
      // SQLite of the runtime rolls it back.
      ...(isNative ? {} : { DATABASE_HOT_JOURNAL: leaveJournal }),
    };
    for (const [code, damage] of Object.entries(damages)) {
      it(`says ${code}, continues with the others, waits longer each time, and recovers`, async () => {
        const fixture = await RelayFixture.create(projects, ['api', 'web'], [], { busyTimeoutMs: 200 });
        const attempts: string[] = [];
        const relay = fixture.relay({ onProblem: (dir) => attempts.push(dir) });
        await fixture.advance('api');
        const putBack = await fixture.backUp('api');
        await damage(fixture.database('api'));
        await fixture.advance('web');
        await relay.cycle();
        assert.deepEqual(codes(relay.problems), [code]);
        assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 web']);
        for (const seconds of [1, 1, 2, 2]) {
          fixture.clock.advance(seconds);
          await relay.cycle();
        }
        assert.equal(attempts.length, 3);
        await rm(`${fixture.database('api')}-journal`, { force: true });
        await putBack();
        await relay.cycle();
        assert.deepEqual(codes(relay.problems), [code]);
        await relay.cycle({ retryNow: true });
        assert.deepEqual(codes(relay.problems), []);
        assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 web', 'child_advanced p0→p1 api']);
        assert.equal(await fixture.mirror('api'), 'p1 active');
      });
    }

    it('waits a minute between tries at the longest', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      let attempts = 0;
      const relay = fixture.relay({ onProblem: () => (attempts += 1) });
      await rm(fixture.database('api'));
      for (let tries = 0; tries < 8; tries += 1) await relay.cycle({ retryNow: true });
      fixture.clock.advance(59);
      await relay.cycle();
      assert.equal(attempts, 8);
      fixture.clock.advance(1);
      await relay.cycle();
      assert.equal(attempts, 9);
    });

    it('does not keep the others waiting for one that takes long, nor call it locked', async function () {
      if (isNative) this.skip();
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      await Promise.all([fixture.advance('api'), fixture.advance('web')]);
      await leaveJournal(fixture.database('api'));
      const relay = fixture.relay({ patienceMs: 2000 });
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), ['DATABASE_LOADING']);
      assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 web']);
      await rm(`${fixture.database('api')}-journal`);
      await fixture.home.childKernel(fixture.at('api')).refresh();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), []);
      assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 web', 'child_advanced p0→p1 api']);
    });

    it('reads past the journal of a dead program, where SQLite of the runtime may roll it back', async function () {
      if (!isNative) this.skip();
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      await fixture.advance('api');
      await leaveJournal(fixture.database('api'));
      const relay = fixture.relay();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), []);
      assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 api']);
    });

    it('says that its run is gone where the database does not hold it any more', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      await rm(fixture.database('api'));
      await fixture.workspace.initialize('api');
      const relay = fixture.relay();
      await relay.cycle();
      assert.deepEqual(codes(relay.problems), ['NOT_FOUND']);
    });
  });

  describe('beside another program', () => {
    beforeEach(function () {
      if (!hasSqlite3()) this.skip();
    });

    const moved = (fixture: RelayFixture, from: number): string => {
      const id = fixture.childId('api');
      return `INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
        VALUES ('${id}', 'p${from}', 'p${from + 1}', 'advance', ${fixture.clock.now});
        UPDATE runs SET phase = 'p${from + 1}' WHERE id = '${id}';`;
    };

    it('reads what is committed while that has the child locked', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      await fixture.advance('api');
      const relay = fixture.relay();
      const other = new OpenSqlite3(fixture.database('api'));
      await other.run(`BEGIN EXCLUSIVE; ${moved(fixture, 1)}`);
      await relay.cycle();
      assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 api']);
      await other.run('COMMIT;');
      await relay.cycle({ retryNow: true });
      await other.close();
      assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 api', 'child_advanced p1→p2 api']);
      assert.equal(await fixture.mirror('api'), 'p2 active');
    });

    it('reads through a live write-ahead log, and after it is merged', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const relay = fixture.relay();
      await relay.cycle();
      const other = new OpenSqlite3(fixture.database('api'));
      await other.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${moved(fixture, 0)}`);
      await relay.cycle();
      assert.equal(await fixture.mirror('api'), 'p1 active');
      await other.run(moved(fixture, 1));
      await relay.cycle();
      assert.equal(await fixture.mirror('api'), 'p2 active');
      await other.close();
      await sqlite3(fixture.database('api'), moved(fixture, 2));
      await relay.cycle();
      assert.equal(await fixture.mirror('api'), 'p3 active');
      assert.deepEqual(
        await fixture.relayed(),
        [0, 1, 2].map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.deepEqual(codes(relay.problems), []);
    });

    it('corrects a mirror that was changed by hand', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const relay = fixture.relay();
      await fixture.advance('api');
      await relay.cycle();
      await sqlite3(fixture.home.kernel.path, `UPDATE runs SET phase = 'p9' WHERE id = '${fixture.childId('api')}'`);
      await relay.cycle();
      assert.equal(await fixture.mirror('api'), 'p1 active');
    });
  });

  describe('of a child that was put back to an earlier state', () => {
    it('tells nothing twice and continues from there', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const relay = fixture.relay();
      await fixture.advance('api', 3);
      const putBack = await fixture.backUp('api');
      await fixture.advance('api', 2);
      await relay.cycle();
      await putBack();
      await relay.cycle();
      const before = [0, 1, 2, 3, 4].map((at) => `child_advanced p${at}→p${at + 1} api`);
      assert.deepEqual(await fixture.relayed(), before);
      assert.equal(await fixture.mirror('api'), 'p3 active');
      await fixture.advance('api');
      await relay.cycle();
      assert.deepEqual(await fixture.relayed(), [...before, 'child_advanced p3→p4 api']);
      assert.equal(await fixture.mirror('api'), 'p4 active');
    });

    it('relays all later events, even if there are more than before', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      await fixture.advance('api');
      const putBack = await fixture.backUp('api');
      await fixture.advance('api', 2);
      await fixture.relay().cycle();
      await putBack();
      await fixture.advance('api', 4);
      await fixture.relay().cycle();
      await fixture.relay().cycle();
      const steps = [0, 1, 2, 1, 2, 3, 4];
      assert.deepEqual(
        await fixture.relayed(),
        steps.map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.equal(await fixture.mirror('api'), 'p5 active');
    });

    it('tells it all again where the portfolio itself was put back', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const relay = fixture.relay();
      await fixture.advance('api');
      await relay.cycle();
      const putBack = await fixture.backUpHome();
      await fixture.advance('api', 2);
      await relay.cycle();
      await putBack();
      await relay.cycle();
      assert.deepEqual(
        await fixture.relayed(),
        [0, 1, 2].map((at) => `child_advanced p${at}→p${at + 1} api`),
      );
      assert.equal(await fixture.mirror('api'), 'p3 active');
    });
  });

  it('loses nothing while the portfolio itself is locked', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web'], [], { busyTimeoutMs: 50 });
    const relay = fixture.relay();
    await fixture.advance('api');
    await withFileLock(fixture.home.kernel.path, { timeoutMs: 1000 }, async () => {
      await assert.rejects(relay.cycle(), isCode('DATABASE_BUSY'));
    });
    await relay.cycle();
    assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 api']);
  });

  it('keeps apart two portfolios over the same folder', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const second = await fixture.portfolioOver(['web', 'api']);
    const other = fixture.relay({ portfolioId: second.portfolio.id });
    await fixture.advance('api');
    await fixture.relay().cycle();
    await other.cycle();
    assert.deepEqual(await fixture.relayed(), ['child_advanced p0→p1 api']);
    assert.deepEqual(await fixture.relayed(second.portfolio.id), []);
    const id = second.children.find(({ projectDir }) => projectDir === fixture.at('api'))?.id ?? '';
    await (await fixture.project('api')).write((u) => cancelRun(u, id));
    await fixture.relay().cycle();
    await other.cycle();
    assert.deepEqual(await fixture.relayed(second.portfolio.id), ['child_cancelled p0→p0 api']);
    assert.equal(await fixture.mirror('api'), 'p1 active');
  });

  it('starts nothing again that ended with the portfolio', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    await fixture.home.kernel.write((u) => cancelRun(u, fixture.portfolioId));
    await fixture.advance('api');
    await fixture.relay().cycle();
    assert.equal(await fixture.mirror('api'), 'p0 cancelled');
    assert.equal((await fixture.project('api')).read((r) => getRun(r, fixture.childId('api'))).phase, 'p1');
  });
});
