/** Texts that make a slow pattern or parser take long, and the time that one takes with them. */
import { RegExpParser, visitRegExpAST, type AST } from '@eslint-community/regexpp';

/** What a pattern may repeat, and what may end a repetition. */
const CHARACTERS = Array.from(' \t\n\r\u001b\0a0Z-_.,:;/\\@#`*~<>[]{}()"\'=%$+|é\u2028');
const MOST_UNITS = 8;
const ENDINGS = ['', '\0', ' x', '\n'];

/** A pattern of the sources. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

/** A text is `start`, then `unit` repeated to the wanted length, then `end`. */
export interface Attack {
  readonly start: string;
  readonly unit: string;
  readonly end: string;
}

export function textOf({ start, unit, end }: Attack, length: number): string {
  return start + unit.repeat(Math.ceil(length / unit.length)) + end;
}

/** For each unbounded repetition of the pattern, texts that reach it, repeat it and then do not match. */
export function attacksOn({ source, flags }: Pattern): Attack[] {
  const pattern = new RegExpParser().parsePattern(source, undefined, undefined, { unicode: flags.includes('u') });
  const attacks: Attack[] = [];
  visitRegExpAST(pattern, {
    onQuantifierEnter(quantifier) {
      if (quantifier.max !== Number.POSITIVE_INFINITY) return;
      const start = textBefore(quantifier);
      const units = unitsOf(quantifier.element, flags);
      for (const unit of units) {
        for (const end of ENDINGS) {
          attacks.push({ start, unit, end });
          if (start !== '') attacks.push({ start: '', unit: start + unit, end }, { start: '', unit, end });
        }
      }
    },
  });
  return attacks;
}

/** The shortest text that the pattern takes on its way to the node, as far as that can be said. */
function textBefore(node: AST.Node): string {
  const { parent } = node;
  if (parent === null) return '';
  const before =
    parent.type === 'Alternative'
      ? parent.elements
          .slice(
            0,
            parent.elements.findIndex((element) => element === node),
          )
          .map((element) => exampleOf(element))
          .join('')
      : '';
  return textBefore(parent) + before;
}

function exampleOf(node: AST.Element): string {
  switch (node.type) {
    case 'Character':
      return String.fromCodePoint(node.value);
    case 'CharacterClass':
    case 'CharacterSet':
      return matching(node.raw, 'u').at(0) ?? matching(node.raw, '').at(0) ?? 'a';
    case 'Group':
    case 'CapturingGroup':
      return (node.alternatives[0]?.elements ?? []).map(exampleOf).join('');
    case 'Quantifier':
      return exampleOf(node.element).repeat(Math.max(node.min, node.max > 1 ? 1 : node.min));
    case 'Assertion':
    case 'Backreference':
    case 'ExpressionCharacterClass':
      return '';
  }
}

/** Different texts that the repeated element takes. */
function unitsOf(element: AST.Element, flags: string): string[] {
  if (element.type === 'CharacterClass' || element.type === 'CharacterSet') {
    return matching(element.raw, flags.replace(/[gy]/g, '')).slice(0, MOST_UNITS);
  }
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return [exampleOf(element)].filter(Boolean);
  return element.alternatives.map(({ elements }) => elements.map(exampleOf).join('')).filter(Boolean);
}

function matching(raw: string, flags: string): string[] {
  try {
    const single = new RegExp(`^(?:${raw})$`, flags.includes('s') ? flags : `${flags}s`);
    return CHARACTERS.filter((character) => single.test(character));
  } catch {
    // Some classes are valid without the `u` flag only.
    return [];
  }
}

/** Milliseconds of this process's own time, so that a busy machine changes little. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The lesser of two measurements where the first is beyond the bound: a pause of the collector is no slowness. */
export function slowness(work: () => void, boundMs: number): number {
  const first = cpuMsOf(work);
  return first <= boundMs ? first : Math.min(first, cpuMsOf(work));
}
