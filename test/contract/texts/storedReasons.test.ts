/** Reasons that records store in English are declared, so that views can translate them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { declared, shownFacts, shownReason, storedTexts } from '../../../src/kernel/errors/shownReason';
import { fill } from '../../../src/kernel/errors/reasons/fill';
import { STORED_REASONS } from '../../../src/kernel/errors/reasons/storedReasons';
import { KernelError } from '../../../src/kernel/errors/errors';
import { ATTENTION } from '../../../src/contract/results/attention';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

const MARKED = { t: (text: string) => `«${text}»` };

/** Functions of the kernel that store a reason, each with the index of the argument. */
const WRITERS: Readonly<Record<string, number>> = {
  failPlanning: 2,
  failSubtask: 2,
  reopenSubtask: 2,
  withdrawProof: 2,
  recordLandingProblem: 2,
  noteWithdrawn: 2,
  endTaskOfRun: 2,
  cancelRun: 2,
  note: 2,
  verdict: 2,
};

/** Where each detail of a condition is stored. */
const GATES = /kernel\/gate\/checks\//;

/** Where each problem that is returned is stored. */
const PROOFS = /services\/tasks\/(proof|worktreeSetup\/checkProcess)/;

const GERMAN: unknown = JSON.parse(readFileSync(inProject('l10n/bundle.l10n.de.json'), 'utf8'));

function german(text: string): string {
  const translated: unknown =
    typeof GERMAN === 'object' && GERMAN !== null
      ? Object.entries(GERMAN).find(([key]) => key === text)?.[1]
      : undefined;
  return typeof translated === 'string' ? translated : text;
}

/** Two declarations may differ in the names of their facts only. */
function shapeOf(text: string): string {
  return text.replace(/\{\w+\}/g, '{}');
}

/** It has hardly any words of its own, so that it is not searched for. */
function isWeak(text: string): boolean {
  return shapeOf(text).replace(/[{}]/g, '').trim().length < (text.startsWith('{') ? 12 : 7);
}

describe('a stored reason', () => {
  it('is found again by its declaration, with its facts', () => {
    const wrong = storedTexts().flatMap((text) => {
      const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const facts = Object.fromEntries(names.map((name, at) => [name, `<${name}${at}>`]));
      const found = declared(fill(text, facts));
      return shapeOf(found?.text ?? '') === shapeOf(text) || isWeak(text) ? [] : [{ text, found: found?.text }];
    });
    assert.deepEqual(wrong, []);
  });

  it('is shown in the language of its reader, also as the problem of another one', () => {
    const l10n = { t: german };
    assert.equal(shownReason(l10n, 'exit code 2'), 'Exitcode 2');
    assert.equal(shownReason(l10n, 'it took longer than 1 minutes'), 'dauerte länger als 1 Minute');
    assert.equal(shownReason(l10n, 'it took longer than 1 minute'), 'dauerte länger als 1 Minute');
    assert.equal(
      shownReason(l10n, 'the check `npm test` failed: exit code 1'),
      'Die Prüfung `npm test` ist fehlgeschlagen: Exitcode 1',
    );
    const { message } = new KernelError('BRANCH_MISSING', { branch: 'main', folder: '/shop' });
    assert.equal(shownReason(l10n, message), 'Der Branch main existiert nicht im Repository /shop.');
  });

  it('is translated in Needs You, while its other facts stay', () => {
    const { reason } = ATTENTION.attemptsExhausted;
    const facts = shownFacts({ t: german }, { problem: 'no attempt succeeded', title: 'stopped' });
    assert.deepEqual(facts, { problem: 'kein Versuch war erfolgreich', title: 'stopped' });
    assert.equal(fill(reason, facts), 'kein Versuch war erfolgreich');
  });

  it('is translated next to what an agent said, which stays', () => {
    assert.equal(shownReason(MARKED, 'Out of tokens'), 'Out of tokens');
    assert.equal(shownReason(MARKED, 'Out of tokens · exit code 2'), 'Out of tokens · «exit code 2»');
    assert.equal(shownReason(MARKED, ''), '');
  });

  it('takes time in proportion to its length', () => {
    const text = `the check \`${'failed: '.repeat(1200)}`;
    assert.equal(shownReason(MARKED, text), text);
  });
});

describe('writers of reasons', () => {
  const files = ['src/kernel', 'src/services'].flatMap((folder) =>
    readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`),
  );

  it('store no sentence that is not declared', () => {
    const found = files.flatMap((file) => undeclaredIn(file, parsedSource(inProject(file))));
    assert.deepEqual(found, []);
  });

  it('use each declaration', () => {
    const sources = files
      .filter((file) => !file.includes('kernel/errors/'))
      .map((file) => parsedSource(inProject(file)).text);
    const names = readFileSync(inProject('src/kernel/errors/reasons/storedReasons.ts'), 'utf8');
    const unused = STORED_REASONS.filter((text) => {
      const name = new RegExp(`export const (\\w+) =\\s+'${text.slice(0, 30).replace(/[^\w ]/g, '.')}`).exec(
        names,
      )?.[1];
      return !sources.some((source) => source.includes(`'${text}'`) || (name !== undefined && source.includes(name)));
    });
    assert.deepEqual(unused, []);
  });
});

function undeclaredIn(file: string, source: ts.SourceFile): string[] {
  const found: string[] = [];
  const check = (node: ts.Node | undefined): void => {
    if (node !== undefined) found.push(...sentencesIn(node).map((text) => `${file}: ${text}`));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText(source);
      if (name === 'errorMessage' || (name === 'error' && isEnding(node.parent))) check(node.initializer);
      if (name === 'skipReason') check(node.initializer);
      if (name === 'problem' && PROOFS.test(file)) check(node.initializer);
      if ((name === 'detail' || name === 'problem') && GATES.test(file)) check(node.initializer);
    }
    if (ts.isReturnStatement(node) && (PROOFS.test(file) || GATES.test(file))) check(node.expression);
    if (ts.isCallExpression(node)) {
      const at = WRITERS[node.expression.getText(source)];
      if (at !== undefined) check(node.arguments[at]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `{ status, error }`, the end of an attempt. */
function isEnding(node: ts.Node): boolean {
  return (
    ts.isObjectLiteralExpression(node) &&
    node.properties.some((property) => property.name !== undefined && property.name.getText() === 'status')
  );
}

/** Literals with a space in them, of an expression that is a text or chooses between texts. */
function sentencesIn(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return node.text.includes(' ') ? [node.text] : [];
  if (ts.isTemplateExpression(node)) return [node.getText()];
  if (ts.isConditionalExpression(node)) return [...sentencesIn(node.whenTrue), ...sentencesIn(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return [...sentencesIn(node.left), ...sentencesIn(node.right)];
  return [];
}
