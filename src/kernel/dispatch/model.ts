/** A dispatch: the one record of an agent process (`docs/design/agents.md`). */
import * as z from 'zod';
import type { ListPage } from '../list/recordPages';
import type { InvalidRow } from '../db/rows';
import { FAILURE_CLASSES, type FailureClass } from '../failure/failureClass';
import type { DispatchId, RunId } from '../ids';
import { plainText } from '../input';
import { storableText } from '../text/storableText';

export const DISPATCH_STATUSES = ['spawned', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const;
export type DispatchStatus = (typeof DISPATCH_STATUSES)[number];

export interface Dispatch {
  readonly id: DispatchId;
  /** The agent kind: `claude`, `codex`, `shell`, or one from the settings. */
  readonly agentType: string;
  readonly status: DispatchStatus;
  readonly projectDir: string;
  readonly promptFile: string | null;
  readonly promptHash: string | null;
  readonly outputFile: string | null;
  readonly verdictFile: string | null;
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly name: string | null;
  readonly model: string | null;
  readonly sandbox: string | null;
  readonly timeoutSec: number | null;
  readonly turns: number;
  readonly commands: number;
  readonly messages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly verdictStatus: string | null;
  readonly verdictSummary: string | null;
  readonly errorMessage: string | null;
  readonly scopeId: string | null;
  readonly parentId: string | null;
}

/**
 * Facts of the process beyond the Intercore columns, in our own table `dispatch_processes`
 * (`docs/design/formats.md#tables-of-our-own`).
 */
export interface DispatchProcess {
  readonly dispatchId: DispatchId;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  /** Where the launcher writes exit code and times. */
  readonly exitFile: string;
  /**
   * Distinguishes a process from a later one with the same pid: its start time as reported by the system, with the boot
   * id.
   */
  readonly startToken: string | null;
  /** The machine the process runs on; its pid means nothing on others. */
  readonly host: string;
  readonly sessionId: string | null;
  readonly costUsd: number | null;
  /** The account that limits hold: a hash of its program and credential, which reveals neither. */
  readonly account: string | null;
  /** Its class, where the agent failed. */
  readonly failure: FailureClass | null;
  /** When the limit that ended it resets, as reported by the agent. */
  readonly failureResetsAt: number | null;
}

/** Longest path we store, in UTF-16 units. */
export const MAX_PATH_LENGTH = 4096;

/** Longest text about an ending that we store, in UTF-16 units; a longer text is cut. */
export const MAX_ENDING_TEXT = 200_000;
const MAX_VERDICT_LENGTH = 200;
const MAX_ARGUMENT_LENGTH = 1_000_000;

const path = plainText.min(1).max(MAX_PATH_LENGTH);
const count = z.int().min(0);

export const createDispatchInput = z.strictObject({
  agentType: plainText.min(1).max(64),
  projectDir: path,
  promptFile: path.optional(),
  promptHash: plainText.min(1).max(200).optional(),
  outputFile: path.optional(),
  verdictFile: path.optional(),
  name: plainText.min(1).max(200).optional(),
  model: plainText.min(1).max(200).optional(),
  /** Absent: `DEFAULT_SANDBOX`. */
  sandbox: plainText.min(1).max(200).optional(),
  timeoutSec: z.int().positive().optional(),
  /** The run it works for; its scope. */
  scopeId: plainText.min(1).max(4096).optional(),
  parentId: plainText.min(1).max(200).optional(),
});
export type CreateDispatchInput = z.input<typeof createDispatchInput>;

export const DEFAULT_SANDBOX = 'workspace-write';

export const processFacts = z.strictObject({
  pid: z.int().positive(),
  /** An argument may hold the prompt, so any text is allowed. */
  argv: z
    .array(z.string().transform((argument) => storableText(argument, MAX_ARGUMENT_LENGTH)))
    .min(1)
    .readonly(),
  cwd: path,
  logFile: path,
  exitFile: path,
  startToken: plainText.min(1).max(1024).nullable(),
  host: plainText.min(1).max(1024),
  account: plainText.min(1).max(200).nullable().optional(),
});

/** Facts of a running process. */
export type ProcessFacts = z.input<typeof processFacts>;

const tokenCounts = {
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  cacheHits: count.optional(),
};

/** Absolute token counts; at least one. */
export const dispatchTokens = z
  .strictObject(tokenCounts)
  .refine((tokens) => Object.values(tokens).some((n) => n !== undefined), 'at least one count is needed');
export type DispatchTokens = z.input<typeof dispatchTokens>;

export const dispatchProgress = z.strictObject({
  turns: count.optional(),
  commands: count.optional(),
  messages: count.optional(),
  ...tokenCounts,
  sessionId: plainText.min(1).max(1024).optional(),
  costUsd: z.number().min(0).optional(),
  /** The cost of the tokens by list prices, in micro-dollars. */
  pricedCostMicros: count.optional(),
});

/** Absolute figures so far, not increments. An absent field keeps the stored value. */
export type DispatchProgress = z.input<typeof dispatchProgress>;

/** Made storable here: no text from an agent or the system may keep the dispatch from ending. */
const endingText = (longest: number) => z.string().transform((text) => storableText(text, longest));

/** Figures that cannot be stored are omitted one by one: they come from the agent. */
const endingFigures = z.strictObject({
  turns: count.optional().catch(undefined),
  commands: count.optional().catch(undefined),
  messages: count.optional().catch(undefined),
  inputTokens: count.optional().catch(undefined),
  outputTokens: count.optional().catch(undefined),
  cacheHits: count.optional().catch(undefined),
  sessionId: dispatchProgress.shape.sessionId.catch(undefined),
  costUsd: dispatchProgress.shape.costUsd.catch(undefined),
  pricedCostMicros: count.optional().catch(undefined),
});

export const dispatchEnding = z.strictObject({
  status: z.enum(['completed', 'failed', 'timeout', 'cancelled']),
  exitCode: z.int().optional(),
  verdictStatus: endingText(MAX_VERDICT_LENGTH).optional(),
  verdictSummary: endingText(MAX_ENDING_TEXT).optional(),
  errorMessage: endingText(MAX_ENDING_TEXT).optional(),
  progress: endingFigures.optional(),
  /** Why the agent failed, and when the failure passes. */
  failure: z.strictObject({ class: z.enum(FAILURE_CLASSES), resetsAt: z.int().nullable().catch(null) }).optional(),
  /** There was no process, so nothing was used. */
  neverStarted: z.boolean().optional(),
});

export type DispatchEnding = z.input<typeof dispatchEnding>;

/** An ending as it is stored. */
export type StorableEnding = z.output<typeof dispatchEnding>;

export interface DispatchFilter {
  readonly active?: boolean;
  readonly scopeId?: string;
  readonly status?: DispatchStatus;
  /** A page of the list. */
  readonly page?: ListPage;
}

export interface DispatchList {
  readonly dispatches: readonly Dispatch[];
  /** Unreadable rows; lists show them with the others instead of failing. */
  readonly invalid: readonly InvalidRow[];
}

export interface DispatchEvent {
  readonly id: number;
  readonly dispatchId: DispatchId;
  readonly runId: RunId | null;
  readonly fromStatus: string;
  readonly toStatus: string;
  readonly type: string;
  readonly reason: string | null;
  readonly createdAt: number;
}
