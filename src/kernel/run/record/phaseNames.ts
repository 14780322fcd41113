/** Names of phases, and chains of them as runs store them (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import { problemOf } from '../../errors/errors';
import { because, type Reason } from '../../errors/reasons/problem';
import type { Clause } from '../../errors/reasons/reasons';

/** Longest name of a phase; also the limit for phases of artifacts. */
export const MAX_PHASE_LENGTH = 200;

const PHASE_NAME = /^[a-zA-Z0-9_-]+$/;

/** Why a chain is invalid, or undefined. */
export function chainProblem(phases: readonly unknown[]): Reason<Clause<'INVALID_ARGUMENT'>> | undefined {
  if (phases.length < 2) return because('need at least 2 phases, got {count}', { count: phases.length });
  const seen = new Set<string>();
  for (const phase of phases) {
    if (typeof phase !== 'string') return because('every phase must be a string');
    if (phase.length > MAX_PHASE_LENGTH) {
      return because('phase names have at most {limit} characters', { limit: MAX_PHASE_LENGTH });
    }
    if (!PHASE_NAME.test(phase)) {
      return because('invalid phase name {name} (must match [a-zA-Z0-9_-]+)', { name: JSON.stringify(phase) });
    }
    if (seen.has(phase)) return because('duplicate phase "{name}"', { name: phase });
    seen.add(phase);
  }
  return undefined;
}

/** JSON text; null for the default chain. */
export const storedChain = z
  .string()
  .nullable()
  .transform((json, context): readonly string[] | null => {
    if (json === null) return null;
    try {
      const phases: unknown = JSON.parse(json);
      const problem = Array.isArray(phases) ? chainProblem(phases)?.text : 'not a JSON array';
      if (problem === undefined) return phases as readonly string[];
      context.addIssue({ code: 'custom', message: problem });
    } catch (error) {
      context.addIssue({ code: 'custom', message: problemOf(error) });
    }
    return z.NEVER;
  });
