/** Untrusted arguments of operations and commands. */
import type * as z from 'zod';
import { KernelError } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';

/** @throws KernelError `INVALID_ARGUMENT` that names the first invalid field. */
export function parseArguments<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const argument = issue?.path.join('.') ?? '';
  throw new KernelError('INVALID_ARGUMENT', {
    argument: argument === '' ? 'arguments' : argument,
    problem: foreignText(issue?.message ?? parsed.error.message),
  });
}
