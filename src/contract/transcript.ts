/** The transcript of a dispatch: what its agent and others said and did, in entries (`docs/design/sessions.md#transcripts`). */
import * as z from 'zod';

export const TOOL_STATUSES = ['running', 'completed', 'failed', 'canceled', 'unfinished'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];

export const STEP_STATUSES = ['pending', 'inProgress', 'completed'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

const textDiff = z.object({ path: z.string(), oldText: z.string().nullable(), newText: z.string() });
export type TextDiff = z.infer<typeof textDiff>;

const planStep = z.object({ text: z.string(), status: z.enum(STEP_STATUSES) });
export type PlanStep = z.infer<typeof planStep>;

/** Who answered a request. `name`: the number of the rule, the policy, or the person. `turn`: it ended first. */
const decider = z.object({ kind: z.enum(['rule', 'policy', 'person', 'turn']), name: z.string() });
export type Decider = z.infer<typeof decider>;

/** What the host of a session notes, so that it can be shown in the language of the person. */
const sessionNote = z.discriminatedUnion('kind', [
  /** `details`: the agent, the session, and the mode, as far as known. */
  z.object({ kind: z.literal('opened'), how: z.enum(['new', 'load', 'resume']), details: z.array(z.string()) }),
  /** `problem`: why it was refused, or null. */
  z.object({ kind: z.literal('command'), command: z.string(), by: z.string(), problem: z.string().nullable() }),
  z.object({ kind: z.literal('skipped'), bytes: z.number() }),
  z.object({ kind: z.literal('mode'), mode: z.string() }),
  /** `turn`: 0 if the session was not opened. `reason`: empty if there is none. */
  z.object({ kind: z.literal('turnEnded'), turn: z.number(), reason: z.string() }),
]);
export type SessionNote = z.infer<typeof sessionNote>;

/** Texts are foreign and bounded: one that is longer ends with a note of how much was left out. */
export const transcriptEntry = z.discriminatedUnion('kind', [
  /** `by`: who said it; null for the agent. */
  z.object({ kind: z.literal('message'), by: z.string().nullable(), text: z.string() }),
  z.object({ kind: z.literal('thought'), text: z.string() }),
  z.object({
    kind: z.literal('tool'),
    title: z.string(),
    status: z.enum(TOOL_STATUSES),
    paths: z.array(z.string()),
    output: z.string(),
    diffs: z.array(textDiff),
  }),
  z.object({ kind: z.literal('plan'), steps: z.array(planStep) }),
  /** A request of the agent. `answer`: null while it is open. */
  z.object({
    kind: z.literal('decision'),
    number: z.number(),
    title: z.string(),
    details: z.array(z.string()),
    answer: z.enum(['allow', 'deny', 'accept', 'decline', 'cancelled']).nullable(),
    by: decider.nullable(),
    reason: z.string().nullable(),
  }),
  /** Of the dispatch so far. */
  z.object({
    kind: z.literal('usage'),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cacheHits: z.number(),
    costUsd: z.number().nullable(),
  }),
  /** `output`: printed lines that are none of the others. `about`: what the text says, where a host noted it. */
  z.object({
    kind: z.literal('note'),
    tone: z.enum(['info', 'error', 'output']),
    text: z.string(),
    about: sessionNote.optional(),
  }),
]);
export type TranscriptEntry = z.infer<typeof transcriptEntry>;
export type EntryOf<K extends TranscriptEntry['kind']> = Extract<TranscriptEntry, { readonly kind: K }>;
