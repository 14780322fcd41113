import assert from 'node:assert/strict';
import { resetTimeIn } from '../../../src/kernel/failure/resetTime';

const sec = (iso: string): number => Date.parse(iso) / 1000;

const AT = ['2026-11-28T22:00:00Z', 'UTC'] as const;

/** Now, the zone of the machine, what was printed, when that is. */
const CASES: readonly (readonly [now: string, zone: string, text: string, expected: string | undefined])[] = [
  ['2026-11-28T22:00:00Z', 'UTC', "You've hit your session limit · resets 3am", '2026-11-29T03:00:00Z'],
  ['2026-11-28T22:00:00Z', 'America/New_York', 'session limit · resets 3am', '2026-11-29T08:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'limit · resets 3:30pm (Europe/Berlin)', '2026-11-29T14:30:00Z'],
  ['2026-11-28T10:00:00Z', 'UTC', 'limit · resets 3:30pm (Europe/Berlin)', '2026-11-28T14:30:00Z'],
  ['2026-10-05T10:00:00Z', 'UTC', 'weekly limit · resets Oct 7 at 9am', '2026-10-07T09:00:00Z'],
  ['2026-10-05T10:00:00Z', 'UTC', 'weekly limit · resets Oct 7, 9:15am (Asia/Tokyo)', '2026-10-07T00:15:00Z'],
  ['2026-12-31T10:00:00Z', 'UTC', 'spend limit · resets Jan 2', '2027-01-02T00:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'Claude AI usage limit reached|1712345678', '2024-04-05T19:34:38Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'limit reached|1796000000000', '2026-11-30T00:53:20Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'Try again in 5 minutes.', '2026-11-28T22:05:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'try again in 1 day 2 hours 3 minutes', '2026-11-30T00:03:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'Please try again in 1.5s.', '2026-11-28T22:00:02Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'limit · resets in 2h 15m', '2026-11-29T00:15:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'retry-after: 30', '2026-11-28T22:00:30Z'],
  ['2026-11-28T22:00:00Z', 'UTC', '{"resets_in_seconds":3600}', '2026-11-28T23:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', '{"resets_at":1796000000}', '2026-11-30T00:53:20Z'],
  ['2026-11-28T22:00:00Z', 'UTC', "You've hit your usage limit. Try again at 4:12 PM.", '2026-11-29T16:12:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'or try again at Jan 3rd, 2027 4:12 PM.', '2027-01-03T16:12:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets at 2026-11-29T03:00:00Z', '2026-11-29T03:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets Mon 9am', '2026-11-30T09:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets 23:15', '2026-11-28T23:15:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets 12am', '2026-11-29T00:00:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets 12pm', '2026-11-29T12:00:00Z'],
  // Just passed: the time that was meant, so work continues now.
  ['2026-11-28T03:00:30Z', 'UTC', 'resets 3am', '2026-11-28T03:00:00Z'],
  // The clocks change in the night between: 3am is 25 and 23 hours after 3am.
  ['2026-10-24T18:00:00Z', 'Europe/Berlin', 'resets 3am', '2026-10-25T02:00:00Z'],
  ['2026-03-28T18:00:00Z', 'Europe/Berlin', 'resets 3am', '2026-03-29T01:00:00Z'],
  // A time that the clocks skip.
  ['2026-03-28T18:00:00Z', 'Europe/Berlin', 'resets 2:30am', '2026-03-29T01:30:00Z'],
  ['2026-11-28T22:00:00Z', 'UTC', 'limit · resets 3am (Nowhere/Atall)', '2026-11-29T03:00:00Z'],
  // As Claude Code wrote it before.
  [...AT, 'Claude usage limit reached. Your limit will reset at 7pm (Europe/Berlin)', '2026-11-29T18:00:00Z'],
  [...AT, '5-hour limit reached \u2219 resets 3pm', '2026-11-29T15:00:00Z'],
  [...AT, 'Opus weekly limit reached \u2219 resets Dec 6, 1pm', '2026-12-06T13:00:00Z'],
  [...AT, 'specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.', '2026-12-01T00:00:00Z'],
  // Dates of other forms, and zones by letters and by hours.
  [...AT, 'resets 2026-12-01 09:30', '2026-12-01T09:30:00Z'],
  [...AT, 'resets on 2026-12-01', '2026-12-01T00:00:00Z'],
  [...AT, 'will reset at 2026-11-29 03:00:00+02:00', '2026-11-29T01:00:00Z'],
  [...AT, 'resets 2 Dec at 9am', '2026-12-02T09:00:00Z'],
  [...AT, 'resets 2 December 2026, 09:00', '2026-12-02T09:00:00Z'],
  [...AT, 'resets tomorrow at 9am', '2026-11-29T09:00:00Z'],
  [...AT, 'resets 11pm tomorrow', '2026-11-29T23:00:00Z'],
  [...AT, 'resets at noon', '2026-11-29T12:00:00Z'],
  [...AT, 'resets at midnight', '2026-11-29T00:00:00Z'],
  [...AT, 'try again after 2:30 pm', '2026-11-29T14:30:00Z'],
  [...AT, 'resets 3am PST', '2026-11-29T11:00:00Z'],
  [...AT, 'resets 3am UTC+2', '2026-11-29T01:00:00Z'],
  [...AT, 'resets 3am (GMT-5)', '2026-11-29T08:00:00Z'],
  [...AT, 'Retry-After: Wed, 02 Dec 2026 07:28:00 GMT', '2026-12-02T07:28:00Z'],
  // Numbers.
  [...AT, 'resets at 1796000000', '2026-11-30T00:53:20Z'],
  [...AT, 'reset at 1796000000123', '2026-11-30T00:53:20Z'],
  [...AT, 'resets in 3 hours and 20 minutes', '2026-11-29T01:20:00Z'],
  [...AT, 'try again in about an hour', '2026-11-28T23:00:00Z'],
  [...AT, 'Please wait 5 minutes before trying again', '2026-11-28T22:05:00Z'],
  [...AT, 'retry-after-ms: 1500', '2026-11-28T22:00:02Z'],
  // What is no time.
  [...AT, 'resets Feb 31 at 3pm', undefined],
  [...AT, 'resets 2026-13-45', undefined],
  [...AT, 'resets in 99999999999 hours', undefined],
  [...AT, 'resets in -5 minutes', undefined],
  [...AT, 'resets soon', undefined],
  ['2026-11-28T22:00:00Z', 'UTC', 'You are out of credits.', undefined],
  ['2026-11-28T22:00:00Z', 'UTC', 'retry 3 times', undefined],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets 25:99', undefined],
  ['2026-11-28T22:00:00Z', 'UTC', 'resets 13pm', undefined],
  ['2026-11-28T22:00:00Z', 'UTC', '', undefined],
];

describe('the time at which a limit resets', () => {
  for (const [now, timeZone, text, expected] of CASES) {
    it(`is ${expected ?? 'unknown'} for “${text}” at ${now} in ${timeZone}`, () => {
      const found = resetTimeIn(text, { nowMs: Date.parse(now), timeZone });
      const shown = found === undefined ? undefined : new Date(found * 1000).toISOString();
      assert.equal(shown, expected === undefined ? undefined : new Date(sec(expected) * 1000).toISOString());
    });
  }

  it('is found quickly in a long text full of anchors', () => {
    const started = performance.now();
    resetTimeIn('resets try again in 5 '.repeat(2000), { nowMs: 0, timeZone: 'UTC' });
    assert.ok(performance.now() - started < 2000);
  });
});
