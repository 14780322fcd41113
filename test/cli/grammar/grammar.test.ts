import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { parseArgs, splitArgv, UsageError, type FlagSpec } from '../../../src/cli/grammar/argv';
import { formatDuration, parseDuration } from '../../../src/cli/grammar/duration';
import { rfc3339 } from '../../../src/cli/grammar/timestamps';
import { suggestion } from '../../../src/cli/command/usage';
import { booleanOf, integerOf } from '../../../src/cli/grammar/values';

describe('the grammar of the command line', () => {
  it('finds global flags at any position', () => {
    const { flags, words } = splitArgv([
      'run',
      '--json',
      'list',
      '--db',
      'a.db',
      '--timeout=2s',
      '--active',
      '--verbose',
    ]);
    assert.deepEqual(words, ['run', 'list', '--active']);
    assert.deepEqual(flags, { db: 'a.db', timeoutMs: 2000, limitMs: 2000, verbose: true, json: true, help: false });
  });

  it('keeps a trailing --db without a value as a word', () => {
    assert.deepEqual(splitArgv(['run', '--db']).words, ['run', '--db']);
  });

  it('treats a timeout of zero or less as 100 ms, and refuses an invalid one', () => {
    assert.equal(splitArgv(['--timeout=0']).flags.timeoutMs, 100);
    assert.equal(splitArgv(['--timeout=-3s']).flags.timeoutMs, 100);
    assert.throws(() => splitArgv(['--timeout=5']), UsageError);
  });

  it('accepts --flag=value, the spaced form only where allowed, and switches only without a value', () => {
    const specs: FlagSpec[] = [
      { name: 'goal', value: 'TEXT', doc: '' },
      { name: 'ttl', value: 'D', doc: '', spaced: true },
      { name: 'active', doc: '', alias: '-a' },
    ];
    const args = parseArgs(['x', '--goal=a=b', '--ttl', '5s', '-a', '--goal', 'y', '--active=1', '--nope'], specs);
    assert.deepEqual(args.positionals, ['x', 'y']);
    assert.deepEqual(
      [...args.values],
      [
        ['goal', 'a=b'],
        ['ttl', '5s'],
      ],
    );
    assert.deepEqual([...args.switches], ['active']);
    assert.deepEqual(args.unknown, ['--goal', '--active=1', '--nope']);
  });

  it('reads durations as the original does', () => {
    const cases: readonly (readonly [string, number | undefined])[] = [
      ['1h30m', 5_400_000],
      ['500ms', 500],
      ['1.5s', 1500],
      ['.5s', 500],
      ['0', 0],
      ['-2s', -2000],
      ['5', undefined],
      ['', undefined],
      ['1d', undefined],
      ['s', undefined],
      ['1s ', undefined],
    ];
    for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
  });

  it('prints durations as the original does', () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, '0s'],
      [400, '400ms'],
      [2000, '2s'],
      [60_000, '1m0s'],
      [3_605_000, '1h0m5s'],
    ];
    for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
  });

  it('reads back every duration it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400_000_000 }), (ms) => {
        assert.equal(Math.round(parseDuration(formatDuration(ms)) ?? -1), ms);
      }),
    );
  });

  it('accepts exactly the integers and booleans of the original', () => {
    const args = (value: string): ReturnType<typeof parseArgs> =>
      parseArgs([`--n=${value}`], [{ name: 'n', value: 'N', doc: '' }]);
    const bounds = { min: 1, max: 5, wanted: '1-5' };
    assert.equal(integerOf(args('+3'), 'n', bounds), 3);
    for (const bad of ['0', '6', '3.0', ' 3', '1_0', 'x']) {
      assert.throws(() => integerOf(args(bad), 'n', bounds), { message: `invalid n (1-5): ${bad}` });
    }
    assert.equal(booleanOf(args('T'), 'n'), true);
    assert.equal(booleanOf(args('False'), 'n'), false);
    assert.throws(() => booleanOf(args('yes'), 'n'), UsageError);
  });

  it('suggests a similar word, and none if no word is similar', () => {
    assert.equal(suggestion('advnace', ['advance', 'cancel']), 'advance');
    assert.equal(suggestion('frobnicate', ['advance', 'cancel']), undefined);
  });

  it('prints times in the time zone of the process', () => {
    assert.match(rfc3339(1_795_229_258_000), /^2026-11-2\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
  });
});
