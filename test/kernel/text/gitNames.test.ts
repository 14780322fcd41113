import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { refNameOf, shaOf } from '../../../src/kernel/text/gitNames';

describe('names for git', () => {
  it('takes an id of 40 or 64 lowercase hexadecimal digits', () => {
    assert.equal(shaOf('a'.repeat(40)), 'a'.repeat(40));
    assert.equal(shaOf('0'.repeat(64)), '0'.repeat(64));
  });

  for (const text of ['', 'HEAD', '--output=../x', 'A'.repeat(40), 'a'.repeat(39), `${'a'.repeat(40)}\n`]) {
    it(`refuses ${JSON.stringify(text)} as an id`, () => {
      assert.equal(shaOf(text), undefined);
    });
  }

  it('accepts no branch that git refuses', () => {
    const piece = fc.constantFrom(
      'a',
      '-',
      '.',
      '..',
      '/',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      '@{',
      '@',
      '.lock',
      ' ',
      '\u007f',
      'é',
      'HEAD',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const name = pieces.join('');
        if (refNameOf(name) === undefined) return;
        const git = spawnSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' });
        assert.equal(git.status, 0, name);
      }),
      { numRuns: 300 },
    );
  });

  it('accepts the branches that tasks make', () => {
    for (const name of ['main', 'feature/x', 'intercore/abc12345-add-login', 'release-1.2', 'ünïcode']) {
      assert.equal(refNameOf(name), name);
    }
  });
});
