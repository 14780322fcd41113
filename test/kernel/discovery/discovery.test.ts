import assert from 'node:assert/strict';
import {
  DISCOVERY_STATUSES,
  type DiscoveryStatus,
  type SubmitDiscoveryInput,
} from '../../../src/kernel/discovery/model';
import { NEXT_DISCOVERY_STATUSES, tierOf } from '../../../src/kernel/discovery/rules';
import {
  listDiscoveries,
  promoteDiscovery,
  recordFeedback,
  submitDiscovery,
} from '../../../src/kernel/discovery/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';
import { discoveryVerbs, floats } from '../../support/records/discoveries';

describe('discoveries', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { submit, get, score, promote, dismiss, lastEvent, refuses } = discoveryVerbs(() => kernel);

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

    it('refuses what its source has already reported', () => {
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
      assert.deepEqual({ created: same.created, id: same.discovery.id }, { created: false, id: first.id });
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
      assert.deepEqual(
        { status: scored.status, relevanceScore: scored.relevanceScore, confidenceTier: scored.confidenceTier },
        { status: 'scored', relevanceScore: 0.9, confidenceTier: 'high' },
      );
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
      refuses(() => score('unknown', 0.5), 'NOT_FOUND');
    });
  });

  describe('promoting', () => {
    it('notes the bead', () => {
      const { id } = submit({ score: 0.5 });
      kernel.clock.advance(3);
      const { outcome, discovery } = promote(id);
      assert.equal(outcome, 'promoted');
      assert.deepEqual(
        { status: discovery.status, beadId: discovery.beadId, promotedAt: discovery.promotedAt },
        { status: 'promoted', beadId: 'bd-1', promotedAt: TEST_START_SEC + 3 },
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
      assert.deepEqual(
        { outcome: again.outcome, beadId: again.discovery.beadId },
        { outcome: 'already-promoted', beadId: 'bd-1' },
      );
      assert.deepEqual(dumpDatabase(kernel.kernel), before);
    });

    it('never brings back what was dismissed', () => {
      const { id } = submit({ score: 0.1 });
      dismiss(id);
      refuses(() => promote(id, true), 'DISCOVERY_CLOSED');
      refuses(() => promote(id), 'DISCOVERY_CLOSED');
      refuses(() => promote('unknown'), 'NOT_FOUND');
      refuses(() => kernel.write((u) => promoteDiscovery(u, id, { beadId: '' })), 'INVALID_ARGUMENT');
    });
  });

  it('are dismissed once, and asking again changes nothing', () => {
    const { id } = submit();
    kernel.clock.advance(1);
    assert.deepEqual(
      { status: dismiss(id).status, reviewedAt: get(id).reviewedAt },
      { status: 'dismissed', reviewedAt: TEST_START_SEC + 1 },
    );
    assert.deepEqual(lastEvent(), ['discovery.dismissed', id, 'new', 'dismissed', `{"id":"${id}"}`]);
    const before = dumpDatabase(kernel.kernel);
    dismiss(id);
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
    refuses(() => dismiss('unknown'), 'NOT_FOUND');
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
    refuses(() => kernel.write((u) => recordFeedback(u, 'unknown', { signal: 's' })), 'NOT_FOUND');
    refuses(() => kernel.write((u) => recordFeedback(u, id, { signal: '' })), 'INVALID_ARGUMENT');
    refuses(() => kernel.write((u) => recordFeedback(u, id, { signal: 's', data: 'x' })), 'INVALID_ARGUMENT');
  });
});
