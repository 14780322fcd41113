/**
 * Values given as flags: integers, numbers and booleans in the grammar of the original
 * (`docs/design/commandLine.md#text-and-json`).
 */
import { microsOf } from '../../kernel/budget/amounts';
import type { ParsedArgs } from './argv';
import { UsageError } from './argv';
import { parseDuration } from './duration';

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** A flag's text. */
export function textOf(args: ParsedArgs, name: string): string | undefined {
  return args.values.get(name);
}

export interface IntegerBounds {
  readonly min?: number;
  readonly max?: number;
  /** The accepted values, for the error: `1-5`, `positive integer`. */
  readonly wanted: string;
}

/** @throws UsageError `invalid NAME (WANTED): TEXT` */
export function integerOf(args: ParsedArgs, name: string, bounds: IntegerBounds): number | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  const number = parseInteger(text);
  if (number === undefined || number < (bounds.min ?? -Infinity) || number > (bounds.max ?? Infinity)) {
    throw new UsageError(`invalid ${name} (${bounds.wanted}): ${text}`);
  }
  return number;
}

/** A signed decimal integer without spaces, or undefined. */
export function parseInteger(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** @throws UsageError */
export function numberOf(args: ParsedArgs, name: string): number | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new UsageError(`invalid ${name}: ${text}`);
  return Number(text);
}

/** An amount of dollars above zero, in micro-dollars. @throws UsageError */
export function microsIn(args: ParsedArgs, name: string): number | undefined {
  const usd = numberOf(args, name);
  if (usd === undefined) return undefined;
  const micros = microsOf(usd);
  if (micros <= 0) throw new UsageError(`invalid ${name} (dollars above zero): ${args.values.get(name) ?? ''}`);
  return micros;
}

/** @throws UsageError */
export function booleanOf(args: ParsedArgs, name: string): boolean | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new UsageError(`invalid ${name}: ${text}`);
}

/** Milliseconds. @throws UsageError */
export function durationOf(args: ParsedArgs, name: string): number | undefined {
  const text = args.values.get(name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`invalid ${name}: ${text}`);
  return ms;
}

/**
 * The positional at `index`, even an empty one, as in the original.
 * @throws UsageError with the command's usage line
 */
export function positional(args: ParsedArgs, index: number, usage: string): string {
  const word = args.positionals[index];
  if (word === undefined) throw new UsageError(`usage: ${usage}`);
  return word;
}
