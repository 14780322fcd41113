import assert from 'node:assert/strict';
import fc from 'fast-check';
import { interestProfile, updateInterestProfile } from '../../../src/kernel/discovery/profile';
import { cosine } from '../../../src/kernel/discovery/rules';
import { searchDiscoveries } from '../../../src/kernel/discovery/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';
import { discoveryVerbs, floats } from '../../support/records/discoveries';

describe('discoveries', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { submit, refuses } = discoveryVerbs(() => kernel);

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
        [c, b],
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
