/** Translations that ship have every text, and keep what is no word in it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from '../../../tools/project';

const texts = z.record(z.string(), z.string().min(1));
const read = (file: string): Readonly<Record<string, string>> =>
  texts.parse(JSON.parse(readFileSync(inProject(file), 'utf8')));

/** Values, icons, code, links to commands and addresses: the same in every language. */
const KEPT = /\{\w+\}|\$\([\w~-]+\)|`[^`]*`|command:[\w.]+|https?:\/\/[^\s),]+/g;
const keptIn = (text: string): string[] => [...text.matchAll(KEPT)].map(([part]) => part).sort();

/** Each base with the start of the names of its translations. */
const BASES = [
  { folder: 'l10n', base: 'bundle.l10n.json', name: /^bundle\.l10n\.([\w-]+)\.json$/ },
  { folder: '.', base: 'package.nls.json', name: /^package\.nls\.([\w-]+)\.json$/ },
] as const;

function translations(): { readonly file: string; readonly base: string; readonly language: string }[] {
  return BASES.flatMap(({ folder, base, name }) =>
    readdirSync(inProject(folder)).flatMap((entry) => {
      const language = name.exec(entry)?.[1];
      return language === undefined ? [] : [{ file: `${folder}/${entry}`, base: `${folder}/${base}`, language }];
    }),
  );
}

describe('the translations', () => {
  it('come in pairs: the manifest and the texts of the code', () => {
    const [bundles = [], manifests = []] = BASES.map(({ folder }) =>
      translations()
        .filter(({ file }) => file.startsWith(`${folder}/`))
        .map(({ language }) => language)
        .sort(),
    );
    assert.deepEqual(bundles, manifests);
    assert.ok(bundles.includes('de'));
  });

  for (const { file, base, language } of translations()) {
    describe(file, () => {
      it('has every text, and no other', () => {
        assert.deepEqual(Object.keys(read(file)).sort(), Object.keys(read(base)).sort());
      });

      it('keeps values, icons, code, and links', () => {
        const translated = read(file);
        const changed = Object.entries(read(base)).filter(([key, text]) => {
          const kept = keptIn(translated[key] ?? '');
          return kept.join('\n') !== keptIn(text).join('\n');
        });
        assert.deepEqual(changed, []);
      });

      it('names commands and buttons by their translated titles', () => {
        const names = new Set(
          translations()
            .filter((other) => other.language === language)
            .flatMap((other) => Object.values(read(other.file)).map((text) => text.replace(/…$/, ''))),
        );
        const unknown = Object.values(read(file)).flatMap((text) =>
          [...text.matchAll(/„([^“{]+)“/g)].flatMap(([, quoted = '']) =>
            names.has(quoted.replace(/…$/, '')) || NO_NAMES.has(quoted) ? [] : [quoted],
          ),
        );
        assert.deepEqual(unknown, []);
      });
    });
  }
});

/** What is quoted and is no title: words that a person writes. */
const NO_NAMES = new Set(['reject', 'ref: refs/heads/']);
