/**
 * The lines of a session's log, each as JSON: what the agent and its host wrote to each other, and what the host did.
 * The only declaration of them: the host writes its type, readers parse it. Messages stay as they came and are read by
 * `protocol.ts`. A line of another shape is unknown to a reader; a value that a newer host added is read as the rest is.
 */
import * as z from 'zod';
import { openRequest, SESSION_ANSWERS } from '../../../contract/sessions';
import { USAGE_MEANINGS } from '../../../contract/usageMeanings';
import { PERMISSION_POLICIES } from '../../../contract/permissions/model';

const text = z.string();
const textOrNull = z.string().nullable().catch(null);

/** The number of the line from 1, and when it was written, in unix milliseconds. */
const everyLine = { n: z.number().catch(0), at: z.number().catch(0) };

function line<T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.object({ type: z.literal(type), ...everyLine, ...shape });
}

/** Who answered a request. `turn`: its turn ended or was canceled. */
const decidedBy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rule'), number: z.number() }),
  z.object({ kind: z.literal('policy'), policy: z.enum(PERMISSION_POLICIES) }),
  z.object({ kind: z.literal('person'), name: text }),
  z.object({ kind: z.literal('turn') }),
]);

/** A line that was too long for a reader lost its lists. */
const askedRequest = z.preprocess(
  (value) => (typeof value === 'object' ? { paths: [], diffs: [], fields: [], ...value } : value),
  openRequest,
);

export const sessionLogLine = z.discriminatedUnion('type', [
  /** A message of the agent. */
  line('received', { message: z.unknown() }),
  /** A line on the agent's standard output that is no JSON object. */
  line('printed', { text }),
  /** A line on its standard error. */
  line('stderr', { text }),
  /** A message to the agent. */
  line('sent', { message: z.unknown() }),

  /** `agent`: its name and version. `mode`: as it was read back. `isForgotten`: an earlier session is gone. */
  line('opened', {
    sessionId: text,
    how: z.enum(['new', 'load', 'resume']),
    isForgotten: z.boolean().optional().catch(undefined),
    agent: text,
    mode: textOrNull,
    usage: z.enum(USAGE_MEANINGS).catch('none'),
  }),
  /** A prompt is sent. `text`: its start. `by`: `task` or a person. */
  line('turn', { turn: z.number(), text, by: text }),
  /** `usage`: the fields of these names of the prompt's answer. */
  line('turnEnded', {
    turn: z.number(),
    stopReason: textOrNull,
    error: z.object({ code: z.number(), message: text }).nullable().catch(null),
    usage: z.object({ usage: z.unknown().optional(), _meta: z.unknown().optional() }).nullable().catch(null),
  }),
  line('asked', { request: askedRequest }),
  /** `option`: the agent's id of the chosen option. */
  line('decided', {
    number: z.number(),
    answer: z.enum([...SESSION_ANSWERS, 'cancelled']),
    by: decidedBy,
    option: textOrNull,
    reason: textOrNull,
  }),
  line('command', {
    kind: text,
    by: text,
    outcome: z.enum(['done', 'refused']),
    problem: text.optional().catch(undefined),
  }),
  /** A line of the agent that was too long to keep. */
  line('skipped', { bytes: z.number() }),
  /** From on to off the agent repeats the history of a loaded session. */
  line('replaying', { isOn: z.boolean() }),
]);

export type SessionLogLine = z.infer<typeof sessionLogLine>;
export type SessionLogLineOf<T extends SessionLogLine['type']> = Extract<SessionLogLine, { type: T }>;
