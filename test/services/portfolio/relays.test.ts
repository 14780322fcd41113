import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { silentLog } from '../../../src/host/log';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { PortfolioRelays, type PortfolioRelaysDeps } from '../../../src/services/portfolio/relay/relays';
import type { PortfolioHome } from '../../../src/services/portfolio/home';
import { isCode, Projects } from '../../support/projects';
import { RelayScene } from '../../support/portfolio/relaying';
import { TestWorkspace } from '../../support/workspaces';

describe("the relays of a window's portfolios", function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  function relaysOf(scene: RelayScene, deps: Partial<PortfolioRelaysDeps> = {}): PortfolioRelays {
    const { home, clock } = scene;
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
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const { portfolio: ended } = await scene.portfolioOver(['api', 'web']);
    await scene.home.kernel.write((u) => cancelRun(u, ended.id));
    await scene.advance('api', 2);
    const relays = relaysOf(scene);
    assert.deepEqual(relays.state(scene.portfolioId), {
      isPaused: false,
      lastCycleAt: undefined,
      relayed: 0,
      error: undefined,
      problems: new Map(),
      failures: [],
    });
    const relayed = until(relays, () => relays.state(scene.portfolioId).relayed === 2);
    relays.start();
    await relayed;
    assert.equal(relays.state(scene.portfolioId).lastCycleAt, scene.clock.now);
    assert.equal(relays.state(ended.id).lastCycleAt, undefined);
    assert.equal((await scene.told()).length, 2);
    const again = until(relays, () => relays.state(scene.portfolioId).relayed === 3);
    await scene.advance('web');
    await again;
    assert.equal(await scene.mirror('web'), 'p1 active');
  });

  it('leaves a paused portfolio alone until it is resumed, unless asked to relay it now', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relays = relaysOf(scene);
    relays.pause(scene.portfolioId);
    assert.ok(relays.state(scene.portfolioId).isPaused);
    await scene.advance('api');
    await relays.cycleNow();
    assert.deepEqual(await scene.told(), []);
    await relays.cycleNow(scene.portfolioId);
    assert.equal((await scene.told()).length, 1);
    const resumed = until(relays, () => relays.state(scene.portfolioId).relayed === 2);
    await scene.advance('api');
    relays.resume(scene.portfolioId);
    relays.start();
    await resumed;
  });

  it('tells of changes only', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relays = relaysOf(scene);
    await relays.cycleNow();
    let changes = 0;
    relays.onDidChange(() => (changes += 1));
    await relays.cycleNow();
    await relays.cycleNow();
    assert.equal(changes, 0);
    await scene.advance('api');
    await relays.cycleNow();
    assert.equal(changes, 1);
  });

  it('shows a child that cannot be read, and that it recovered', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relays = relaysOf(scene);
    const putBack = await scene.backUp('web');
    await rm(scene.database('web'));
    await relays.cycleNow();
    const { problems } = relays.state(scene.portfolioId);
    assert.deepEqual(
      [...problems].map(([id, { code }]) => [id, code]),
      [[scene.childId('web'), 'DATABASE_MISSING']],
    );
    await putBack();
    await relays.cycleNow();
    assert.equal(relays.state(scene.portfolioId).problems.size, 0);
  });

  it('counts the same failure of a child until it recovers, with the next try', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relays = relaysOf(scene);
    const putBack = await scene.backUp('web');
    await rm(scene.database('web'));
    let changes = 0;
    relays.onDidChange(() => (changes += 1));
    for (let tries = 1; tries <= 4; tries += 1) await relays.cycleNow();
    const [failure] = relays.state(scene.portfolioId).failures;
    assert.deepEqual([failure?.projectDir, failure?.tries], [path.dirname(path.dirname(scene.database('web'))), 4]);
    assert.ok((failure?.nextAt ?? 0) > scene.clock.now);
    assert.equal(changes, 2, 'the first failure, and the third, which needs a person');
    await putBack();
    await relays.cycleNow();
    assert.deepEqual(relays.state(scene.portfolioId).failures, []);
  });

  it('says why the portfolio itself cannot be relayed, and goes on when it can', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const relays = relaysOf(scene);
    await relays.cycleNow();
    const { path } = scene.home.kernel;
    const sound = await scene.backUpHome();
    await writeFile(path, 'no database'.repeat(1000));
    await assert.rejects(relays.cycleNow(scene.portfolioId), isCode('DATABASE_DAMAGED'));
    assert.equal(relays.state(scene.portfolioId).error?.code, 'DATABASE_DAMAGED');
    await scene.advance('api');
    const recovered = until(relays, () => relays.state(scene.portfolioId).error === undefined);
    await sound();
    relays.start();
    await recovered;
    assert.equal(relays.state(scene.portfolioId).relayed, 1);
  });

  it('does nothing while the window may not write, or has no portfolio', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    let isTrusted = false;
    const relays = relaysOf(scene, { canWrite: () => isTrusted });
    await scene.advance('api');
    await relays.cycleNow();
    assert.deepEqual(await scene.told(), []);
    isTrusted = true;
    await relays.cycleNow();
    assert.equal((await scene.told()).length, 1);
    const empty = relaysOf(scene, { home: await emptyHome() });
    await empty.cycleNow();
    assert.equal(empty.state(scene.portfolioId).lastCycleAt, undefined);
  });

  it('goes on when a folder enters or leaves the window', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web']);
    const opened = await scene.workspace.open('api');
    const open = [opened];
    const home = scene.workspace.home({}, open);
    await home.load();
    const relays = relaysOf(scene, { home });
    await scene.advance('api');
    await relays.cycleNow();
    open.pop();
    const closing = opened.dispose();
    await scene.advance('api');
    await Promise.all([relays.cycleNow(), closing]);
    await relays.cycleNow();
    assert.equal((await scene.told()).length, 2);
    assert.equal(relays.state(scene.portfolioId).problems.size, 0);
  });
});
