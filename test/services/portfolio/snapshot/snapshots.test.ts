import assert from 'node:assert/strict';
import { silentLog } from '../../../../src/host/log';
import { Emitter } from '../../../../src/kernel/emitter';
import { setRun } from '../../../../src/kernel/run/record/runs';
import type { RelayState } from '../../../../src/services/portfolio/home/model';
import { PortfolioSnapshots } from '../../../../src/services/portfolio/snapshot/snapshots';
import { IDLE_RELAY, TestHome } from '../../../support/homes';
import { Projects } from '../../../support/projects';

const CHAIN = ['a', 'b'];

describe('snapshots of portfolios', () => {
  const projects = Projects.ofSuite();
  let home: TestHome;
  let relay: RelayState;
  let relayChanges: Emitter<void>;
  let snapshots: PortfolioSnapshots;
  let changes: number;

  beforeEach(async () => {
    home = await TestHome.create(projects);
    for (const project of ['x', 'y']) await home.project(project);
    relay = IDLE_RELAY;
    changes = 0;
    relayChanges = new Emitter((error) => assert.fail(String(error)));
    const relays = { state: () => relay, onDidChange: relayChanges.event };
    snapshots = new PortfolioSnapshots({ home: home.home, relays, log: silentLog });
    snapshots.onDidChange(() => (changes += 1));
    projects.closing(() => {
      snapshots.dispose();
      return Promise.resolve();
    });
  });

  it('gives the same object until something shown differs', async () => {
    const { portfolio, children } = await home.make(['x', 'y'], CHAIN);
    const first = snapshots.of(portfolio.id);
    assert.equal(snapshots.of(portfolio.id), first);
    relay = { ...relay, lastCycleAt: 5 };
    const second = snapshots.of(portfolio.id);
    relay = { ...relay, lastCycleAt: 7 };
    assert.equal(snapshots.of(portfolio.id), second);
    assert.equal(snapshots.relay(portfolio.id).lastCycleAt, 7);

    const x = await home.project('x');
    await x.write((u) => setRun(u, children[0]?.id ?? '', { goal: 'Another' }));
    const third = snapshots.of(portfolio.id);
    assert.notEqual(third, second);
    assert.equal(third.children[0]?.run.goal, 'Another');

    home.closeFolder('x');
    assert.equal(snapshots.of(portfolio.id).children[0]?.isOpen, false);
  });

  it('reports changes in the portfolio, in a child that was read, and of the relay', async () => {
    const { portfolio, children } = await home.make(['x', 'y'], CHAIN);
    const before = changes;
    const x = await home.project('x');
    const write = () => x.write((u) => setRun(u, children[0]?.id ?? '', { goal: 'Another' }));
    await write();
    assert.equal(changes, before);
    snapshots.of(portfolio.id);
    await write();
    assert.equal(changes, before + 1);
    await home.home.kernel.write((u) => setRun(u, portfolio.id, { goal: 'All' }));
    assert.equal(changes, before + 2);
    relayChanges.fire();
    assert.equal(changes, before + 3);
  });

  it('has a closed project read, and tells when that is done', async () => {
    const { portfolio } = await home.make(['x', 'y'], CHAIN);
    home.closeFolder('x');
    const changed = new Promise<void>((resolve) => snapshots.onDidChange(resolve));
    assert.equal(snapshots.of(portfolio.id).children[0]?.source.kind, 'unreadable');
    await changed;
    assert.equal(snapshots.of(portfolio.id).children[0]?.source.kind, 'own');
  });

  it('keeps the list of portfolios until the database changes', async () => {
    await home.make(['x', 'y'], CHAIN);
    const list = snapshots.all();
    assert.equal(list.runs.length, 1);
    assert.equal(snapshots.all(), list);
    await home.make(['x', 'y'], CHAIN);
    assert.equal(snapshots.all().runs.length, 2);
  });
});
