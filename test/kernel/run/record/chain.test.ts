import assert from 'node:assert/strict';
import { parseChain } from '../../../../src/kernel/run/record/chain';

describe('a chain written as JSON', () => {
  it('is an array of names', () => {
    assert.deepEqual(parseChain(' ["a", "B_2", "c-3"] '), ['a', 'B_2', 'c-3']);
  });

  for (const json of [
    '',
    'a,b',
    '{"a":1}',
    '"ab"',
    'null',
    '[]',
    '["a"]',
    '["a",null]',
    '["a","a"]',
    '["a","b c"]',
    '["a","ä"]',
  ]) {
    it(`cannot be ${json === '' ? 'empty' : json}`, () => {
      assert.throws(() => parseChain(json), { code: 'INVALID_ARGUMENT' });
    });
  }
});
