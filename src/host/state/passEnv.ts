/**
 * The setting `intercore.agents.passEnv` as terminals and dispatches pass it to `ic`: one variable with names separated
 * by commas.
 */
import * as z from 'zod';
import { variablePattern } from '../../contract/variables';
import { KernelError } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';

export const PASS_ENV_VARIABLE = 'INTERCORE_PASS_ENV';

const patterns = z.array(variablePattern);

/** @throws KernelError `INVALID_ARGUMENT` unless each is a name or a pattern of names */
export function passEnvOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const given = (environment[PASS_ENV_VARIABLE] ?? '').split(',').filter((name) => name !== '');
  const parsed = patterns.safeParse(given);
  if (parsed.success) return parsed.data;
  const problem = foreignText(parsed.error.issues[0]?.message ?? parsed.error.message);
  throw new KernelError('INVALID_ARGUMENT', { argument: PASS_ENV_VARIABLE, problem });
}
