/**
 * Operands and flags of a command line for the arguments of its operation. A required argument is an operand, and so is
 * the id of the command's subject; any other argument is a flag of the same name (`toPhase`: `--to-phase`). The suffix
 * of ids is dropped (`runId`: `<run>`), `folder` is the working directory, and a nullable argument is null if not
 * given.
 */
import * as z from 'zod';
import type { Ways } from '../../contract/declarations/operation';
import { UsageError, type FlagSpec, type ParsedArgs } from '../grammar/argv';
import { integerOf, numberOf, parseInteger } from '../grammar/values';

/** Help for an argument. */
export interface ParameterHelp {
  readonly doc: string;
  /** The placeholder of its value; default: by its type. */
  readonly value?: string;
}

/** One argument of an operation on a command line. */
export interface Parameter {
  readonly argument: string;
  /** Name of its flag, or word of its operand. */
  readonly name: string;
  readonly kind: 'operand' | 'operands' | 'flag' | 'switch';
  readonly isRequired: boolean;
  /** The value if none is given. */
  readonly absent: null | undefined;
  readonly schema: z.ZodType;
}

/** `toPhase`: `to-phase`. */
export function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** In the order of the declaration. `subject`: the noun of the command, such as `subtask`. */
export function parametersOf(schema: z.ZodType, { icArguments = {} }: Ways, subject: string): Parameter[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([argument, field]) => {
    const form = icArguments[argument];
    if (argument === 'folder' || typeof form === 'object' || !(field instanceof z.ZodType)) return [];
    return [parameterOf(argument, field, form, subject)];
  });
}

function parameterOf(argument: string, field: z.ZodType, form: string | undefined, subject: string): Parameter {
  const { inner, isOptional, isNullable } = unwrapped(field);
  const isSwitch = inner instanceof z.ZodBoolean || inner instanceof z.ZodLiteral;
  const isList = inner instanceof z.ZodArray;
  const isRequired = !isOptional && !isNullable;
  const byRule = dashed(argument).replace(/-id$/, '');
  const isOperand = form === undefined ? isRequired || isList || byRule === subject : form.includes('<');
  return {
    argument,
    name: form === undefined ? byRule : form.replace(/^--|[<>[\]\u2026]/g, ''),
    kind: isOperand ? (isList ? 'operands' : 'operand') : isSwitch ? 'switch' : 'flag',
    isRequired: isRequired && !(form?.startsWith('[') ?? false),
    absent: isNullable && !isOptional ? null : undefined,
    schema: isList && inner.element instanceof z.ZodType ? inner.element : inner,
  };
}

interface Unwrapped {
  readonly inner: z.ZodType;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
}

function unwrapped(field: z.ZodType): Unwrapped {
  let inner = field;
  const seen = { isOptional: false, isNullable: false };
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
    if (inner instanceof z.ZodNullable) seen.isNullable = true;
    else seen.isOptional = true;
    const next = inner.unwrap();
    if (!(next instanceof z.ZodType)) break;
    inner = next;
  }
  return { inner, ...seen };
}

/** `<task>`, `[<folder>…]`. */
export function operandWord({ name, kind, isRequired }: Parameter, isOwn: boolean): string {
  const word = kind === 'operands' ? `<${name}>…` : `<${name}>`;
  return isRequired && !isOwn ? word : `[${word}]`;
}

export function flagOf({ name, kind, schema, isRequired }: Parameter, help: ParameterHelp | undefined): FlagSpec {
  const doc = help?.doc ?? '';
  if (kind === 'switch') return { name, doc };
  return { name, value: help?.value ?? valueWord(name, schema), doc, ...(isRequired ? { isRequired } : {}) };
}

function valueWord(name: string, schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.join('|');
  return schema instanceof z.ZodNumber ? 'N' : name.replace(/^.*-/, '').toUpperCase();
}

/** The value of an operand. @throws UsageError */
export function operandValue({ name, schema }: Parameter, text: string | undefined): unknown {
  if (text === undefined || !(schema instanceof z.ZodNumber)) return text;
  const number = parseInteger(text);
  if (number === undefined) throw new UsageError(`invalid ${name}: ${text}`);
  return number;
}

/** The value of a flag. @throws UsageError */
export function flagValue(args: ParsedArgs, { name, kind, schema, isRequired, absent }: Parameter): unknown {
  if (kind === 'switch') return args.switches.has(name) ? true : absent;
  const text = args.values.get(name);
  if (text === undefined && isRequired) throw new UsageError(`--${name} is required`);
  if (text === undefined) return absent;
  if (schema instanceof z.ZodEnum && !schema.options.includes(text)) throw new UsageError(`invalid ${name}: ${text}`);
  return schema instanceof z.ZodNumber ? amount(args, name, schema) : text;
}

function amount(args: ParsedArgs, name: string, schema: z.ZodNumber): number | undefined {
  if (schema.format !== 'safeint') return numberOf(args, name);
  const bound = schema.minValue ?? -Infinity;
  const [min, max] = [schema.safeParse(bound).success ? bound : bound + 1, schema.maxValue ?? Infinity];
  const isOpen = max >= Number.MAX_SAFE_INTEGER;
  const wanted = !isOpen ? `${min}-${max}` : min === 1 ? 'positive integer' : min === 0 ? '0 or more' : 'integer';
  return integerOf(args, name, { min, max, wanted });
}
