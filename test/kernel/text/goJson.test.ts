import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withSortedKeys } from '../../../src/kernel/text/deepJson';
import { encodeGoJson } from '../../../src/kernel/text/goJson';

describe('JSON as the original writes it', () => {
  it('escapes the special characters of HTML and line separators, and nothing else', () => {
    assert.equal(
      encodeGoJson({ a: 'x <b> & y → é\u2028\u2029"\\' }),
      '{"a":"x \\u003cb\\u003e \\u0026 y → é\\u2028\\u2029\\"\\\\"}',
    );
    assert.equal(
      encodeGoJson({ '<k>': [1, 135.0, 1e21, 1e-7, null, true] }),
      '{"\\u003ck\\u003e":[1,135,1e+21,1e-7,null,true]}',
    );
  });

  it('replaces broken UTF-16, and leaves text that only looks like it', () => {
    assert.equal(encodeGoJson('a\ud800b'), '"a\uFFFDb"');
    assert.equal(encodeGoJson('\\ud800 \u{1F680}'), '"\\\\ud800 \u{1F680}"');
  });

  it('indents', () => {
    assert.equal(encodeGoJson({ a: [], b: ['<'] }, 2), '{\n  "a": [],\n  "b": [\n    "\\u003c"\n  ]\n}');
  });

  it('says the same as plain JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        assert.deepEqual(JSON.parse(encodeGoJson(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  const DEEP = 20_000;
  const nested = (open: string, inner: string, close: string): string => open.repeat(DEEP) + inner + close.repeat(DEEP);

  for (const text of [nested('[', '1', ']'), nested('{"b":', '"<"', '}'), nested('[{"a":1,"b":', '[]', '}]')]) {
    it(`writes what is nested ${DEEP} levels deep: ${text.slice(0, 12)}`, () => {
      assert.equal(encodeGoJson(JSON.parse(text)), text.replace('<', '\\u003c'));
      const indented = encodeGoJson(JSON.parse(text), 2);
      assert.ok(indented.length < 200 * text.length);
      assert.equal(encodeGoJson(JSON.parse(indented)), text.replace('<', '\\u003c'));
    });
  }

  it('sorts keys at any depth, and keeps one that is named as the prototype', () => {
    const deep: unknown = JSON.parse(nested('{"b":', '1', ',"a":[2],"__proto__":{"d":1,"c":2}}'));
    const sorted = withSortedKeys(deep, () => false);
    assert.ok(encodeGoJson(sorted).startsWith('{"__proto__":{"c":2,"d":1},"a":[2],"b":{"__proto__"'));
  });

  it('writes deep values as shallow ones, without the runtime’s own writer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const wrapped: unknown = JSON.parse(nested('[', JSON.stringify(value), ']'));
        const [start, end] = ['['.repeat(DEEP), ']'.repeat(DEEP)];
        const text = encodeGoJson(wrapped, indent).replace(/\s+/g, '');
        assert.equal(text, start + encodeGoJson(value, indent).replace(/\s+/g, '') + end);
      }),
      { numRuns: 20 },
    );
  });
});
