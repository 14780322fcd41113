/** Names of phases, and chains of them as runs store them (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import { problemOf } from '../../errors/errors';

/** Longest name of a phase; also the limit for phases of artifacts. */
export const MAX_PHASE_LENGTH = 200;

const PHASE_NAME = /^[a-zA-Z0-9_-]+$/;

/** Why a chain is invalid, or undefined. */
export function chainProblem(phases: readonly unknown[]): string | undefined {
  if (phases.length < 2) return `need at least 2 phases, got ${phases.length}`;
  const seen = new Set<string>();
  for (const phase of phases) {
    if (typeof phase !== 'string') return 'every phase must be a string';
    if (phase.length > MAX_PHASE_LENGTH) return `phase names have at most ${MAX_PHASE_LENGTH} characters`;
    if (!PHASE_NAME.test(phase)) return `invalid phase name ${JSON.stringify(phase)} (must match [a-zA-Z0-9_-]+)`;
    if (seen.has(phase)) return `duplicate phase "${phase}"`;
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
      const problem = Array.isArray(phases) ? chainProblem(phases) : 'not a JSON array';
      if (problem === undefined) return phases as readonly string[];
      context.addIssue({ code: 'custom', message: problem });
    } catch (error) {
      context.addIssue({ code: 'custom', message: problemOf(error) });
    }
    return z.NEVER;
  });
