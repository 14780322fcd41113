/** Sessions of agents, as the surfaces see them (`docs/design/sessions.md`). */
import * as z from 'zod';
import { attachment } from './attachments';
import { PERMISSION_POLICIES, permissionRules, TOOL_KINDS } from './permissions/model';

export const SESSION_PHASES = ['starting', 'idle', 'running', 'paused', 'closing', 'ended'] as const;
export type SessionPhase = (typeof SESSION_PHASES)[number];

/** Where a text for the agent goes: after this turn, into this turn, or in place of the rest of it. */
export const SAY_WHEN = ['afterTurn', 'now', 'instead'] as const;
export type SayWhen = (typeof SAY_WHEN)[number];

const diff = z.object({ path: z.string(), oldText: z.string().nullable(), newText: z.string(), isCut: z.boolean() });
export type RequestedDiff = z.infer<typeof diff>;

/** A field of a form, from the flat schema that the protocol allows. */
const formField = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string().optional(),
  kind: z.enum(['text', 'number', 'integer', 'boolean', 'choice', 'choices']),
  choices: z.array(z.object({ value: z.string(), title: z.string() })).optional(),
  isRequired: z.boolean(),
});
export type FormField = z.infer<typeof formField>;

/** What an agent waits for. `number` counts the requests of one dispatch from 1. */
export const openRequest = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('permission'),
    number: z.int().min(1),
    askedAtMs: z.number(),
    title: z.string(),
    tool: z.enum(TOOL_KINDS),
    command: z.string().optional(),
    mcpTool: z.string().optional(),
    /** `below`: relative to the worktree, with slashes. Missing where an older host wrote it. */
    paths: z.array(z.object({ path: z.string(), isInside: z.boolean(), below: z.string().optional() })),
    diffs: z.array(diff),
    /** Whether it can be allowed, and denied, once; an agent may offer only one of them. */
    mayAllow: z.boolean(),
    mayDeny: z.boolean(),
  }),
  z.object({
    kind: z.literal('question'),
    number: z.int().min(1),
    askedAtMs: z.number(),
    title: z.string(),
    fields: z.array(formField),
  }),
]);
export type OpenRequest = z.infer<typeof openRequest>;

/** A text that waits for the end of the turn. `attached`: the names of its attachments. */
export const waitingText = z.object({
  id: z.string(),
  text: z.string(),
  by: z.string(),
  atMs: z.number(),
  attached: z.array(z.string()).optional(),
});
export type WaitingText = z.infer<typeof waitingText>;

/** The state of a session, written by its host. */
export const sessionState = z.object({
  /** The agent's own name of the session; null until it has one. */
  sessionId: z.string().nullable(),
  agentName: z.string(),
  phase: z.enum(SESSION_PHASES),
  /** A pause was requested: it starts with the end of the turn, or has started. */
  wantsPause: z.boolean().default(false),
  /** Turns so far, with the current one. */
  turns: z.int().min(0),
  policy: z.enum(PERMISSION_POLICIES),
  /** Of the rules in force. Missing where an older host wrote the state. */
  rulesDigest: z.string().optional(),
  /** Whether the agent's ask mode is set and was read back. */
  asks: z.boolean(),
  canSteer: z.boolean(),
  canResume: z.boolean(),
  requests: z.array(openRequest),
  waiting: z.array(waitingText),
  /** The answers and texts that had an effect, by `effectKey`. Missing where an older host wrote the state. */
  effects: z.array(z.string()).optional(),
  /** What the agent is doing, as it says: the last tool call or the start of its message. */
  activity: z.string(),
  /** Steps of the agent's plan that are done, and all; null without a plan. */
  plan: z.object({ done: z.int().min(0), all: z.int().min(0) }).nullable(),
  /** How long it has waited for a person, in which its time limit stands. */
  waitedMs: z.number().min(0),
  updatedAtMs: z.number(),
});
export type SessionState = z.infer<typeof sessionState>;

/** The outcome of a request to all sessions of a folder. */
export interface AllSessions {
  /** Dispatches whose session got the request. */
  readonly dispatches: readonly string[];
  readonly left: readonly LeftDispatch[];
}

/** A dispatch that did not get a request. */
export interface LeftDispatch {
  readonly dispatchId: string;
  /** Of the dispatch, or its kind. */
  readonly name: string;
  readonly kind: string;
  /** Null where agents of its kind run without a session. */
  readonly problem: string | null;
}

export const SESSION_ANSWERS = ['allow', 'deny', 'accept', 'decline'] as const;

const by = z.string().min(1).max(200);

/** What a program asks of a session's host, as a file. */
export const sessionCommand = z.discriminatedUnion('kind', [
  /** `text` is the prompt's text; a deny is followed by its reason as the next prompt. */
  z.object({
    kind: z.literal('answer'),
    number: z.int().min(1),
    answer: z.enum(SESSION_ANSWERS),
    reason: z.string().max(10_000).optional(),
    /** Of a form. */
    values: z.record(z.string(), z.unknown()).optional(),
    by,
  }),
  z.object({
    kind: z.literal('say'),
    id: z.string(),
    text: z.string().min(1),
    attachments: z.array(attachment).optional(),
    when: z.enum(SAY_WHEN),
    by,
  }),
  /** Replaces the text of one that waits; an empty text removes it. */
  z.object({ kind: z.literal('edit'), id: z.string(), text: z.string(), by }),
  z.object({ kind: z.literal('cancel'), by }),
  z.object({ kind: z.literal('pause'), by }),
  z.object({ kind: z.literal('resume'), by }),
  z.object({ kind: z.literal('close'), by }),
  /** The rules of the person's settings have changed; they replace those that the session was started with. */
  z.object({ kind: z.literal('rules'), rules: permissionRules, by }),
]);
export type SessionCommand = z.infer<typeof sessionCommand>;

/** Names an answer or a text of a session. */
export function effectKey(command: Extract<SessionCommand, { kind: 'answer' | 'say' }>): string {
  return command.kind === 'answer' ? `answer ${command.number}` : `say ${command.id}`;
}
