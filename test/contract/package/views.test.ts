import assert from 'node:assert/strict';
import { documentUri, parseDocumentQuery, type DocumentTarget } from '../../../src/contract/pages/documents';
import { contextValue, ROW_FLAGS, viewItemPattern } from '../../../src/contract/views';

function matches(pattern: string, value: string): boolean {
  return new RegExp(pattern.slice(1, -1)).test(value);
}

describe('contract of the views', () => {
  it('matches a row by its kind and all the flags that are asked for, in any order', () => {
    const value = contextValue('run', ['active', 'blocked', 'writable']);
    assert.equal(value, 'intercore.run+active+blocked+writable');
    assert.ok(matches(viewItemPattern('run', ['writable', 'active']), value));
    assert.ok(!matches(viewItemPattern('run', ['manual']), value));
    assert.ok(!matches(viewItemPattern('dispatch', []), value));
  });

  it('has no flag that is part of another in front of a word boundary', () => {
    for (const [kind, flags] of Object.entries(ROW_FLAGS)) {
      for (const flag of flags) {
        assert.match(flag, /^[a-zA-Z]+$/, `${kind}+${flag}`);
        assert.equal(flags.filter((other) => matches(`/\\+${flag}\\b/`, `+${other}`)).length, 1, `${kind}+${flag}`);
      }
    }
  });

  it('does not take one kind for another whose name starts the same', () => {
    for (const kind of Object.keys(ROW_FLAGS)) {
      const matching = Object.keys(ROW_FLAGS).filter((other) =>
        matches(`/^intercore\\.${kind}\\b/`, `intercore.${other}`),
      );
      assert.deepEqual(matching, [kind]);
    }
  });

  it('reads back every document address it writes', () => {
    const ofRun = { folder: 'C:\\work\\a b?c#d%20', runId: 'x/y "z"' };
    const targets: DocumentTarget[] = [
      { kind: 'run', ...ofRun },
      { kind: 'gate', ...ofRun },
      { kind: 'events', ...ofRun },
      { kind: 'evidence', ...ofRun, eventId: 7 },
      { kind: 'log', folder: ofRun.folder, dispatchId: 'd&=+1' },
    ];
    for (const target of targets) {
      const address = new URL(documentUri(target));
      assert.deepEqual(parseDocumentQuery(decodeURIComponent(address.search.slice(1))), target);
    }
  });

  it('takes no foreign address for a document', () => {
    for (const query of ['', '{', '[]', '{"kind":"run"}', '{"kind":"log","folder":"/a"}', '{"kind":"else"}']) {
      assert.equal(parseDocumentQuery(query), undefined, query);
    }
  });
});
