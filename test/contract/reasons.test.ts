/** The reasons of failures are texts to translate, and what is not translated comes from outside. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { SENTENCES } from '../../src/kernel/errors/errorSentences';
import { REASONS } from '../../src/kernel/errors/reasons';
import { inProject } from '../../tools/project';

const CODES = Object.keys(REASONS) as (keyof typeof REASONS)[];
const TABLE = path.join('kernel', 'errors', 'reasons.ts');

function sources(): { readonly file: string; readonly source: ts.SourceFile }[] {
  return readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== TABLE)
    .map((file) => {
      const text = readFileSync(path.join(inProject('src'), file), 'utf8');
      return { file, source: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) };
    });
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
    const clauses: readonly string[] = CODES.flatMap((code) => REASONS[code]);
    assert.deepEqual(
      clauses.filter((clause) => !given.has(clause)),
      [],
    );
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
