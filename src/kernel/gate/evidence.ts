/** Evidence as stored in the reason of an event (`docs/design/formats.md#evidence`). */
import * as z from 'zod';
import { encodeGoJson } from '../text/goJson';
import { RUN_STATUSES } from '../run/record/model';
import { GATE_CHECKS, type GateCheck } from './checks/table';
import type { GateConditionResult, ProjectBehind } from './model';
import { defined } from '../defined';

const START = '{"conditions":[';

const projectBehind = z.object({
  project: z.string(),
  phase: z.string(),
  status: z.enum(RUN_STATUSES),
  problem: z.string().exactOptional(),
});

const gateCheck = z.custom<GateCheck>((name) => typeof name === 'string' && Object.hasOwn(GATE_CHECKS, name));

const storedEvidence = z.object({
  conditions: z.array(
    z.object({
      check: gateCheck,
      phase: z.string().exactOptional(),
      result: z.enum(['pass', 'fail']),
      count: z.int().exactOptional(),
      detail: z.string().exactOptional(),
      behind: z.array(projectBehind).exactOptional(),
    }),
  ),
});

/** JSON with the keys in the original's order; empty when there are no conditions. */
export function encodeEvidence(conditions: readonly GateConditionResult[]): string {
  return conditions.length === 0 ? '' : encodeGoJson({ conditions: conditions.map(storedCondition) });
}

type StoredValue = string | number | readonly Readonly<Record<string, string>>[];

/**
 * A condition as stored and printed. The original's text names upstream projects but not children, so only children are
 * named in a key of our own.
 */
export function storedCondition(condition: GateConditionResult): { [key: string]: StoredValue } {
  const { check, phase, result, count, detail, behind } = condition;
  return {
    check,
    ...(phase === undefined || phase === '' ? {} : { phase }),
    result,
    ...defined({ count }),
    ...(detail === undefined || detail === '' ? {} : { detail }),
    ...(behind === undefined || check !== 'children_at_phase' ? {} : { behind: behind.map(storedProject) }),
  };
}

function storedProject({ project, phase, status, problem }: ProjectBehind): Readonly<Record<string, string>> {
  return { project, phase, status, ...defined({ problem }) };
}

/** The conditions in a stored reason, with or without a caller's own text before them; undefined where it has none. */
export function parseEvidence(reason: string): readonly GateConditionResult[] | undefined {
  // Quotes inside the evidence are escaped, so its start is the last match.
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
