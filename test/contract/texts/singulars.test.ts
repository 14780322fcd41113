/** Every text with a count has its singular: in the base of the translations, and wherever it is filled. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import ts from 'typescript';
import { countsOf, fill, inNumber, inWords } from '../../../src/kernel/errors/reasons/fill';
import { localizationBundle } from '../../../scripts/localization';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

/** Words with an s after a placeholder that names a thing. */
const NO_PLURALS = new Set([
  ...['is', 'was', 'has', 'this', 'does', 'always', 'already', 'across', 'its', 'as', 'us', 'times out'],
  ...['advances', 'allows', 'asks', 'belongs', 'changes', 'comes', 'depends', 'exists', 'gets', 'leads', 'lists'],
  ...['means', 'names', 'needs', 'prints', 'reads', 'refuses', 'reports', 'requests', 'stays', 'uses', 'waits'],
  ...[
    'warns',
    'works',
    'sets',
    'makes',
    'stops',
    'starts',
    'ends',
    'runs',
    'process',
    'access',
    'accepts',
    'contains',
    'holds',
    'ms',
    'status',
    'alias',
  ],
]);

/** Limits and other facts that are never 1. */
const NEVER_ONE = new Set(['limit', 'length']);

/** A placeholder, and the words up to a plural. */
const PLURAL = /\{(\w+)\} (?:[a-z]+ )??([a-z]+s|children)\b/g;

/** Templates that a webview fills, always with more than one. */
const OF_MANY = new Set(['{0} subtasks changed', '{0} items close together; press Enter to zoom in']);

const texts = Object.keys(localizationBundle());

function pluralsOf(text: string): readonly string[] {
  return [...text.matchAll(PLURAL)]
    .filter(([, name = '', word = '']) => !NEVER_ONE.has(name) && !NO_PLURALS.has(word))
    .map(([, name = '']) => name);
}

describe('texts with a count', () => {
  it('have a singular for each count that a plural follows', () => {
    const without = texts.filter(
      (text) => !OF_MANY.has(text) && pluralsOf(text).some((name) => !countsOf(text).includes(name)),
    );
    assert.deepEqual(without, []);
  });

  it('have one count each, whose singular can be translated', () => {
    const several = texts.filter((text) => new Set(countsOf(text)).size > 1);
    assert.deepEqual(several, []);
    const known = new Set(texts);
    const missing = texts
      .flatMap((text) => countsOf(text).map((name) => inNumber(text, { [name]: 1 })))
      .filter((text) => !known.has(text));
    assert.deepEqual(missing, []);
  });

  it('are shown in the right number, in English and in other languages', () => {
    const reason = '{step} failed after {tries} tries: {problem}';
    const facts = { step: 'push', problem: 'refused' };
    assert.equal(fill(reason, { ...facts, tries: 1 }), 'push failed after 1 try: refused');
    assert.equal(fill(reason, { ...facts, tries: 21 }), 'push failed after 21 tries: refused');
    const german = { t: (text: string) => (text === '{0} token' ? '{0} Token' : `?${text}`) };
    assert.equal(inWords(german, '{0} tokens', '1'), '1 Token');
    assert.equal(inWords(german, '{0} tokens', '1.2K'), '?1.2K tokens');
  });

  it('are filled by what knows their singular', () => {
    const files = readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const found = files.flatMap((name) => {
      const source = parsedSource(inProject('src', name));
      const lines: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && isWrong(node, source))
          lines.push(`${name}: ${node.getText(source).replace(/\s+/g, ' ')}`);
        ts.forEachChild(node, visit);
      };
      visit(source);
      return lines;
    });
    assert.deepEqual(found, []);
  });
});

/** `l10n.t` of a text with a count, or of a text from a table that is filled there. */
function isWrong(call: ts.CallExpression, source: ts.SourceFile): boolean {
  const called = call.expression.getText(source);
  const [text, ...facts] = call.arguments;
  if (text === undefined) return false;
  if (called === 'fill') return /\bl10n\.t\(/.test(text.getText(source));
  if (!/\bl10n\.t$/.test(called) || facts.length === 0) return false;
  return !ts.isStringLiteralLike(text) || (countsOf(text.text).length > 0 && !OF_MANY.has(text.text));
}
