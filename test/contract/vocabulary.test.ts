/** No file uses a word that the project does not use. What is left is counted by folder, and may only become fewer. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { deniedInSource, deniedInText } from '../../scripts/vocabulary';
import { isMarkdown, isSource, projectFiles, textOf } from '../support/documents/documents';
import { inProject } from '../support/vscode/project';

const LEDGER = 'test/contract/vocabularyLeft.json';
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
  });

  it('is kept by every file', () => {
    const left = z.record(z.string(), z.int().positive()).parse(JSON.parse(readFileSync(inProject(LEDGER), 'utf8')));
    const now: Record<string, number> = {};
    const worse: string[] = [];
    for (const file of projectFiles().filter((name) => isChecked(name))) {
      const denied = isSource(file) ? deniedInSource(textOf(file)) : deniedInText(textOf(file));
      if (denied.length === 0) continue;
      now[file] = denied.length;
      if (denied.length > (left[file] ?? 0)) {
        worse.push(...denied.map(({ line, word, instead }) => `${file}:${line} "${word}": write ${instead}`));
      }
    }
    assert.deepEqual(worse, []);
    assert.deepEqual(left, now, `${LEDGER} counts words that are gone: set it to what is left`);
  });
});

function isChecked(file: string): boolean {
  return (isMarkdown(file) || isSource(file) || file === 'package.nls.json') && !EXEMPT.test(file);
}
