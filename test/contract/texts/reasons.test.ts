/** The reasons of failures are texts to translate, and what is not translated comes from outside. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { SENTENCES } from '../../../src/kernel/errors/errorSentences';
import { REASONS } from '../../../src/kernel/errors/reasons/reasons';
import { FINDING_REASONS } from '../../../src/services/doctor/findingReasons';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

const CODES = Object.keys(REASONS) as (keyof typeof REASONS)[];
const TABLES = [path.join('kernel', 'errors', 'reasons.ts'), path.join('services', 'doctor', 'findingReasons.ts')];
const CLAUSES = [REASONS, FINDING_REASONS].flatMap((table) => Object.values<readonly string[]>(table)).flat();

function sources(): { readonly file: string; readonly source: ts.SourceFile }[] {
  return readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !TABLES.includes(file))
    .map((file) => ({ file, source: parsedSource(path.join(inProject('src'), file)) }));
}

function nodesOf(node: ts.Node): ts.Node[] {
  const found = [node];
  ts.forEachChild(node, (child) => {
    found.push(...nodesOf(child));
  });
  return found;
}

const placeholdersIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

describe('the reasons of failures', () => {
  const files = sources();

  it('are each given by some module', () => {
    const given = new Set(
      files.flatMap(({ source }) =>
        nodesOf(source).flatMap((node) => (ts.isStringLiteralLike(node) ? [node.text] : [])),
      ),
    );
    assert.deepEqual(
      CLAUSES.filter((clause) => !given.has(clause)),
      [],
    );
  });

  it('are each in a table, where their sentences are translated', () => {
    const unknown = files.flatMap(({ file, source }) =>
      nodesOf(source).flatMap((node) => {
        if (!ts.isCallExpression(node) || node.expression.getText() !== 'because') return [];
        const texts = node.arguments.slice(0, 1).flatMap(nodesOf).filter(ts.isStringLiteralLike);
        return texts.filter(({ text }) => !CLAUSES.includes(text)).map(({ text }) => `${file}: ${text}`);
      }),
    );
    assert.deepEqual(unknown, []);
  });

  it('have other placeholders than their sentences', () => {
    const same = CODES.flatMap((code) => {
      const own = placeholdersIn(SENTENCES[code].text + SENTENCES[code].hint);
      const clauses: readonly string[] = REASONS[code];
      return clauses.filter((clause) => placeholdersIn(clause).some((name) => own.includes(name)));
    });
    assert.deepEqual(same, []);
  });

  it('are not hidden in text that counts as foreign', () => {
    const literal = files.flatMap(({ file, source }) =>
      nodesOf(source).flatMap((node) => {
        if (!ts.isCallExpression(node) || node.expression.getText() !== 'foreignText') return [];
        const isOurs = node.arguments
          .flatMap(nodesOf)
          .some(
            (part) => (ts.isStringLiteralLike(part) && /\p{L}{2}/u.test(part.text)) || ts.isTemplateExpression(part),
          );
        return isOurs || node.typeArguments !== undefined ? [`${file}: ${node.getText()}`] : [];
      }),
    );
    assert.deepEqual(literal, []);
  });
});
