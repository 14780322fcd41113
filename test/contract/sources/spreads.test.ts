/** Spreads in objects: one of an object that is written out is only there for the formatter, and optional fields have `defined`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

function bare(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? bare(node.expression) : node;
}

/** Whether it is `...(x === undefined ? {} : { key: x })`, or the same the other way round. */
function isOptionalField(node: ts.Expression): boolean {
  if (!ts.isConditionalExpression(node)) return false;
  const [, tested, equal] = /^(.*) ([!=])== undefined$/s.exec(node.condition.getText()) ?? [];
  const [empty, field] = (equal === '=' ? [node.whenTrue, node.whenFalse] : [node.whenFalse, node.whenTrue]).map(bare);
  if (tested === undefined || empty === undefined || field === undefined) return false;
  if (!ts.isObjectLiteralExpression(empty) || empty.properties.length > 0) return false;
  if (!ts.isObjectLiteralExpression(field)) return false;
  const [only, ...others] = field.properties;
  if (only === undefined || others.length > 0) return false;
  if (ts.isShorthandPropertyAssignment(only)) return only.name.text === tested;
  return ts.isPropertyAssignment(only) && only.initializer.getText() === tested;
}

function spreadsIn(text: string, name: string): string[] {
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isSpreadAssignment(node)) {
      const spread = bare(node.expression);
      if (ts.isObjectLiteralExpression(spread) || isOptionalField(spread))
        found.push(`${name}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('spreads in objects', () => {
  it('are of values, not of fields that could be written out', () => {
    const files = execFileSync('git', ['ls-files', '-z', '*.ts', '*.tsx'], { cwd: inProject('.'), encoding: 'utf8' });
    // The pages of webviews have nothing of the kernel, and so no `defined`.
    const names = files.split('\0').filter((name) => name !== '' && !name.startsWith('src/webview/'));
    assert.ok(names.length > 1000);
    const found = names.flatMap((name) => spreadsIn(readFileSync(inProject(name), 'utf8'), name));
    assert.deepEqual(found, []);
  });

  it('are found where they are not', () => {
    const refused = ['...{ a, b }', '...(a === undefined ? {} : { a })', '...(o.a !== undefined ? { k: o.a } : {})'];
    const accepted = ['...rest', '...defined({ a })', '...(isOpen ? { a } : {})', '...(a === undefined ? {} : of(a))'];
    for (const spread of refused) assert.deepEqual(spreadsIn(`x = { ${spread} };`, 'x'), ['x:1'], spread);
    for (const spread of accepted) assert.deepEqual(spreadsIn(`x = { ${spread} };`, 'x'), [], spread);
  });
});
