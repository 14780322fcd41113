import assert from 'node:assert/strict';
import fc from 'fast-check';
import { byDay, dayKey, Formats, headline, literalMarkdown } from '../../../src/views/rows/format';
import { ENGLISH } from '../../support/records/viewFixture';

const formats = new Formats(ENGLISH, 'en-US');

describe('figures for people', () => {
  it('gathers by the local day exactly what has that day, in order', () => {
    const moment = fc.oneof(
      fc.integer({ min: 1_600_000_000, max: 1_600_900_000 }),
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: 253_402_300_790, max: Number.MAX_SAFE_INTEGER }),
    );
    fc.assert(
      fc.property(fc.array(moment), (moments) => {
        const newestFirst = moments.sort((a, b) => b - a);
        const days = byDay(newestFirst, (one) => one);
        const expected = new Map<string, number[]>();
        for (const one of newestFirst) expected.set(dayKey(one), [...(expected.get(dayKey(one)) ?? []), one]);
        assert.deepEqual([...days], [...expected]);
      }),
    );
  });

  it('shows a number that is no moment as it is', () => {
    assert.equal(formats.moment(Number.MAX_SAFE_INTEGER), '9007199254740991');
    assert.equal(formats.time(-1), '-1');
    assert.equal(formats.day(dayKey(-1)), 'Day unknown');
  });

  it('writes lengths of time in two units', () => {
    assert.deepEqual(
      [0, 59, 60, 3599, 3600, 90_000].map((seconds) => formats.duration(seconds)),
      ['0 s', '59 s', '1 min 0 s', '59 min 59 s', '1 h 0 min', '25 h 0 min'],
    );
  });

  it('escapes everything that Markdown reads, and keeps the words', () => {
    const odd = '$(bug) **x** <b> [y](command:z) https://a.b `c` & d@e.f';
    assert.equal(literalMarkdown(odd).replace(/\\(.)/g, '$1'), odd);
    assert.doesNotMatch(literalMarkdown(odd), /(?<!\\)[^\w\s\\]/);
    assert.equal(literalMarkdown(' # one\n\n- two '), '\\# one \\- two');
  });

  it('takes the first line of a text and cuts it between characters', () => {
    assert.equal(headline('  one\ntwo'), 'one');
    assert.equal(headline('\n'), '');
    assert.equal(headline('😀😀😀😀', 6), '😀😀…');
  });
});
