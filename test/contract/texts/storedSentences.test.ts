/** Every sentence that a record may hold is shown in the language of its reader, without a word of English. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import * as z from 'zod';
import { remedies } from '../../../scripts/localization';
import { SENTENCES } from '../../../src/kernel/errors/errorSentences';
import { withPart } from '../../../src/kernel/errors/errors';
import { countsOf, fill, inWords } from '../../../src/kernel/errors/reasons/fill';
import { REASONS } from '../../../src/kernel/errors/reasons/reasons';
import { storedReason } from '../../../src/kernel/errors/reasons/storedReasons';
import { shownFacts, shownReason, storedTexts } from '../../../src/kernel/errors/shownReason';
import { STAGE_NAMES, STAGE_SPECS } from '../../../src/kernel/tasks/stage/stages';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

const bundle = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(inProject('l10n/bundle.l10n.de.json'), 'utf8')));
const GERMAN = { t: (text: string): string => bundle[text] ?? `not translated: ${text}`, bundle };

/** As in an editor whose language has no translation. */
const ENGLISH = { t: (text: string): string => text, bundle: undefined };

const CODES = Object.keys(REASONS) as (keyof typeof REASONS)[];

/** A sentence that is only its reason: a refused command, which nothing stores. */
const REFUSALS: readonly string[] = ['NONE_AVAILABLE'];

/** The texts of a failure, with each of its reasons. */
const WITH_REASONS = CODES.filter((code) => !REFUSALS.includes(code)).flatMap((code) => {
  const clauses: readonly string[] = REASONS[code];
  return clauses.map((clause) => withPart(SENTENCES[code], 'problem', clause).text);
});

/** Facts that are no words. */
function factsOf(text: string, several: number): Readonly<Record<string, string | number>> {
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const counts = countsOf(text);
  return Object.fromEntries(names.map((name, at) => [name, counts.includes(name) ? several : `<${String(at)}>`]));
}

/** Texts that are not shown as their own translation. */
function wrong(texts: readonly string[], wrap: (text: string) => string = (text) => text): readonly string[] {
  return texts.flatMap((text) =>
    [1, 7].flatMap((several) => {
      const facts = factsOf(text, several);
      const stored = wrap(fill(text, facts));
      const expected = wrap(inWords(GERMAN, text, facts));
      const shown = shownReason(GERMAN, stored);
      return shown === expected ? [] : [`${stored}: ${shown}`];
    }),
  );
}

/** What has hardly any words of its own is not searched for. */
const isSearched = (text: string): boolean =>
  text.replace(/\{\w+\}/g, '').trim().length >= (text.startsWith('{') ? 12 : 7);

describe('a stored sentence', () => {
  it('is shown in German: each reason of a record, and each sentence of a failure', () => {
    assert.deepEqual(wrong(storedTexts().filter(isSearched)), []);
  });

  it('is shown in German with each reason of its failure', () => {
    assert.ok(WITH_REASONS.length > 200);
    assert.deepEqual(wrong(WITH_REASONS), []);
  });

  it('is shown in German next to the words of an agent, for each remedy', () => {
    assert.ok(remedies().length > 20);
    assert.deepEqual(
      wrong(remedies(), (text) => `Please run /login · ${text}`),
      [],
    );
  });

  it('is shown in German for several conditions of a gate', () => {
    const [artifact, verdict] = [
      storedReason('no artifacts found for phase "{phase}"', { phase: 'plan' }),
      storedReason('no passing verdict counts: {problem}', {
        problem: ['a', 'b'].map((dispatch) => storedReason('{dispatch} did work of this run', { dispatch })).join('; '),
      }),
    ];
    assert.equal(
      shownReason(GERMAN, `${artifact}; ${verdict}`),
      'keine Artefakte für die Phase „plan“ gefunden; kein bestandenes Urteil zählt: a hat an diesem Lauf gearbeitet; b hat an diesem Lauf gearbeitet',
    );
    const titles = storedReason('{count} subtasks not merged: {subtasks}', { count: 1, subtasks: '1. Sort; count' });
    assert.equal(shownReason(GERMAN, titles), '1 Teilaufgabe nicht zusammengeführt: 1. Sort; count');
  });

  it('names its stage in German', () => {
    for (const { label } of STAGE_NAMES.map((name) => STAGE_SPECS[name])) {
      assert.deepEqual(shownFacts(GERMAN, { step: label }), { step: bundle[label] });
      assert.notEqual(bundle[label], undefined);
    }
  });

  it('stays as it was stored in English', () => {
    const texts = [...WITH_REASONS, ...storedTexts(), ...remedies()].map((text) => fill(text, factsOf(text, 7)));
    assert.deepEqual(
      texts.filter((text) => shownReason(ENGLISH, text) !== text),
      [],
    );
  });
});

/** Fields of the record, and of failures, that hold a stored sentence. */
const STORED = /(?:\.|\?\.)(?:errorMessage|lastError|planningError)$|(?:problem|failure|hold)\??\.(?:message|reason)$/;

describe('what a person sees', () => {
  const files = ['src/views', 'src/window', 'src/commands'].flatMap((folder) =>
    readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`),
  );

  it('shows no stored sentence without its translation', () => {
    assert.deepEqual(
      files.flatMap((file) => rawIn(parsedSource(inProject(file))).map((text) => `${file}: ${text}`)),
      [],
    );
  });

  it('ends a quoted sentence once', () => {
    assert.deepEqual(
      files.flatMap((file) => twiceEndedIn(parsedSource(inProject(file))).map((text) => `${file}: ${text}`)),
      [],
    );
  });
});

/** Before a period of the text, where only `inWords` leaves out the second period. */
const QUOTES = /\b(?:reason|problems?|shownReason)\b/;

/** Calls of `l10n.t` that quote a sentence before a period. */
function twiceEndedIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /\bl10n\.t$/.test(node.expression.getText(source))) {
      const [text, ...facts] = node.arguments;
      const isQuoting = facts.some((fact) => QUOTES.test(fact.getText(source)));
      if (isQuoting && text !== undefined && ts.isStringLiteralLike(text) && /\{\w+\}\.(?:\s|$)/.test(text.text))
        found.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Stored sentences that are neither translated, nor compared, nor logged. */
function rawIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && STORED.test(node.getText(source)) && !isHandled(node, source))
      found.push(node.parent.getText(source).replace(/\s+/g, ' ').slice(0, 120));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const COMPARES = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

function isHandled(node: ts.Node, source: ts.SourceFile): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const operator = parent.operatorToken.kind;
    if (COMPARES.has(operator)) return true;
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken && parent.left === node) return true;
  }
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (
      ts.isCallExpression(at) &&
      /^(?:shownReason|shownFacts|childWords|.*\blog\.\w+)$/.test(at.expression.getText(source))
    )
      return true;
  }
  return false;
}
