import assert from 'node:assert/strict';
import { formatSubtask, parseSubtask } from '../../../../src/kernel/tasks/subtask/subtaskText';

describe('the text of a subtask that a person edits', () => {
  it('reads back as it was written, with every section there to be filled', () => {
    const whole = {
      title: 'Say `hello` # twice',
      spec: 'Two.\n\n```sh\n# not a heading\n```',
      plan: '1. a',
      acceptance: '- b',
    };
    assert.deepEqual(parseSubtask(formatSubtask(whole)), whole);
    const bare = { title: 'Bare', spec: '', plan: '', acceptance: '' };
    const text = formatSubtask(bare);
    assert.equal(text, '# Bare\n\n## Spec\n\n## Implementation Plan\n\n## Acceptance Criteria\n');
    assert.deepEqual(parseSubtask(text), bare);
  });

  it('takes Windows line ends, and what stands under no heading as the specification', () => {
    const { title, spec, plan } = parseSubtask('\r\n# A title \r\nWhat is wanted.\r\n## Plan\r\nOne step.\r\n');
    assert.deepEqual({ title, spec, plan }, { title: 'A title', spec: 'What is wanted.', plan: 'One step.' });
  });

  for (const text of ['', 'No heading', '## Spec\nx', '#\nx', '#  \n']) {
    it(`asks for a title: ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseSubtask(text), /the first line must be "# " and the title/);
    });
  }
});
