/**
 * UI tests name our texts by their keys (`test/ui/support/said.ts`, `titles.ts`), so a text that is reworded is found by
 * the compiler, and a test does not fail for it. A single word in lower case may be a value of the record, so it is left.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { localizationBundle } from '../../../scripts/localization';
import { readTitles } from '../../support/manifest/manifest';
import { inProject } from '../../../tools/project';

const BY_KEY = /^(?:said|partOf|titleOf|inPalette|inManifest|viewName)$/;
const NAMES_TEST = /^(?:describe|it|before|after)/;
/** Of commands, views, menus, and steps of the walkthrough. */
const SHORT_TEXT = /^(?:command\..*\.title|view\.\w+\.name|menu\.\w+\.label|walkthrough\.\w+\.title)$/;
const PLACEHOLDER = /\{\w+\}/;
/** Letters of a text with placeholders: with fewer, any sentence may happen to match. */
const FEWEST_LETTERS = 12;
/** Words that are no accident where a text has them. */
const FEWEST_WORDS = 3;

type Suggests = (text: string) => string | undefined;

/** What to write in place of a literal, by our texts. */
function suggestions(): Suggests {
  const bundle = Object.keys(localizationBundle());
  const texts = new Set(bundle.filter((text) => !PLACEHOLDER.test(text)));
  const titles = new Map(Object.entries(readTitles()).flatMap(([key, title]) => titleEntries(key, title)));
  const templates = bundle
    .filter((text) => PLACEHOLDER.test(text) && lettersOf(text) >= FEWEST_LETTERS)
    .map((text) => ({ text, pattern: patternOf(text) }));
  return (literal) => {
    if (!/^[A-Z]/.test(literal) && !literal.includes(' ')) return undefined;
    const title = titles.get(literal);
    if (title !== undefined) return title;
    if (texts.has(literal)) return `said('${literal}')`;
    // Several texts in one line are no single text; statements of SQL have words of any sentence.
    if (literal.includes(' · ') || /^(?:SELECT|UPDATE) /.test(literal)) return undefined;
    const template = templates.find(({ pattern }) => pattern.test(literal));
    if (template !== undefined) return `said('${template.text}', …)`;
    if (literal.trim().split(/\s+/).length < FEWEST_WORDS) return undefined;
    const whole = bundle.find((text) => text.includes(literal));
    return whole === undefined ? undefined : `partOf('${whole}', …)`;
  };
}

function titleEntries(key: string, title: string): (readonly [string, string])[] {
  if (!SHORT_TEXT.test(key)) return [];
  const [kind, ...name] = key.split('.').slice(0, -1);
  if (kind === 'view') return [[title, `viewName('${name.join('.')}')`]];
  if (kind !== 'command') return [[title, `inManifest('${key}')`]];
  return [
    [title, `titleOf('${name.join('.')}')`],
    [`Intercore: ${title}`, `inPalette('${name.join('.')}')`],
  ];
}

function lettersOf(text: string): number {
  return text.replaceAll(/\{\w+\}|[^A-Za-z]/g, '').length;
}

function patternOf(text: string): RegExp {
  const parts = text.split(PLACEHOLDER).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`);
}

/** Titles of tests and names of pictures are nothing that a window shows. */
function isOfTest(literal: ts.StringLiteralLike): boolean {
  const { parent } = literal;
  if (!ts.isCallExpression(parent)) return false;
  const callee = parent.expression.getText();
  return (
    BY_KEY.test(callee) || /\.screenshot$/.test(callee) || (NAMES_TEST.test(callee) && parent.arguments[0] === literal)
  );
}

function isName(literal: ts.StringLiteralLike): boolean {
  const { parent } = literal;
  return (ts.isPropertyAssignment(parent) && parent.name === literal) || ts.isElementAccessExpression(parent);
}

function spelledIn(text: string, name: string, suggests: Suggests): string[] {
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) && !isOfTest(node) && !isName(node)) {
      const better = suggests(node.text);
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (better !== undefined) found.push(`${name}:${line} '${node.text}': write ${better}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('texts that UI tests expect', () => {
  const suggests = suggestions();
  const inText = (text: string): string[] => spelledIn(text, 'a', suggests);

  it('are named by their keys', () => {
    const files = readdirSync(inProject('test/ui'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    assert.ok(files.length > 50);
    const found = files.flatMap((file) =>
      spelledIn(readFileSync(inProject('test/ui', file), 'utf8'), file.split(path.sep).join('/'), suggests),
    );
    assert.deepEqual(found, []);
  });

  it('are found as texts, titles of commands, and names of views', () => {
    assert.deepEqual(inText("row('Nothing needs you.')"), [
      "a:1 'Nothing needs you.': write said('Nothing needs you.')",
    ]);
    assert.deepEqual(inText("run('Intercore: Create Run…')"), [
      "a:1 'Intercore: Create Run…': write inPalette('run.create')",
    ]);
    assert.deepEqual(inText("tree('Needs You')"), ["a:1 'Needs You': write viewName('needsYou')"]);
  });

  it('are found with values in their placeholders, and in part', () => {
    assert.deepEqual(inText("waitFor('Allow agents of kind bold in this workspace?')"), [
      "a:1 'Allow agents of kind bold in this workspace?': write said('Allow agents of kind {kinds} in this workspace?', …)",
    ]);
    assert.deepEqual(inText("waitFor('the damaged file was')"), []);
    assert.match(inText("waitFor('The damaged file is kept')").join('\n'), /write partOf\(/);
  });

  it('are not found in titles of tests, types, and values of the record', () => {
    assert.deepEqual(inText("it('Nothing needs you.', () => said('Nothing needs you.'))"), []);
    assert.deepEqual(inText("type Name = 'Needs You'; const status = 'completed';"), []);
  });
});
