import { strict as assert } from 'node:assert';
import { plainText } from '../../../src/kernel/input';
import { endOf, shortened, startOf, storableEnd, storableText } from '../../../src/kernel/text/storableText';

const FAMILY = '👨‍👩‍👧‍👦';
const FLAG = '🇩🇪';

describe('storable text', () => {
  it('is text that the record takes, whatever goes in', () => {
    const cases = [
      'a\0b',
      'half \ud83d',
      '\udc00 half',
      `${'x'.repeat(9)}😀`,
      '\ud83d\ud83d\ude00',
      '\0'.repeat(20),
      '',
    ];
    for (const text of cases) {
      for (const longest of [0, 1, 2, 5, 10, 11]) {
        for (const made of [storableText(text, longest), storableEnd(text, longest)]) {
          assert.equal(plainText.safeParse(made).success, true, JSON.stringify([text, longest, made]));
          assert.equal(made.length <= longest, true, JSON.stringify([text, longest, made]));
        }
      }
    }
  });

  it('shows where a NUL or half of a pair was, and leaves the rest as it is', () => {
    assert.equal(storableText('a\0b\ud83dc😀', 100), 'a\uFFFDb\uFFFDc😀');
  });

  it('keeps whole characters at the start', () => {
    assert.equal(startOf('abc😀', 4), 'abc');
    assert.equal(startOf('abc😀d', 5), 'abc😀');
    assert.equal(startOf(`ab${FAMILY}c`, 6), 'ab');
    assert.equal(startOf('abe\u0301', 3), 'ab');
    assert.equal(startOf(FLAG.repeat(5), 6), FLAG);
    assert.equal(startOf('a\r\nb', 2), 'a');
  });

  it('keeps whole characters at the end', () => {
    assert.equal(endOf('😀abc', 4), 'abc');
    assert.equal(endOf('x😀abc', 5), '😀abc');
    assert.equal(endOf(`${FAMILY}cd`, 6), 'cd');
    assert.equal(endOf(FLAG.repeat(5), 6), FLAG);
  });

  it('cuts inside a character that is longer than any word of a language', () => {
    const pile = `a${'\u0301'.repeat(5000)}`;
    assert.equal(startOf(pile, 200).length, 200);
    assert.equal(endOf(pile, 200).length, 200);
  });

  it('names the planner of a task whose title has an emoji at the limit', () => {
    const title = `${'x'.repeat(193)}😀 and more`;
    const name = startOf(`Plan: ${title}`, 200);
    assert.deepEqual(
      { success: plainText.safeParse(name).success, name },
      { success: true, name: `Plan: ${'x'.repeat(193)}` },
    );
  });

  it('marks a cut within the length', () => {
    assert.equal(shortened('abcdef', 6), 'abcdef');
    assert.equal(shortened('abcdefg', 6), 'abcde…');
    assert.equal(shortened(`abcd😀efg`, 6), 'abcd…');
    assert.equal(shortened(`abcd😀efg`, 6, ' …'), 'abcd …');
  });

  it('cuts a text of megabytes without reading it whole', () => {
    const text = 'x😀'.repeat(2_000_000);
    const started = performance.now();
    for (let round = 0; round < 200; round += 1) {
      assert.equal(startOf(text, 3_000_002).length, 3_000_001);
      assert.equal(endOf(text, 199).length, 198);
    }
    assert.equal(performance.now() - started < 2000, true);
  });
});
