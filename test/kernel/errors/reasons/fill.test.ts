/** Placeholders of templates: what takes their place, and what is next to it. */
import assert from 'node:assert/strict';
import { fill } from '../../../../src/kernel/errors/reasons/fill';

describe('the placeholders of a text', () => {
  it('are filled with facts, and stay where there is none', () => {
    assert.equal(fill('{a} of {b}: {c}', { a: 1, b: 'x' }), '1 of x: {c}');
  });

  it('end a sentence once, also where the fact is a sentence', () => {
    const texts = ['not found', 'The disk is full.', 'Is it there?', 'It stopped!', 'cut off…'];
    assert.deepEqual(
      texts.map((problem) => fill('It failed: {problem}.', { problem })),
      [
        'It failed: not found.',
        'It failed: The disk is full.',
        'It failed: Is it there?',
        'It failed: It stopped!',
        'It failed: cut off…',
      ],
    );
  });

  it('keep every other mark beside a fact', () => {
    const facts = { file: 'a.', problem: 'No.' };
    assert.equal(fill('{file}.bak ({problem}), {file}', facts), 'a..bak (No.), a.');
  });
});
