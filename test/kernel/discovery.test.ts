import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  DISCOVERY_STATUSES,
  type Discovery,
  type DiscoveryStatus,
  type SubmitDiscoveryInput,
} from '../../src/kernel/discovery/model';
import { interestProfile, updateInterestProfile } from '../../src/kernel/discovery/profile';
import { cosine, NEXT_DISCOVERY_STATUSES, tierOf } from '../../src/kernel/discovery/rules';
import { searchDiscoveries } from '../../src/kernel/discovery/search';
import {
  decayDiscoveries,
  dismissDiscovery,
  getDiscovery,
  listDiscoveries,
  promoteDiscovery,
  recordFeedback,
  rollbackDiscoveries,
  scoreDiscovery,
  submitDiscovery,
} from '../../src/kernel/discovery/service';
import type { KernelEvent } from '../../src/kernel/events/model';
import { listEvents } from '../../src/kernel/events/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../support/kernel';

function floats(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, n) => view.setFloat32(n * 4, value, true));
  return new Uint8Array(view.buffer);
}

describe('discoveries', () => {
  let kernel: TestKernel;
  let submitted = 0;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const submit = (input: Partial<SubmitDiscoveryInput> = {}): Discovery => {
    submitted += 1;
    const facts = { source: 'arxiv', sourceId: `s${submitted}`, title: 'A <title>', ...input };
    return kernel.write((u) => submitDiscovery(u, facts)).discovery;
  };
  const get = (id: string): Discovery => kernel.read((r) => getDiscovery(r, id));
  const score = (id: string, value: number): Discovery => kernel.write((u) => scoreDiscovery(u, id, value));
  const promote = (id: string, force?: boolean) =>
    kernel.write((u) => promoteDiscovery(u, id, { beadId: 'bd-1', ...(force === undefined ? {} : { force }) }));
  const dismiss = (id: string): Discovery => kernel.write((u) => dismissDiscovery(u, id));
  const events = (): KernelEvent[] => kernel.read((r) => listEvents(r));
  const lastEvent = (): unknown[] => {
    const event = events().at(-1);
    return [event?.type, event?.runId, event?.fromState, event?.toState, event?.reason];
  };
  const refuses = (work: () => unknown, code: string): void => {
    const before = dumpDatabase(kernel.kernel);
    assert.throws(work, { code });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  };

  describe('submitting', () => {
    it('records a new one with an id of twelve characters, defaults and an event', () => {
      const discovery = submit({ sourceId: '1' });
      assert.match(discovery.id, /^[a-z0-9]{12}$/);
      assert.deepEqual(discovery, {
        id: discovery.id,
        source: 'arxiv',
        sourceId: '1',
        title: 'A <title>',
        summary: '',
        url: '',
        rawMetadata: '{}',
        relevanceScore: 0,
        confidenceTier: 'discard',
        status: 'new',
        runId: null,
        beadId: null,
        discoveredAt: TEST_START_SEC,
        promotedAt: null,
        reviewedAt: null,
      });
      assert.deepEqual(lastEvent(), [
        'discovery.submitted',
        discovery.id,
        '',
        'new',
        `{"id":"${discovery.id}","score":0,"source":"arxiv","tier":"discard","title":"A \\u003ctitle\\u003e"}`,
      ]);
      assert.equal(kernel.touched?.other, true);
    });

    it('refuses what its source has already told', () => {
      submit({ sourceId: '1' });
      submit({ sourceId: '1', source: 'hn' });
      refuses(() => submit({ sourceId: '1', title: 'Other' }), 'DISCOVERY_DUPLICATE');
    });

    it('gives the first similar one of the same source instead, and says so', () => {
      submit({ embedding: floats(0, 1) });
      submit({ source: 'hn', embedding: floats(1, 0) });
      const first = submit({ embedding: floats(1, 0.1) });
      submit({ embedding: floats(1, 0) });
      const count = kernel.read((r) => listDiscoveries(r)).discoveries.length;
      const same = kernel.write((u) =>
        submitDiscovery(u, {
          source: 'arxiv',
          sourceId: 'new',
          title: 't',
          embedding: floats(2, 0),
          dedupThreshold: 0.9,
        }),
      );
      assert.deepEqual([same.created, same.discovery.id], [false, first.id]);
      assert.deepEqual(lastEvent(), [
        'discovery.deduped',
        first.id,
        '',
        '',
        `{"existing_id":"${first.id}","new_source_id":"new","source":"arxiv"}`,
      ]);
      assert.equal(kernel.read((r) => listDiscoveries(r)).discoveries.length, count);
      assert.notEqual(submit({ embedding: floats(1, 1), dedupThreshold: 0.9 }).id, first.id);
    });

    it('refuses what does not fit', () => {
      const bad: Partial<SubmitDiscoveryInput>[] = [
        { source: '' },
        { sourceId: ' ' },
        { title: '' },
        { title: 'x'.repeat(10_001) },
        { summary: 'a\0' },
        { metadata: '{' },
        { metadata: '' },
        { score: 1.01 },
        { score: -0.1 },
        { score: NaN },
        { embedding: new Uint8Array(0) },
        { embedding: new Uint8Array(3) },
        { embedding: new Uint8Array(65_540) },
        { dedupThreshold: 2 },
      ];
      for (const input of bad) refuses(() => submit(input), 'INVALID_ARGUMENT');
    });
  });

  describe('scoring', () => {
    it('sets the tier and the status and tells both scores', () => {
      const { id } = submit({ score: 0.25 });
      const scored = score(id, 0.9);
      assert.deepEqual([scored.status, scored.relevanceScore, scored.confidenceTier], ['scored', 0.9, 'high']);
      assert.deepEqual(lastEvent(), [
        'discovery.scored',
        id,
        'new',
        'scored',
        `{"id":"${id}","new_score":0.9,"old_score":0.25,"tier":"high"}`,
      ]);
      assert.equal(score(id, 0.1).confidenceTier, 'discard');
    });

    it('has tiers from 0.8, 0.5 and 0.3', () => {
      const tiers = [1, 0.8, 0.79, 0.5, 0.49, 0.3, 0.29, 0].map(tierOf);
      assert.deepEqual(tiers, ['high', 'high', 'medium', 'medium', 'low', 'low', 'discard', 'discard']);
    });

    it('refuses scores out of range and unknown ids', () => {
      const { id } = submit();
      for (const bad of [-1, 1.5, NaN, Infinity]) refuses(() => score(id, bad), 'INVALID_ARGUMENT');
      refuses(() => score('nobody', 0.5), 'NOT_FOUND');
    });
  });

  describe('promoting', () => {
    it('notes the bead', () => {
      const { id } = submit({ score: 0.5 });
      kernel.clock.advance(3);
      const { outcome, discovery } = promote(id);
      assert.equal(outcome, 'promoted');
      assert.deepEqual(
        [discovery.status, discovery.beadId, discovery.promotedAt],
        ['promoted', 'bd-1', TEST_START_SEC + 3],
      );
      const payload = `{"bead_id":"bd-1","force":false,"id":"${id}","score":0.5}`;
      assert.deepEqual(lastEvent(), ['discovery.promoted', id, 'new', 'promoted', payload]);
    });

    it('is blocked below 0.5 unless forced, without a trace', () => {
      const { id } = submit({ score: 0.49 });
      const before = dumpDatabase(kernel.kernel);
      assert.equal(promote(id).outcome, 'blocked');
      assert.deepEqual(dumpDatabase(kernel.kernel), before);
      assert.equal(promote(id, true).outcome, 'promoted');
    });

    it('happens once', () => {
      const { id } = submit({ score: 1 });
      promote(id);
      const before = dumpDatabase(kernel.kernel);
      const again = kernel.write((u) => promoteDiscovery(u, id, { beadId: 'bd-2' }));
      assert.deepEqual([again.outcome, again.discovery.beadId], ['already-promoted', 'bd-1']);
      assert.deepEqual(dumpDatabase(kernel.kernel), before);
    });

    it('never brings back what was dismissed', () => {
      const { id } = submit({ score: 0.1 });
      dismiss(id);
      refuses(() => promote(id, true), 'DISCOVERY_CLOSED');
      refuses(() => promote(id), 'DISCOVERY_CLOSED');
      refuses(() => promote('nobody'), 'NOT_FOUND');
      refuses(() => kernel.write((u) => promoteDiscovery(u, id, { beadId: '' })), 'INVALID_ARGUMENT');
    });
  });

  it('are dismissed once, and asking again changes nothing', () => {
    const { id } = submit();
    kernel.clock.advance(1);
    assert.deepEqual([dismiss(id).status, get(id).reviewedAt], ['dismissed', TEST_START_SEC + 1]);
    assert.deepEqual(lastEvent(), ['discovery.dismissed', id, 'new', 'dismissed', `{"id":"${id}"}`]);
    const before = dumpDatabase(kernel.kernel);
    dismiss(id);
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
    refuses(() => dismiss('nobody'), 'NOT_FOUND');
  });

  it('obey their machine from every status to every other', () => {
    const go: Record<string, (id: string) => unknown> = {
      scored: (id) => score(id, 0.9),
      promoted: (id) => promote(id, true).outcome === 'promoted' || assert.fail('not promoted'),
      dismissed: (id) => dismiss(id),
    };
    for (const from of DISCOVERY_STATUSES) {
      for (const [to, move] of Object.entries(go)) {
        if (from === to) continue;
        const { id } = submit();
        kernel.exec(`UPDATE discoveries SET status = '${from}' WHERE id = '${id}'`);
        if (NEXT_DISCOVERY_STATUSES[from].includes(to as DiscoveryStatus)) {
          move(id);
          assert.equal(get(id).status, to);
        } else {
          refuses(() => move(id), 'DISCOVERY_CLOSED');
        }
      }
    }
  });

  it('gather feedback of any kind', () => {
    const { id } = submit();
    kernel.write((u) => recordFeedback(u, id, { signal: 'boost' }));
    kernel.write((u) => recordFeedback(u, id, { signal: 'note', data: '{"a": 1}', actor: 'ann' }));
    const rows = dumpDatabase(kernel.kernel)['feedback_signals'] ?? [];
    assert.deepEqual(
      rows.map((row) => [row['discovery_id'], row['signal_type'], row['signal_data'], row['actor'], row['created_at']]),
      [
        [id, 'boost', '{}', 'system', TEST_START_SEC],
        [id, 'note', '{"a": 1}', 'ann', TEST_START_SEC],
      ],
    );
    assert.deepEqual(lastEvent(), ['feedback.recorded', id, '', '', `{"discovery_id":"${id}","signal_type":"note"}`]);
    refuses(() => kernel.write((u) => recordFeedback(u, 'nobody', { signal: 's' })), 'NOT_FOUND');
    refuses(() => kernel.write((u) => recordFeedback(u, id, { signal: '' })), 'INVALID_ARGUMENT');
    refuses(() => kernel.write((u) => recordFeedback(u, id, { signal: 's', data: 'x' })), 'INVALID_ARGUMENT');
  });

  describe('decay', () => {
    const decay = (rate: number, minAgeSec?: number): number =>
      kernel.write((u) => decayDiscoveries(u, { rate, ...(minAgeSec === undefined ? {} : { minAgeSec }) }));

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
      assert.deepEqual([get(old).relevanceScore, get(old).confidenceTier, get(old).status], [0.75, 'medium', 'new']);
      assert.deepEqual([get(scored).confidenceTier, get(scored).status], ['low', 'scored']);
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
    assert.deepEqual([discoveries.length, invalid[0]?.id, invalid[0]?.column], [2, high, 'status']);
  });

  describe('search', () => {
    const find = (input: Partial<Parameters<typeof searchDiscoveries>[1]> = {}) =>
      kernel.read((r) => searchDiscoveries(r, { embedding: floats(1, 0), ...input }));

    it('finds the most similar first, by id where equal, of those with an embedding', () => {
      submit();
      const a = submit({ embedding: floats(0, 1), score: 0.9 }).id;
      const b = submit({ embedding: floats(1, 1) }).id;
      const c = submit({ embedding: floats(3, 0), source: 'hn' }).id;
      const d = submit({ embedding: floats(1, 0, 0) }).id;
      assert.deepEqual(
        find().map((match) => match.discovery.id),
        [c, b, ...[a, d].sort()],
      );
      assert.equal(find()[0]?.similarity, 1);
      assert.deepEqual(
        find({ limit: 1 }).map((match) => match.discovery.id),
        [c],
      );
      assert.deepEqual(
        find({ source: 'hn' }).map((match) => match.discovery.id),
        [c],
      );
      assert.deepEqual(
        find({ minScore: 0.5 }).map((match) => match.discovery.id),
        [a],
      );
      for (let n = 0; n < 10; n += 1) submit({ embedding: floats(1, 0) });
      assert.equal(find().length, 10);
    });

    it('has a likeness that is symmetric, bounded and blind to length', () => {
      const vector = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 3, maxLength: 3 });
      fc.assert(
        fc.property(vector, vector, (x, y) => {
          const [a, b] = [floats(...x), floats(...y)];
          const likeness = cosine(a, b);
          assert.ok(Math.abs(likeness) <= 1 + 1e-9);
          assert.equal(likeness, cosine(b, a));
          assert.ok(Math.abs(likeness - cosine(floats(...x.map((v) => v * 2)), b)) < 1e-6);
        }),
      );
      assert.equal(cosine(floats(1, 2), floats(1, 2, 3)), 0);
      assert.equal(cosine(floats(0, 0), floats(1, 2)), 0);
      assert.equal(cosine(floats(NaN, 1), floats(1, 2)), 0);
    });

    it('reads vectors that start anywhere in memory', () => {
      const shifted = new Uint8Array([9, ...floats(1, 0)]).subarray(1);
      assert.equal(cosine(shifted, floats(2, 0)), 1);
    });

    it('refuses embeddings that are no floats', () => {
      assert.throws(() => find({ embedding: new Uint8Array(5) }), { code: 'INVALID_ARGUMENT' });
    });
  });

  describe('are judged by a profile that', () => {
    it('is empty until it is stored, and keeps the vector of other programs', () => {
      const empty = { keywordWeights: '{}', sourceWeights: '{}', updatedAt: 0 };
      assert.deepEqual(kernel.read(interestProfile), empty);
      kernel.exec(`INSERT INTO interest_profile (id, topic_vector) VALUES (1, X'0102')`);
      const weights = { keywordWeights: '{"a": 1}', sourceWeights: '{}' };
      const stored = kernel.write((u) => updateInterestProfile(u, weights));
      assert.deepEqual(stored, { ...weights, updatedAt: TEST_START_SEC });
      const row = dumpDatabase(kernel.kernel)['interest_profile']?.[0];
      assert.deepEqual(row?.['topic_vector'], new Uint8Array([1, 2]));
    });

    it('must be JSON', () => {
      const weights = { keywordWeights: 'a=1', sourceWeights: '{}' };
      refuses(() => kernel.write((u) => updateInterestProfile(u, weights)), 'INVALID_ARGUMENT');
    });
  });
});
