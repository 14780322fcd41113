/** Sequences of command lines, chosen by a seed, from the table that makes the parser and the help of `ic`. */
import type { FlagSpec } from '../../src/cli/grammar/argv';
import type { CliCommand } from '../../src/cli/command/command';
import { ODD, valuesOf } from './values';

export interface Step {
  /** `run agent add` */
  readonly command: string;
  /** What the command line has after the command. */
  readonly words: readonly string[];
  readonly input: string;
}

/** A number below `limit`, the next of a sequence that depends on the seed alone. */
export type Next = (limit: number) => number;

const GLOBAL_FLAGS = ['--json', '--json', '--json', '--verbose', '--db=', '--timeout=1s', '--timeout=x', '--unknown'];
const INPUTS = ['{"a":1}', '[1.50,"ä"]', '{', '', '\uFEFF{}', '1e999', '"\\ud800"'];
/** Last words of commands that make what others need; every third command is one of these. */
const MAKER = /^(create|add|submit|spawn|set|register|record)$/;

/** Numerical Recipes' linear congruential generator: the same on every machine. */
export function numbersOf(seed: number): Next {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A sequence that starts with a database. */
export function sequenceOf(commands: readonly CliCommand[], next: Next, length: number): Step[] {
  const makers = commands.filter(({ words }) => MAKER.test(words.at(-1) ?? ''));
  const steps = Array.from({ length }, () => {
    const among = makers.length > 0 && next(3) === 0 ? makers : commands;
    return among.slice(next(among.length)).slice(0, 1);
  });
  return [{ command: 'init', words: [], input: '' }, ...steps.flat().map((command) => stepOf(command, next))];
}

/** One command line: its operands and some of its flags, with values that fit mostly. */
export function stepOf(command: CliCommand, next: Next): Step {
  const operands = operandsOf(command).flatMap(({ word, isOptional }) =>
    isOptional && next(2) === 0 ? [] : [valueOf(word, next)],
  );
  const flags = (command.flags ?? []).filter(isRequired(next)).flatMap((flag) => flagWords(flag, next));
  const global = next(3) === 0 ? [pick(GLOBAL_FLAGS, next)] : [];
  const surplus = next(20) === 0 ? [pick(['surplus', '', '-'], next)] : [];
  return {
    command: command.words.join(' '),
    words: [...operands, ...surplus, ...flags, ...global],
    input: next(4) > 0 ? '{"a":1}' : pick(INPUTS, next),
  };
}

/** The words for operands in a usage line: `<key> [<scope>] [@FILE]`. */
export function operandsOf({ operands = '' }: CliCommand): { readonly word: string; readonly isOptional: boolean }[] {
  return operands
    .split(' ')
    .filter((operand) => operand !== '')
    .map((operand) => ({
      word: operand.replace(/[[\]<>\u2026]|\.\.\./g, ''),
      isOptional: operand.startsWith('['),
    }));
}

function isRequired(next: Next): (flag: FlagSpec) => boolean {
  return ({ doc }) => (doc.includes('(required)') ? next(10) > 0 : next(3) === 0);
}

function flagWords({ name, value, spaced, optional }: FlagSpec, next: Next): string[] {
  if (value === undefined || (optional === true && next(2) === 0)) return [`--${name}`];
  const given = valueOf(value, next);
  return spaced === true && next(2) === 0 ? [`--${name}`, given] : [`--${name}=${given}`];
}

function valueOf(word: string, next: Next): string {
  return pick(next(8) === 0 ? ODD : valuesOf(word), next);
}

function pick(words: readonly string[], next: Next): string {
  return words[next(words.length)] ?? '';
}
