/** A failed comparison of a tuple says which place differs, and not what stands there: values of different kinds have names. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

const COMPARES = /^assert\.(?:deepEqual|deepStrictEqual)$/;
const KINDS = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.StringLiteral, 'text'],
  [ts.SyntaxKind.NoSubstitutionTemplateLiteral, 'text'],
  [ts.SyntaxKind.NumericLiteral, 'number'],
  [ts.SyntaxKind.TrueKeyword, 'boolean'],
  [ts.SyntaxKind.FalseKeyword, 'boolean'],
  [ts.SyntaxKind.ArrayLiteralExpression, 'list'],
  [ts.SyntaxKind.ObjectLiteralExpression, 'object'],
]);

/** Whether two lists are compared that are written out, and what is expected are values of different kinds. */
function comparesTuples(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !COMPARES.test(node.expression.getText())) return false;
  const [actual, expected] = node.arguments;
  if (actual === undefined || expected === undefined) return false;
  if (!ts.isArrayLiteralExpression(actual) || !ts.isArrayLiteralExpression(expected)) return false;
  if ([...actual.elements, ...expected.elements].some((element) => ts.isSpreadElement(element))) return false;
  const kinds = new Set(expected.elements.flatMap((element) => KINDS.get(element.kind) ?? []));
  return kinds.size > 1;
}

function tuplesIn(text: string, name: string): string[] {
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (comparesTuples(node)) found.push(`${name}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('comparisons in tests', () => {
  it('give values of different kinds a name each', () => {
    const files = readdirSync(inProject('test'), { recursive: true, encoding: 'utf8' });
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    assert.ok(tests.length > 200);
    const found = tests.flatMap((file) =>
      tuplesIn(readFileSync(inProject('test', file), 'utf8'), path.posix.join('test', file.split(path.sep).join('/'))),
    );
    assert.deepEqual(found, []);
  });

  it('are found where they have none', () => {
    assert.deepEqual(tuplesIn("assert.deepEqual([code, text], [0, '']);", 'a'), ['a:1']);
    assert.deepEqual(tuplesIn('assert.deepEqual({ code, text }, { code: 0, text: "" });', 'a'), []);
    assert.deepEqual(tuplesIn('assert.deepEqual([first, second], ["a", "b"]);', 'a'), []);
  });
});

describe('UI tests', () => {
  it('name our commands by their keys, so that a test does not depend on their words', () => {
    const files = readdirSync(inProject('test/ui'), { recursive: true, encoding: 'utf8' });
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    assert.ok(tests.length > 20);
    const spelled = tests.filter((file) => /'Intercore: \w/.test(readFileSync(inProject('test/ui', file), 'utf8')));
    assert.deepEqual(spelled, []);
  });
});
