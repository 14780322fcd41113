/** A dispatch: the one record of an agent process (`docs/design/agents.md`). */
import * as z from 'zod';
import type { ListPage } from '../list/recordPages';
import type { InvalidRow } from '../db/rows';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { FAILURE_CLASSES } from '../failure/failureClass';
import { dispatchId, runId } from '../ids';
import { plainText, storedJson } from '../input';
import { NARROWEST_POLICY, PERMISSION_POLICIES } from './permissionPolicy';
import { storableText } from '../text/storableText';

export const DISPATCH_STATUSES = ['spawned', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const;
export type DispatchStatus = (typeof DISPATCH_STATUSES)[number];

/** Counters may be NULL, which the original reads as 0. */
const counter = z
  .int()
  .nullable()
  .transform((n) => n ?? 0);
const text = z.string().nullable();
const integer = z.int().nullable();
const argv = storedJson.pipe(z.array(z.string())).transform((list): readonly string[] => list);

export const DISPATCHES = defineTable('dispatches', {
  id: column('id', dispatchId),
  /** The agent kind: a built-in one, such as `claude` or `codex`, or one from the settings. */
  agentType: column('agent_type', z.string()),
  status: column('status', z.enum(DISPATCH_STATUSES)),
  projectDir: column('project_dir', z.string()),
  promptFile: column('prompt_file', text),
  promptHash: column('prompt_hash', text),
  outputFile: column('output_file', text),
  verdictFile: column('verdict_file', text),
  pid: column('pid', integer),
  exitCode: column('exit_code', integer),
  name: column('name', text),
  model: column('model', text),
  sandbox: column('sandbox', text),
  timeoutSec: column('timeout_sec', integer),
  turns: column('turns', counter),
  commands: column('commands', counter),
  messages: column('messages', counter),
  inputTokens: column('input_tokens', counter),
  outputTokens: column('output_tokens', counter),
  cacheHits: column('cache_hits', integer),
  createdAt: column('created_at', z.int()),
  startedAt: column('started_at', integer),
  completedAt: column('completed_at', integer),
  verdictStatus: column('verdict_status', text),
  verdictSummary: column('verdict_summary', text),
  errorMessage: column('error_message', text),
  scopeId: column('scope_id', text),
  parentId: column('parent_id', text),
});
export type Dispatch = RowOf<typeof DISPATCHES>;

/**
 * Facts of the process beyond the Intercore columns, in our own table
 * (`docs/design/formats.md#tables-of-our-own`). Unreadable values that only inform must not keep the process from being
 * ended.
 */
export const DISPATCH_PROCESSES = defineTable(
  'dispatch_processes',
  {
    dispatchId: column('dispatch_id', dispatchId),
    argv: column('argv', argv, JSON.stringify),
    cwd: column('cwd', z.string()),
    logFile: column('log_file', z.string()),
    /** Where the launcher writes exit code and times. */
    exitFile: column('exit_file', z.string()),
    /**
     * Distinguishes a process from a later one with the same pid: its start time as reported by the system, with the
     * boot id.
     */
    startToken: column('start_token', text),
    /** The machine the process runs on; its pid means nothing on others. */
    host: column('host', z.string()),
    sessionId: column('session_id', text),
    costUsd: column('cost_usd', z.number().nullable().catch(null)),
    /** The account that limits hold: a hash of its program and credential, which reveals neither. */
    account: column('account', text),
    /** Its class, where the agent failed. */
    failure: column('failure', z.enum(FAILURE_CLASSES).nullable().catch(null)),
    /** When the limit that ended it resets, as reported by the agent. */
    failureResetsAt: column('failure_resets_at', integer.catch(null)),
    /** The permission policy of its session; null where it has none, or none is known. */
    permissions: column('permissions', z.enum(PERMISSION_POLICIES).nullable().catch(NARROWEST_POLICY)),
    /** 1 where its kind was the one that Intercore chose for the folder, 0 where not; null: an earlier version. */
    byDefault: column('by_default', integer.catch(0)),
  },
  'dispatchId',
);
export type DispatchProcess = RowOf<typeof DISPATCH_PROCESSES>;

export const DISPATCH_EVENTS = defineTable('dispatch_events', {
  id: column('id', z.int()),
  dispatchId: column('dispatch_id', dispatchId),
  runId: column('run_id', runId.nullable()),
  fromStatus: column('from_status', z.string()),
  toStatus: column('to_status', z.string()),
  type: column('event_type', z.string()),
  reason: column('reason', text),
  createdAt: column('created_at', z.int()),
});
export type DispatchEvent = RowOf<typeof DISPATCH_EVENTS>;

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
  permissions: z.enum(PERMISSION_POLICIES).nullable().optional(),
  byDefault: z
    .union([z.literal(0), z.literal(1)])
    .nullable()
    .optional(),
});

/** Facts of a running process. */
export type ProcessFacts = z.input<typeof processFacts>;

/** What only the program knows that started the process. */
export type KnownByStarter = Pick<ProcessFacts, 'account' | 'permissions' | 'byDefault'>;

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
