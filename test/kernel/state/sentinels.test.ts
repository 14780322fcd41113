import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkSentinel,
  listSentinels,
  pruneSentinels,
  resetSentinel,
  SENTINEL_KEPT_SEC,
} from '../../../src/kernel/state/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

describe('sentinels', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const touchedRest = (): boolean | undefined => kernel.touched?.other;

  const check = (intervalSec: number, scopeId = 's', name = 'n'): boolean =>
    kernel.write((u) => checkSentinel(u, { name, scopeId, intervalSec }));

  it('let one caller through for each interval', () => {
    assert.equal(check(10), true);
    assert.equal(touchedRest(), true);
    kernel.clock.advance(9);
    assert.equal(check(10), false);
    assert.equal(touchedRest(), false);
    kernel.clock.advance(1);
    assert.equal(check(10), true);
    assert.equal(check(10), false);
  });

  it('with interval 0 let one caller through until they are reset', () => {
    assert.equal(check(0), true);
    kernel.clock.advance(1000);
    assert.equal(check(0), false);
    assert.equal(
      kernel.write((u) => resetSentinel(u, 'n', 's')),
      true,
    );
    assert.equal(
      kernel.write((u) => resetSentinel(u, 'n', 's')),
      false,
    );
    assert.equal(check(0), true);
  });

  it('take the interval of each call, not of the last', () => {
    check(0);
    kernel.clock.advance(5);
    assert.equal(check(6), false);
    assert.equal(check(5), true);
  });

  it('are apart by name and scope', () => {
    assert.equal(check(0, 'b'), true);
    assert.equal(check(0, 'a'), true);
    assert.equal(check(0, 'a', 'm'), true);
    assert.deepEqual(kernel.read(listSentinels), [
      { name: 'm', scopeId: 'a', lastFired: TEST_START_SEC },
      { name: 'n', scopeId: 'a', lastFired: TEST_START_SEC },
      { name: 'n', scopeId: 'b', lastFired: TEST_START_SEC },
    ]);
  });

  it('fire the first time however long the interval', () => {
    assert.equal(check(3_000_000_000), true);
    assert.equal(check(3_000_000_000), false);
  });

  it('are forgotten after seven days, by any check', () => {
    check(0, 'old');
    kernel.clock.advance(SENTINEL_KEPT_SEC);
    check(0, 'new');
    assert.equal(kernel.read(listSentinels).length, 2);
    kernel.clock.advance(1);
    assert.equal(check(0, 'new'), false);
    assert.deepEqual(
      kernel.read(listSentinels).map((s) => s.scopeId),
      ['new'],
    );
  });

  it('are pruned by age', () => {
    check(0, 'old');
    kernel.clock.advance(61);
    check(0, 'new');
    assert.equal(
      kernel.write((u) => pruneSentinels(u, 60)),
      1,
    );
    assert.deepEqual(
      kernel.read(listSentinels).map((s) => s.scopeId),
      ['new'],
    );
  });

  it('refuse bad arguments and change nothing', () => {
    const before = dumpDatabase(kernel.kernel);
    for (const bad of [-1, 0.5, NaN, 1e12]) assert.throws(() => check(bad), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => check(1, 'a\0'), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => check(1, 's', 'n'.repeat(1025)), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => kernel.write((u) => pruneSentinels(u, -1)), { code: 'INVALID_ARGUMENT' });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });

  it('never let two callers through within the interval, whatever the calls', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (waits, intervalSec) => {
        const scopeId = `${waits.join()}/${intervalSec}`;
        let last: number | undefined;
        for (const wait of waits) {
          kernel.clock.advance(wait);
          const now = kernel.clock.now;
          assert.equal(check(intervalSec, scopeId), last === undefined || now - last >= intervalSec);
          if (last === undefined || now - last >= intervalSec) last = now;
        }
      }),
      { numRuns: 50 },
    );
  });
});
