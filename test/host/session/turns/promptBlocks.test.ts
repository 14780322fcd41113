import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import type { Attachment } from '../../../../src/contract/attachments';
import { promptBlocks, promptText } from '../../../../src/host/session/turns/promptBlocks';

function attached(changes: Partial<Attachment> = {}): Attachment {
  return { path: '/shop/src/a.ts', name: 'src/a.ts', what: 'file', text: 'let a;\n', bytes: 7, ...changes };
}

const URI = pathToFileURL('/shop/src/a.ts').href;

describe('the content of a prompt', () => {
  it('embeds attachments where the agent takes them', () => {
    assert.deepEqual(promptBlocks('Look', [attached({ what: 'selection', lines: { from: 3, to: 4 } })], true), [
      { type: 'text', text: 'Look' },
      { type: 'text', text: 'Selection of src/a.ts, lines 3 to 4:' },
      {
        type: 'resource',
        resource: { uri: `${URI}#L3-L4`, mimeType: 'text/plain', text: 'let a;\n' },
      },
    ]);
  });

  it('quotes them as text for other agents', () => {
    const blocks = promptBlocks('Look', [attached()], false);
    assert.deepEqual(blocks[1], { type: 'text', text: 'File src/a.ts:\n```\nlet a;\n```' });
    assert.equal(promptText('Look', [attached()]), 'Look\n\nFile src/a.ts:\n```\nlet a;\n```');
  });

  it('quotes a text with fences in a longer fence', () => {
    const text = 'a\n````\nb';
    assert.match(promptText('', [attached({ text, bytes: 8 })]), /\n`{5}\na\n````\nb\n`{5}$/);
  });

  it('says what was left out', () => {
    assert.match(promptText('', [attached({ bytes: 900 })]), /File src\/a\.ts \(only the first 7 of 900 bytes\):/);
    const link = { type: 'resource_link', uri: URI, name: 'src/a.ts' };
    const [, note, linked] = promptBlocks('Look', [attached({ text: null, bytes: 900 })], true);
    assert.deepEqual(linked, link);
    assert.ok(note?.type === 'text' && /900 bytes, not included/.test(note.text));
  });
});
