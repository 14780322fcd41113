import assert from 'node:assert/strict';
import { decayDiscoveries, listDiscoveries, rollbackDiscoveries } from '../../../src/kernel/discovery/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';
import { discoveryVerbs } from '../../support/records/discoveries';
import { defined } from '../../../src/kernel/defined';

describe('discoveries', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { submit, get, score, promote, dismiss, events, lastEvent, refuses } = discoveryVerbs(() => kernel);

  describe('decay', () => {
    const decay = (rate: number, minAgeSec?: number): number =>
      kernel.write((u) => decayDiscoveries(u, { rate, ...defined({ minAgeSec }) }));

    it('lowers open ones of some age and tells it in one event', () => {
      const old = submit({ score: 1 }).id;
      const scored = submit().id;
      score(scored, 0.6);
      const promoted = submit({ score: 1 }).id;
      promote(promoted);
      const dismissed = submit({ score: 1 }).id;
      dismiss(dismissed);
      kernel.clock.advance(86_401);
      const young = submit({ score: 1 }).id;
      const count = events().length;
      assert.equal(decay(0.25), 2);
      assert.deepEqual(
        { relevanceScore: get(old).relevanceScore, confidenceTier: get(old).confidenceTier, status: get(old).status },
        { relevanceScore: 0.75, confidenceTier: 'medium', status: 'new' },
      );
      assert.deepEqual(
        { confidenceTier: get(scored).confidenceTier, status: get(scored).status },
        { confidenceTier: 'low', status: 'scored' },
      );
      for (const id of [promoted, dismissed, young]) assert.equal(get(id).relevanceScore, 1);
      assert.equal(events().length, count + 1);
      assert.deepEqual(lastEvent(), ['discovery.decayed', '', '', '', '{"count":2,"rate":0.25}']);
    });

    it('leaves no event where nothing is old enough', () => {
      submit({ score: 1 });
      kernel.clock.advance(10);
      const before = dumpDatabase(kernel.kernel);
      assert.equal(decay(0.5, 10), 0);
      assert.deepEqual(dumpDatabase(kernel.kernel), before);
      assert.equal(decay(0.5, 9), 1);
    });

    it('refuses rates and ages that make no sense', () => {
      for (const rate of [-0.1, 1.1, NaN]) refuses(() => decay(rate), 'INVALID_ARGUMENT');
      refuses(() => decay(0.1, -1), 'INVALID_ARGUMENT');
    });
  });

  it('of a source since a time are rolled back by dismissing the open ones', () => {
    const early = submit().id;
    kernel.clock.advance(10);
    const [a, b] = [submit().id, submit({ score: 1 }).id];
    promote(b);
    const other = submit({ source: 'hn' }).id;
    const since = TEST_START_SEC + 10;
    assert.equal(
      kernel.write((u) => rollbackDiscoveries(u, { source: 'arxiv', since })),
      1,
    );
    assert.deepEqual(
      [early, a, b, other].map((id) => get(id).status),
      ['new', 'dismissed', 'promoted', 'new'],
    );
    const payload = `{"id":"${a}","reason":"rollback","source":"arxiv"}`;
    assert.deepEqual(lastEvent(), ['discovery.dismissed', a, 'new', 'dismissed', payload]);
    refuses(() => kernel.write((u) => rollbackDiscoveries(u, { source: 'arxiv', since: -1 })), 'INVALID_ARGUMENT');
  });

  it('are listed best first, filtered and limited, with unreadable rows beside', () => {
    const low = submit({ score: 0.1 }).id;
    const high = submit({ score: 0.9 }).id;
    const alsoHigh = submit({ score: 0.9, source: 'hn' }).id;
    const ids = (filter?: Parameters<typeof listDiscoveries>[1]): string[] =>
      kernel.read((r) => listDiscoveries(r, filter)).discoveries.map((d) => d.id);
    assert.deepEqual(ids(), [...[high, alsoHigh].sort(), low]);
    assert.deepEqual(ids({ limit: 1 }).length, 1);
    assert.deepEqual(ids({ limit: 0, source: 'hn' }), [alsoHigh]);
    assert.deepEqual(ids({ tier: 'discard' }), [low]);
    assert.deepEqual(ids({ status: 'scored' }), []);
    kernel.exec(`UPDATE discoveries SET status = 'odd' WHERE id = '${high}'`);
    const { discoveries, invalid } = kernel.read((r) => listDiscoveries(r));
    assert.deepEqual(
      { discoveriesCount: discoveries.length, id: invalid[0]?.id, column: invalid[0]?.column },
      { discoveriesCount: 2, id: high, column: 'status' },
    );
  });
});
