/** Evidence as it is stored in the reason of an event (`spec/kernel.md` §3.4). */
import * as z from 'zod';
import { encodeGoJson } from '../goJson';
import { GATE_CHECKS, type GateConditionResult } from './model';

const START = '{"conditions":[';

const storedEvidence = z.object({
  conditions: z.array(
    z.object({
      check: z.enum(GATE_CHECKS),
      phase: z.string().exactOptional(),
      result: z.enum(['pass', 'fail']),
      count: z.int().exactOptional(),
      detail: z.string().exactOptional(),
    }),
  ),
});

/** JSON with the keys in the original's order; empty when there are no conditions. */
export function encodeEvidence(conditions: readonly GateConditionResult[]): string {
  if (conditions.length === 0) return '';
  const ordered = conditions.map(({ check, phase, result, count, detail }) => ({
    check,
    ...(phase === undefined || phase === '' ? {} : { phase }),
    result,
    ...(count === undefined ? {} : { count }),
    ...(detail === undefined || detail === '' ? {} : { detail }),
  }));
  return encodeGoJson({ conditions: ordered });
}

/** The conditions in a stored reason, with or without a caller's own words before them; undefined where it has none. */
export function parseEvidence(reason: string): readonly GateConditionResult[] | undefined {
  // Quotes inside the evidence are escaped, so its start is the last such text.
  const start = reason.lastIndexOf(START);
  if (start < 0) return undefined;
  const parsed = storedEvidence.safeParse(readJson(reason.slice(start)));
  return parsed.success ? parsed.data.conditions : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Other programs may put any text into a reason.
    return undefined;
  }
}
