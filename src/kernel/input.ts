/** Parsing of callers' input: every service function checks its input before it touches the database. */
import * as z from 'zod';
import { KernelError } from './errors/errors';
import { foreignText } from './errors/reasons/problem';

/** Text that SQLite returns unchanged: a NUL would end it early, half a surrogate pair would be replaced. */
export const plainText = z
  .string()
  .refine((value) => !/\0|\p{Surrogate}/u.test(value), 'it must not contain NUL or half characters');

/** Text that is not blank. */
export const nonBlank = plainText.refine((value) => value.trim().length > 0, 'it must not be empty');

/** Longest JSON document we store beside state, in UTF-16 units. */
const MAX_DOCUMENT_LENGTH = 1_048_576;

/** One JSON value as text, stored unchanged. */
export const jsonText = plainText.max(MAX_DOCUMENT_LENGTH).refine(isStorableJson, 'it must be JSON');

/** Whether the text may have a number greater than any 64-bit float. */
const HUGE = /\d[eE]\+?\d{2}|\d{300}/;

/** Whether the text is exactly one JSON value whose numbers are finite, as the original requires of stored values. */
export function isStorableJson(text: string): boolean {
  if (!isJson(text)) return false;
  if (!HUGE.test(text)) return true;
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g) ?? [];
  return tokens.every((token) => token.startsWith('"') || Number.isFinite(Number(token)));
}

/** Whether the text is exactly one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A JSON value that a row keeps as text. */
export const storedJson = z
  .string()
  .refine(isJson, 'it must be JSON')
  .transform((text): unknown => JSON.parse(text));

/**
 * `whole` names the input in the error if no single field is wrong.
 * @throws KernelError `INVALID_ARGUMENT` naming the first argument outside the schema.
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, whole = 'input'): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new KernelError('INVALID_ARGUMENT', {
    argument: issue?.path.join('.') || whole,
    problem: foreignText(issue?.message ?? parsed.error.message),
  });
}
