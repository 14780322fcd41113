/**
 * A decision about a request of an agent, as the host of its session leaves it and a record stores it. Knows nothing of
 * the database.
 */
import * as z from 'zod';

/** `turn`: its turn ended, or the agent withdrew the request. */
export const DECIDERS = ['person', 'rule', 'policy', 'turn'] as const;

/** Longest text that is stored of a request or a reason, in UTF-16 units; a longer text is cut. */
export const MAX_DECISION_TEXT = 2000;
export const MAX_DECISION_NAME = 200;

export const newDecision = z.object({
  /** Of the request, from 1 in each dispatch. */
  number: z.int(),
  /** The kind of tool, or `question`. */
  tool: z.string(),
  /** The command, MCP tool, paths, or question. */
  subject: z.string(),
  /** `allow`, `deny`, `accept`, `decline`, or `cancelled`. */
  answer: z.string(),
  by: z.enum(DECIDERS),
  /** The person's window or `ic`, the number of the rule, or the policy. Empty for the end of the turn. */
  name: z.string(),
  reason: z.string().nullable(),
  /** Unix seconds. */
  askedAt: z.int().nullable(),
  decidedAt: z.int(),
});
export type NewDecision = Readonly<z.infer<typeof newDecision>>;
