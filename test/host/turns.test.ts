import assert from 'node:assert/strict';
import { readAmong } from '../../src/host/turns';
import { atOnce } from '../support/tasks/steps';

/** Keeps the loop to itself, as reading long rows does. */
function takeMs(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('reading in steps', () => {
  const ids = Array.from({ length: 250 }, (_, index) => index);

  const chunksOf = (msOfRow: number): number[] => {
    const chunks: number[] = [];
    const steps = readAmong(ids, (some) => {
      takeMs(msOfRow * some.length);
      chunks.push(some.length);
      return some;
    });
    assert.deepEqual(atOnce(steps), ids);
    return chunks;
  };

  it('takes few rows in a step where each takes long', () => {
    const [first = 0, ...others] = chunksOf(1);
    assert.ok(others.every((rows) => rows < first / 2));
    assert.equal(others[0], 10);
  });

  it('reads every row once, in the order of the ids', () => {
    const chunks = chunksOf(0);
    assert.equal(
      chunks.reduce((sum, rows) => sum + rows, 0),
      ids.length,
    );
  });
});
