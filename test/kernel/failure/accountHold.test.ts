import assert from 'node:assert/strict';
import { heldUntilMs, isHeld } from '../../../src/kernel/failure/accountHold';

const NOW = Date.parse('2026-11-28T22:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const limit = {
  class: 'usageLimit',
  resetsAt: null,
  startedMs: NOW - 60 * MINUTE,
  tries: 1,
  nowMs: NOW,
  chance: 0,
} as const;

describe('a limit', () => {
  it('holds until the time that the agent named, and a little longer by chance', () => {
    const resetsAt = NOW / 1000 + 7200;
    assert.equal(heldUntilMs({ ...limit, resetsAt }), NOW + 120 * MINUTE);
    const later = heldUntilMs({ ...limit, resetsAt, chance: 0.999 });
    assert.ok(later > NOW + 120 * MINUTE && later <= NOW + 121 * MINUTE);
  });

  it('holds for a pause that grows where the time is unknown, past at the start, or more than 32 days away', () => {
    for (const resetsAt of [null, 0, NOW / 1000 - 3611, NOW / 1000 + (33 * DAY) / 1000]) {
      const pauses = [1, 2, 3, 10].map((tries) => (heldUntilMs({ ...limit, resetsAt, tries }) - NOW) / MINUTE);
      assert.deepEqual(pauses, [5, 10, 20, 60], String(resetsAt));
    }
    assert.equal(heldUntilMs({ ...limit, class: 'rateLimit' }) - NOW, MINUTE);
  });

  it('whose time passed before the ending was judged holds for seconds, however often it was met', () => {
    for (const resetsAt of [NOW / 1000, NOW / 1000 - 1, NOW / 1000 - 3600]) {
      const ends = [0, 0.999].map((chance) => heldUntilMs({ ...limit, resetsAt, tries: 4, chance }));
      assert.deepEqual(ends, [NOW, NOW + 4995], String(resetsAt));
    }
  });

  it('whose time passed between the start of the agent and the record of it holds for seconds', () => {
    for (const late of [1, 5, 10]) assert.equal(heldUntilMs({ ...limit, resetsAt: NOW / 1000 - 3600 - late }), NOW);
  });

  it('is over when its time has come, whatever the clock did meanwhile', () => {
    const hold = { sinceMs: NOW, untilMs: NOW + MINUTE };
    assert.deepEqual([isHeld(hold, NOW), isHeld(hold, NOW + MINUTE)], [true, false]);
    assert.deepEqual([isHeld(hold, NOW - 4 * MINUTE), isHeld(hold, NOW - 6 * MINUTE)], [true, false]);
    assert.equal(isHeld({ sinceMs: NOW, untilMs: null }, NOW + 30 * DAY), true);
  });
});
