import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../src/kernel/errors/errors';
import {
  deleteState,
  getState,
  listStateScopes,
  pruneState,
  readState,
  setState,
  type SetStateInput,
} from '../../../src/kernel/state/service';
import * as z from 'zod';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';

describe('state', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const touchedRest = (): boolean | undefined => kernel.touched?.other;

  const set = (input: Partial<SetStateInput>): void => {
    kernel.write((u) => setState(u, { key: 'k', scopeId: 's', payload: '1', ...input }));
  };
  const payloadOf = (key: string, scopeId: string): string | undefined =>
    kernel.read((r) => getState(r, key, scopeId)?.payload);

  /** The command fails with this problem and leaves every row as it was. */
  const refuses = (input: Partial<SetStateInput>, argument: string, problem: RegExp): void => {
    const before = dumpDatabase(kernel.kernel);
    assert.throws(
      () => set(input),
      (error) => {
        assert.ok(KernelError.is(error, 'INVALID_ARGUMENT'), String(error));
        assert.equal(error.facts.argument, argument);
        assert.match(error.facts.problem.text, problem);
        return true;
      },
    );
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  };

  describe('payloads', () => {
    it('come back byte for byte as they were given', () => {
      fc.assert(
        fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom('', ' ', '\n\t'), (json, space) => {
          fc.pre(!/\p{Surrogate}/u.test(json));
          set({ payload: `${space}${json}${space}` });
          assert.equal(payloadOf('k', 's'), json);
        }),
        { numRuns: 200 },
      );
    });

    it('lose the white space around them that the original cuts off, and no other character', () => {
      for (const space of [' ', '\v', '\f', '\u0085', '\u00A0', '\u2003', '\u3000']) {
        set({ payload: `${space}{}${space}` });
        assert.equal(payloadOf('k', 's'), '{}');
      }
      for (const payload of ['\uFEFF{}', '{}\uFEFF', '\u200B{}']) refuses({ payload }, 'payload', /invalid JSON/);
    });

    it('have no number that is greater than every float, as the original has none', () => {
      const long = '9'.repeat(400);
      for (const number of ['1e999', '-1e309', '1E+400', '0.1e999', long, `${'9'.repeat(250)}e99`]) {
        refuses({ payload: `{"a":[${number}]}` }, 'payload', /invalid JSON/);
      }
      for (const payload of ['1e308', '1e-999', '"1e999"', '{"1e999":"\\\\1e999"}', `"${long}"`, '[1e30,2E+30]']) {
        set({ payload });
        assert.equal(payloadOf('k', 's'), payload);
      }
    });

    it('keep their inner spacing, key order and number spelling', () => {
      const payload = '{ "b" : 1.50e+3,\n  "a": "\\u00e9é→" , "b": 2}';
      set({ payload });
      assert.equal(payloadOf('k', 's'), payload);
    });

    it('may be any JSON value but not empty, broken or half a character', () => {
      for (const payload of ['null', '"x"', '0', '[]', 'true']) set({ payload });
      for (const payload of ['', '  ', '{', "{'a':1}", '[1,]', 'undefined', '1 2', '"\u0001"', '"\ud800"', '"\0"']) {
        refuses({ payload }, 'payload', /invalid JSON payload/);
      }
    });

    it('may nest 20 levels and no deeper', () => {
      const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
      set({ payload: nested(20) });
      refuses({ payload: nested(21) }, 'payload', /nesting too deep/);
      refuses({ payload: '{"a":'.repeat(21) + '1' + '}'.repeat(21) }, 'payload', /nesting too deep/);
      refuses({ payload: nested(200_000) }, 'payload', /nesting too deep/);
      set({ payload: `[${Array(50).fill('[[]]').join(',')}]` });
    });

    it('count bytes, not characters, against the limits', () => {
      const filler = Array(10)
        .fill(`"${'x'.repeat(100_000)}"`)
        .join(',');
      const padded = (bytes: number): string => `[${filler}${' '.repeat(bytes - filler.length - 2)}]`;
      assert.equal(padded(1_048_576).length, 1_048_576);
      set({ payload: padded(1_048_576) });
      refuses({ payload: padded(1_048_577) }, 'payload', /payload too large/);
      set({ payload: `"${'x'.repeat(102_400)}"` });
      refuses({ payload: `"${'x'.repeat(102_401)}"` }, 'payload', /string too long/);
      set({ payload: `"${'é'.repeat(51_200)}"` });
      refuses({ payload: `"${'é'.repeat(51_201)}"` }, 'payload', /string too long/);
      refuses({ payload: `{"${'k'.repeat(102_401)}":1}` }, 'payload', /string too long/);
    });

    it('may hold 10000 scalars in one array, nested values not counted', () => {
      const list = (n: number, item: string): string => `[${Array(n).fill(item).join(',')}]`;
      set({ payload: list(10_000, '1') });
      refuses({ payload: list(10_001, '1') }, 'payload', /array too long/);
      refuses({ payload: list(10_001, '"s"') }, 'payload', /array too long/);
      set({ payload: list(10_001, '[]') });
      set({ payload: list(10_001, '{"a":1}') });
    });
  });

  describe('secrets', () => {
    // Put together here so that no scanner takes this file for a leak.
    const likely = [
      `sk-${'a1B2'.repeat(5)}`,
      `PK_${'a1B2'.repeat(5)}`,
      `ghp_${'a'.repeat(30)}`,
      `xoxb-${'1'.repeat(20)}`,
      `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.`,
      `AKIA${'A1'.repeat(8)}`,
      '-----BEGIN RSA PRIVATE' + ' KEY-----',
      '-----BEGIN PRIVATE' + ' KEY-----',
      'export PASSWORD = hunter2hunter2',
      'url?api_key=0123456789',
    ];
    const harmless = [
      `sk-${'a'.repeat(19)}`,
      `x sk-${'a1B2'.repeat(5)}`,
      `ghp_${'a'.repeat(29)}`,
      'the token: short',
      'a secret',
      'password:',
    ];

    it('are refused in values, in keys and in the elements of arrays', () => {
      for (const text of likely) {
        refuses({ payload: JSON.stringify(text) }, 'payload', /likely secret/);
        refuses({ payload: JSON.stringify({ a: [0, { b: text }] }) }, 'payload', /likely secret/);
        refuses({ payload: JSON.stringify({ [text]: 1 }) }, 'payload', /likely secret/);
      }
    });

    it('are found behind escapes and in keys that are repeated', () => {
      const key = `AKIA${'A1'.repeat(8)}`;
      refuses({ payload: `"\\u0041${key.slice(1)}"` }, 'payload', /likely secret/);
      refuses({ payload: `{"a":"${key}","a":"fine"}` }, 'payload', /likely secret/);
    });

    it('are never repeated in the message', () => {
      const key = `AKIA${'A1'.repeat(8)}`;
      assert.throws(
        () => set({ payload: JSON.stringify(key) }),
        (error: Error) => !error.message.includes('AKIA'),
      );
    });

    it('are not seen in harmless text, nor in a key and value that are apart', () => {
      for (const text of harmless) set({ payload: JSON.stringify(text) });
      set({ payload: '{"token":"abcdefghijk"}' });
    });
  });

  describe('keys', () => {
    it('are lowercase words joined by dots', () => {
      for (const key of ['a', 'budget.warning', 'relay-cursor', 'a..b', 'a.B:c'.toLowerCase(), `a${'b'.repeat(199)}`]) {
        set({ key });
        assert.deepEqual(
          kernel.read((r) => listStateScopes(r, key)),
          ['s'],
        );
      }
      refuses({ key: '' }, 'key', /must not be empty/);
      refuses({ key: `a${'b'.repeat(200)}` }, 'key', /too long: 201 chars/);
      for (const key of ['A', '1a', '.a', 'a b', 'a/b', 'a\n', 'ä', 'a.B']) refuses({ key }, 'key', /lowercase/);
    });

    it('are checked by reading and deleting too', () => {
      const refused = { code: 'INVALID_ARGUMENT' };
      assert.throws(() => kernel.read((r) => getState(r, 'A', 's')), refused);
      assert.throws(() => kernel.read((r) => listStateScopes(r, '')), refused);
      assert.throws(() => kernel.write((u) => deleteState(u, 'A', 's')), refused);
    });
  });

  describe('time to live', () => {
    it('hides an entry when it is over and lets pruning delete it', () => {
      set({ ttlSec: 10 });
      set({ scopeId: 'forever' });
      kernel.clock.advance(9);
      assert.equal(payloadOf('k', 's'), '1');
      kernel.clock.advance(1);
      assert.equal(payloadOf('k', 's'), undefined);
      assert.deepEqual(
        kernel.read((r) => listStateScopes(r, 'k')),
        ['forever'],
      );
      assert.equal(kernel.write(pruneState), 1);
      assert.equal(touchedRest(), true);
      assert.equal(kernel.write(pruneState), 0);
      assert.equal(touchedRest(), false);
    });

    it('is replaced with the entry', () => {
      set({ ttlSec: 10 });
      set({ payload: '2' });
      kernel.clock.advance(1000);
      assert.equal(payloadOf('k', 's'), '2');
    });

    it('is a positive number of whole seconds', () => {
      for (const ttlSec of [0, -1, 0.5, Infinity, NaN, 1e15]) refuses({ ttlSec }, 'ttlSec', /./);
    });

    it('of a cursor stored as 0 by the relay of another program means never', () => {
      kernel.exec(`INSERT INTO state VALUES ('relay-cursor', '/p/a', CAST('"42"' AS BLOB), 1, 0)`);
      const entry = kernel.read((r) => getState(r, 'relay-cursor', '/p/a'));
      assert.deepEqual(entry, { key: 'relay-cursor', scopeId: '/p/a', payload: '"42"', updatedAt: 1, expiresAt: null });
      assert.equal(kernel.write(pruneState), 0);
    });
  });

  it('keeps scopes apart, lists them sorted and deletes exactly one', () => {
    for (const scopeId of ['b', '', 'a:1', 'Ä']) set({ scopeId, payload: JSON.stringify(scopeId) });
    assert.deepEqual(
      kernel.read((r) => listStateScopes(r, 'k')),
      ['', 'a:1', 'b', 'Ä'],
    );
    assert.equal(
      kernel.write((u) => deleteState(u, 'k', 'b')),
      true,
    );
    assert.equal(
      kernel.write((u) => deleteState(u, 'k', 'b')),
      false,
    );
    assert.equal(payloadOf('k', 'a:1'), '"a:1"');
    assert.equal(payloadOf('k', 'b'), undefined);
  });

  it('refuses scopes that SQLite would not give back', () => {
    refuses({ scopeId: 'a\0b' }, 'scopeId', /NUL/);
    refuses({ scopeId: '\ud800' }, 'scopeId', /half char/);
    refuses({ scopeId: 'x'.repeat(4097) }, 'scopeId', /./);
  });

  it('names the row of a payload that is not text', () => {
    kernel.exec(`INSERT INTO state VALUES ('k', 'bad', X'FF', 1, NULL)`);
    assert.throws(() => kernel.read((r) => getState(r, 'k', 'bad')), { code: 'ROW_INVALID' });
  });

  it('reads the kernel’s own entries leniently', () => {
    const number = z.object({ used: z.int() });
    const read = (scopeId: string) => kernel.read((r) => readState(r, 'k', scopeId, number));
    set({ scopeId: 'good', payload: '{"used":3}' });
    set({ scopeId: 'shape', payload: '{"used":"3"}' });
    kernel.exec(`INSERT INTO state VALUES ('k', 'bytes', X'FF', 1, NULL), ('k', 'text', '{', 1, NULL)`);
    assert.deepEqual(read('good'), { used: 3 });
    for (const scopeId of ['shape', 'bytes', 'text', 'absent']) assert.equal(read(scopeId), undefined);
  });
});
