/** No file uses a word that the project does not use. */
import assert from 'node:assert/strict';
import { deniedInSource, deniedInText } from '../../../scripts/vocabulary';
import { isMarkdown, isSource, projectFiles, textOf } from '../../support/documents/documents';

/** The list itself, the history, and texts of other programs. */
const EXEMPT = /(^|\/)(vocabulary(\.test)?\.ts|CHANGELOG\.md|THIRD_PARTY_NOTICES\.txt)$|\/fixtures?\//;

describe('the vocabulary', () => {
  it('finds a word in a comment, a string, a template, and a name', () => {
    const found = deniedInSource('/** Told. */\nconst standingOf = `goes on ${x} anew`; // nobody\n');
    const words = found.map(({ line, word }) => ({ line, word: word.toLowerCase() }));
    assert.deepEqual(
      words.sort((a, b) => a.word.localeCompare(b.word)),
      [
        { line: 2, word: 'anew' },
        { line: 2, word: 'goes on' },
        { line: 2, word: 'nobody' },
        { line: 2, word: 'standing' },
        { line: 1, word: 'told' },
      ],
    );
    assert.deepEqual(deniedInSource('const understanding = "a planet";\n'), []);
    assert.deepEqual(deniedInSource("const row = { component: 'village', idx_village_events: 1 };\n"), []);
  });

  it('is kept by every file', () => {
    const denied = projectFiles()
      .filter((file) => isChecked(file))
      .flatMap((file) => {
        const found = isSource(file) ? deniedInSource(textOf(file)) : deniedInText(textOf(file));
        return found.map(({ line, word, instead }) => `${file}:${line} "${word}": write ${instead}`);
      });
    assert.deepEqual(denied, []);
  });
});

function isChecked(file: string): boolean {
  return (isMarkdown(file) || isSource(file) || file === 'package.nls.json') && !EXEMPT.test(file);
}
