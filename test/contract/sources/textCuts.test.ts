/** Text is cut to a length in `src/kernel/text/storableText.ts` only, which keeps characters whole. */
import assert from 'node:assert/strict';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

const CUTS: ReadonlySet<string> = new Set(['slice', 'substring', 'substr']);
const LIMIT = /^([A-Z][A-Z0-9_]*|longest|longestLine|length|room|limit|max[A-Z]\w*|characters|most[A-Z]\w*)$/;

/** Cutting hexadecimal digits, or a time in ISO form, halves no character. */
const ASCII = /sha\b|sha\?|hash|digest|hex|commit|toISOString|MAX_HASH/i;

/** A length, not a position that was found in the text. */
function isLimit(node: ts.Expression): boolean {
  if (ts.isPrefixUnaryExpression(node)) return isLimit(node.operand);
  if (ts.isBinaryExpression(node)) return isLimit(node.left) || isLimit(node.right);
  if (ts.isNumericLiteral(node)) return Number(node.text) > 4;
  return ts.isIdentifier(node) && LIMIT.test(node.text);
}

function cutsIn(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const { expression: text, name } = node.expression;
    if (!CUTS.has(name.text) || !node.arguments.some(isLimit) || ASCII.test(text.getText(file))) return;
    const type = checker.getTypeAtLocation(text);
    const parts = type.isUnion() ? type.types : [type];
    if (parts.some((part) => (part.flags & ts.TypeFlags.StringLike) !== 0)) found.push(node.getText(file));
  };
  visit(file);
  return found;
}

/** The sources below `src`, and `more` under the name of a file there. */
function cuts(more: Readonly<Record<string, string>> = {}): string[] {
  const root = inProject('src');
  const config = { extends: inProject('src/webview/tsconfig.json'), include: ['src'], exclude: [] };
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, inProject('.'));
  const added = new Map(Object.entries(more).map(([name, text]) => [path.join(root, name), text]));
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  host.readFile = (file) => added.get(file) ?? readFile(file);
  const program = ts.createProgram([...fileNames, ...added.keys()], options, host);
  const checker = program.getTypeChecker();
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${root}${path.sep}`))
    .flatMap((file) => cutsIn(file, checker).map((cut) => `${path.relative(root, file.fileName)}: ${cut}`));
}

describe('text', () => {
  it('is cut to a length where whole characters are kept, and nowhere else', () => {
    const added = `const LONGEST = 9; export const cut = (text: string, all: string[]) => [text.slice(0, LONGEST), all.slice(0, 7)];`;
    const found = cuts({ 'added.ts': added });
    assert.deepEqual(
      found.filter((cut) => !cut.startsWith('kernel/text/storableText.ts: ')),
      ['added.ts: text.slice(0, LONGEST)'],
    );
  }).timeout(60_000);
});
