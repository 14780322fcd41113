import assert from 'node:assert/strict';
import { minuteOf } from '../../../../src/services/attention/items/minutes';

describe('the time in what needs a person', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  for (const [name, shown] of [
    ['UTC', '2026-11-29 15:35 UTC'],
    ['Europe/Berlin', '2026-11-29 16:35 UTC+01:00'],
    ['America/St_Johns', '2026-11-29 12:05 UTC-03:30'],
    ['Asia/Kathmandu', '2026-11-29 21:20 UTC+05:45'],
  ] as const) {
    it(`is that of the machine's clock, with its zone: ${name}`, () => {
      process.env['TZ'] = name;
      assert.equal(minuteOf(Date.UTC(2026, 10, 29, 15, 35, 12) / 1000), shown);
    });
  }
});
