import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { silentLog } from '../../../../src/host/log';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { PortfolioRelays, type PortfolioRelaysDeps } from '../../../../src/services/portfolio/relay/relays';
import type { PortfolioHome } from '../../../../src/services/portfolio/home/home';
import { isCode, Projects } from '../../../support/projects';
import { RelayFixture } from '../../../support/portfolio/relayFixture';
import { TestWorkspace } from '../../../support/workspaces';

describe("the relays of a window's portfolios", function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  function relaysOf(fixture: RelayFixture, deps: Partial<PortfolioRelaysDeps> = {}): PortfolioRelays {
    const { home, clock } = fixture;
    const relays = new PortfolioRelays({
      home,
      clock,
      log: silentLog,
      intervalMs: () => 20,
      canWrite: () => true,
      ...deps,
    });
    projects.closing(() => relays.dispose());
    return relays;
  }

  async function emptyHome(): Promise<PortfolioHome> {
    const home = (await TestWorkspace.create(projects)).home();
    await home.load();
    return home;
  }

  /** Resolves at the first change of the relays' states after which the condition holds. */
  function until(relays: PortfolioRelays, holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const subscription = relays.onDidChange(() => {
        if (!holds()) return;
        subscription.dispose();
        resolve();
      });
    });
  }

  it('cycles every active portfolio on its timer, and tells how it goes', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const { portfolio: ended } = await fixture.portfolioOver(['api', 'web']);
    await fixture.home.kernel.write((u) => cancelRun(u, ended.id));
    await fixture.advance('api', 2);
    const relays = relaysOf(fixture);
    assert.deepEqual(relays.state(fixture.portfolioId), {
      isPaused: false,
      lastCycleAt: undefined,
      relayed: 0,
      error: undefined,
      problems: new Map(),
      failures: [],
    });
    const relayed = until(relays, () => relays.state(fixture.portfolioId).relayed === 2);
    relays.start();
    await relayed;
    assert.equal(relays.state(fixture.portfolioId).lastCycleAt, fixture.clock.now);
    assert.equal(relays.state(ended.id).lastCycleAt, undefined);
    assert.equal((await fixture.relayed()).length, 2);
    const again = until(relays, () => relays.state(fixture.portfolioId).relayed === 3);
    await fixture.advance('web');
    await again;
    assert.equal(await fixture.mirror('web'), 'p1 active');
  });

  it('leaves a paused portfolio alone until it is resumed, unless asked to relay it now', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relays = relaysOf(fixture);
    relays.pause(fixture.portfolioId);
    assert.ok(relays.state(fixture.portfolioId).isPaused);
    await fixture.advance('api');
    await relays.cycleNow();
    assert.deepEqual(await fixture.relayed(), []);
    await relays.cycleNow(fixture.portfolioId);
    assert.equal((await fixture.relayed()).length, 1);
    const resumed = until(relays, () => relays.state(fixture.portfolioId).relayed === 2);
    await fixture.advance('api');
    relays.resume(fixture.portfolioId);
    relays.start();
    await resumed;
  });

  for (const [name, cycle] of [
    ['its timer', (relays: PortfolioRelays): void => relays.start()],
    ['a cycle of all', (relays: PortfolioRelays): Promise<void> => relays.cycleNow()],
  ] as const) {
    it(`leaves out a portfolio that is paused while ${name} cycles another`, async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const { portfolio: other, children } = await fixture.portfolioOver(['api', 'web']);
      const ids = [fixture.portfolioId, other.id];
      await fixture.advance('api');
      const api = await fixture.project('api');
      const child = children.find(({ projectDir }) => projectDir === fixture.at('api'));
      await api.write((u) => advanceRun(u, child?.id ?? '', { tier: 'none' }));
      const relays = relaysOf(fixture, {
        onRelayed: (portfolioId) => {
          for (const id of ids) if (id !== portfolioId) relays.pause(id);
        },
      });
      const relayed = until(relays, () => ids.some((id) => relays.state(id).relayed > 0));
      await cycle(relays);
      await relayed;
      // Waits for the rest of the tick.
      await relays.cycleNow();
      const [first = '', second = ''] = ids.toSorted(
        (one, next) => relays.state(next).relayed - relays.state(one).relayed,
      );
      assert.deepEqual(
        [relays.state(first).relayed, relays.state(second).relayed, relays.state(second).lastCycleAt],
        [1, 0, undefined],
      );
      await relays.cycleNow(second);
      assert.equal(relays.state(second).relayed, 1);
    });
  }

  it('reports only changes', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relays = relaysOf(fixture);
    await relays.cycleNow();
    let changes = 0;
    relays.onDidChange(() => (changes += 1));
    await relays.cycleNow();
    await relays.cycleNow();
    assert.equal(changes, 0);
    await fixture.advance('api');
    await relays.cycleNow();
    assert.equal(changes, 1);
  });

  it('shows a child that cannot be read, and that it recovered', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relays = relaysOf(fixture);
    const putBack = await fixture.backUp('web');
    await rm(fixture.database('web'));
    await relays.cycleNow();
    const { problems } = relays.state(fixture.portfolioId);
    assert.deepEqual(
      [...problems].map(([id, { code }]) => [id, code]),
      [[fixture.childId('web'), 'DATABASE_MISSING']],
    );
    await putBack();
    await relays.cycleNow();
    assert.equal(relays.state(fixture.portfolioId).problems.size, 0);
  });

  it('counts the same failure of a child until it recovers, with the next try', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relays = relaysOf(fixture);
    const putBack = await fixture.backUp('web');
    await rm(fixture.database('web'));
    let changes = 0;
    relays.onDidChange(() => (changes += 1));
    for (let tries = 1; tries <= 4; tries += 1) await relays.cycleNow();
    const [failure] = relays.state(fixture.portfolioId).failures;
    assert.deepEqual(
      { projectDir: failure?.projectDir, tries: failure?.tries },
      { projectDir: path.dirname(path.dirname(fixture.database('web'))), tries: 4 },
    );
    assert.ok((failure?.nextAt ?? 0) > fixture.clock.now);
    assert.equal(changes, 2, 'the first failure, and the third, which needs a person');
    await putBack();
    await relays.cycleNow();
    assert.deepEqual(relays.state(fixture.portfolioId).failures, []);
  });

  it('says why the portfolio itself cannot be relayed, and continues when it can', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const relays = relaysOf(fixture);
    await relays.cycleNow();
    const { path } = fixture.home.kernel;
    const sound = await fixture.backUpHome();
    await writeFile(path, 'no database'.repeat(1000));
    await assert.rejects(relays.cycleNow(fixture.portfolioId), isCode('DATABASE_DAMAGED'));
    assert.equal(relays.state(fixture.portfolioId).error?.code, 'DATABASE_DAMAGED');
    await fixture.advance('api');
    const recovered = until(relays, () => relays.state(fixture.portfolioId).error === undefined);
    await sound();
    relays.start();
    await recovered;
    assert.equal(relays.state(fixture.portfolioId).relayed, 1);
  });

  it('does nothing while the window may not write, or has no portfolio', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    let isTrusted = false;
    const relays = relaysOf(fixture, { canWrite: () => isTrusted });
    await fixture.advance('api');
    await relays.cycleNow();
    assert.deepEqual(await fixture.relayed(), []);
    isTrusted = true;
    await relays.cycleNow();
    assert.equal((await fixture.relayed()).length, 1);
    const empty = relaysOf(fixture, { home: await emptyHome() });
    await empty.cycleNow();
    assert.equal(empty.state(fixture.portfolioId).lastCycleAt, undefined);
  });

  it('continues when a folder enters or leaves the window', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web']);
    const opened = await fixture.workspace.open('api');
    const open = [opened];
    const home = fixture.workspace.home({}, open);
    await home.load();
    const relays = relaysOf(fixture, { home });
    await fixture.advance('api');
    await relays.cycleNow();
    open.pop();
    const closing = opened.dispose();
    await fixture.advance('api');
    await Promise.all([relays.cycleNow(), closing]);
    await relays.cycleNow();
    assert.equal((await fixture.relayed()).length, 2);
    assert.equal(relays.state(fixture.portfolioId).problems.size, 0);
  });
});
