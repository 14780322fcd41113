import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeGoJson } from '../../src/kernel/goJson';

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
});
