/** Texts for people are translatable and keep to the vocabulary. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { localizationBundle } from '../../../scripts/localization';
import { readTitles } from '../../support/manifest/manifest';
import { inProject } from '../../../tools/project';

/** Words that would be second names for a thing that has one. `Beads` is the name of a program. */
const SYNONYMS = /\b(stage|checkpoint|sprint|pipeline|ticket|job|bead)s?\b/i;

/** A label with its number, and sentences that come whole from a failure, alone or after a name. */
const PLACEHOLDERS_ONLY = [
  '{0} ({1})',
  '{fromPhase} → {toPhase}: {problem}',
  '{hint}',
  '{problem}',
  '{project}: {problem}',
];

describe('the texts for people', () => {
  const bundle = localizationBundle();

  it('are in the base bundle, all of them and no others', () => {
    const stored: unknown = JSON.parse(readFileSync(inProject('l10n/bundle.l10n.json'), 'utf8'));
    assert.ok(Object.keys(bundle).length > 100);
    assert.deepEqual(stored, bundle, 'out of date: run scripts/docs');
  });

  it('have words of their own to translate', () => {
    const wordless = Object.keys(bundle).filter((text) => !/\p{L}/u.test(text.replace(/\{\w+\}/g, '')));
    assert.deepEqual(wordless.sort(), PLACEHOLDERS_ONLY);
  });

  it('start with a word, as no text is the end of another', () => {
    const fragments = [...Object.keys(bundle), ...Object.values(readTitles())].filter((text) =>
      /^[\s,.;:!?·•…–—)-]/.test(text),
    );
    assert.deepEqual(fragments, []);
  });

  it('use one word for one thing', () => {
    for (const text of [...Object.keys(bundle), ...Object.values(readTitles())]) {
      assert.doesNotMatch(text.replace(/\bBeads\b|`beads`/g, ''), SYNONYMS);
    }
  });
});
