/**
 * Every pattern of the sources takes time in proportion to its text. Each is run on texts made from the pattern itself:
 * a quadratic one takes seconds where a linear one takes a millisecond.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { failurePatterns } from '../../../src/kernel/failure/classify';
import { attacksOn, slowness, textOf, type Attack, type Pattern } from '../../support/hostile/hostileText';
import { inProject } from '../../../tools/project';
import { IS_LONG } from '../../support/long';
import { parsedSource } from '../../support/documents/parsedSources';

/** Growing, so that a pattern of exponential or cubic time is found before it takes minutes. */
const LENGTHS = [24, 150, 1000, 6000, 40_000];
const BOUND_MS = 200;
/** With less than this for the length before the last, not even a cubic pattern reaches the bound with the last. */
const FAST_MS = 0.5;

/** In every run each fifth, which are all starts, units and ends by turns; in the long run all. */
const isTried = (_: Attack, index: number): boolean => IS_LONG || index % 5 === 0;

interface PlacedPattern extends Pattern {
  readonly place: string;
}

/** Patterns that are literals, and the places of those that are made of strings. */
function patternsOf(file: string): { readonly literals: PlacedPattern[]; readonly made: string[] } {
  const literals: PlacedPattern[] = [];
  const made: string[] = [];
  const tree = parsedSource(file);
  const name = path.relative(inProject('.'), file);
  const placeOf = (node: ts.Node): string => `${name}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      const text = node.getText();
      const end = text.lastIndexOf('/');
      literals.push({ place: placeOf(node), source: text.slice(1, end), flags: text.slice(end + 1) });
    }
    const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';
    if (isMade) made.push(placeOf(node));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { literals, made };
}

/** Patterns of failures are data: those that ship are checked here, and that file bounds the text of all. */
const READS_PATTERNS = 'src/kernel/failure/classify.ts:';
const AGENTS = 'src/services/agents';

function shippedPatterns(): PlacedPattern[] {
  const shipped = readdirSync(inProject(AGENTS)).map((kind) => `${AGENTS}/${kind}/failures.json`);
  return shipped
    .filter((place) => existsSync(inProject(place)))
    .flatMap((place) => {
      const { patterns } = failurePatterns.parse(JSON.parse(readFileSync(inProject(place), 'utf8')));
      return patterns.flatMap(({ text }) => (text === undefined ? [] : [{ place, source: text, flags: 'imu' }]));
    });
}

describe('the patterns of the sources', () => {
  const entries = readdirSync(inProject('src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile() && /\.tsx?$/.test(e.name)).map((e) => path.join(e.parentPath, e.name));
  const found = files.map(patternsOf);
  const patterns = [...found.flatMap(({ literals }) => literals), ...shippedPatterns()];

  it('are literals, so that each can be checked', () => {
    assert.ok(patterns.length > 100, `only ${patterns.length} patterns were found`);
    assert.deepEqual(
      found.flatMap(({ made }) => made).filter((place) => !place.startsWith(READS_PATTERNS)),
      [],
    );
  });

  it('take time in proportion to the text', function () {
    this.timeout(180_000);
    const slow = patterns.flatMap(({ place, source, flags }) => {
      const everywhere = new RegExp(source, flags.includes('y') ? flags : `${flags.replace('g', '')}g`);
      const isSlow = (attack: Attack): boolean => {
        let before = BOUND_MS;
        return LENGTHS.some((length) => {
          if (length === LENGTHS.at(-1) && before < FAST_MS) return false;
          const text = textOf(attack, length);
          before = slowness(() => void text.replace(everywhere, ''), BOUND_MS);
          return before > BOUND_MS;
        });
      };
      const attack = attacksOn({ source, flags }).filter(isTried).find(isSlow);
      return attack === undefined ? [] : [`${place} /${source}/${flags} on ${JSON.stringify(attack)}`];
    });
    assert.deepEqual(slow, []);
  });
});
