/** Codecs of rows of dispatches, which any program may have written (`docs/design/formats.md#tables`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { FAILURE_CLASSES } from '../failure/failureClass';
import { dispatchId, runId } from '../ids';
import { DISPATCH_STATUSES, type Dispatch, type DispatchEvent, type DispatchProcess } from './model';

/** Counters may be NULL, which the original reads as 0. */
const counter = z
  .int()
  .nullable()
  .transform((n) => n ?? 0);
const text = z.string().nullable();
const integer = z.int().nullable();

export const dispatchCodec = rowCodec<Dispatch>(
  'dispatches',
  z
    .object({
      id: dispatchId,
      agent_type: z.string(),
      status: z.enum(DISPATCH_STATUSES),
      project_dir: z.string(),
      prompt_file: text,
      prompt_hash: text,
      output_file: text,
      verdict_file: text,
      pid: integer,
      exit_code: integer,
      name: text,
      model: text,
      sandbox: text,
      timeout_sec: integer,
      turns: counter,
      commands: counter,
      messages: counter,
      input_tokens: counter,
      output_tokens: counter,
      cache_hits: integer,
      created_at: z.int(),
      started_at: integer,
      completed_at: integer,
      verdict_status: text,
      verdict_summary: text,
      error_message: text,
      scope_id: text,
      parent_id: text,
    })
    .transform((row) => ({
      id: row.id,
      agentType: row.agent_type,
      status: row.status,
      projectDir: row.project_dir,
      promptFile: row.prompt_file,
      promptHash: row.prompt_hash,
      outputFile: row.output_file,
      verdictFile: row.verdict_file,
      pid: row.pid,
      exitCode: row.exit_code,
      name: row.name,
      model: row.model,
      sandbox: row.sandbox,
      timeoutSec: row.timeout_sec,
      turns: row.turns,
      commands: row.commands,
      messages: row.messages,
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cacheHits: row.cache_hits,
      createdAt: row.created_at,
      startedAt: row.started_at,
      completedAt: row.completed_at,
      verdictStatus: row.verdict_status,
      verdictSummary: row.verdict_summary,
      errorMessage: row.error_message,
      scopeId: row.scope_id,
      parentId: row.parent_id,
    })),
);

const argv = z
  .string()
  .transform((json, context): unknown => {
    try {
      return JSON.parse(json);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `not JSON: ${String(error)}` });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string()));

export const processCodec = rowCodec<DispatchProcess>(
  'dispatch_processes',
  z
    .object({
      dispatch_id: dispatchId,
      argv,
      cwd: z.string(),
      log_file: z.string(),
      exit_file: z.string(),
      start_token: text,
      host: z.string(),
      session_id: text,
      // Unreadable values must not keep the process from being ended.
      cost_usd: z.number().nullable().catch(null),
      account: text,
      failure: z.enum(FAILURE_CLASSES).nullable().catch(null),
      failure_resets_at: integer.catch(null),
    })
    .transform((row) => ({
      dispatchId: row.dispatch_id,
      argv: row.argv,
      cwd: row.cwd,
      logFile: row.log_file,
      exitFile: row.exit_file,
      startToken: row.start_token,
      host: row.host,
      sessionId: row.session_id,
      costUsd: row.cost_usd,
      account: row.account,
      failure: row.failure,
      failureResetsAt: row.failure_resets_at,
    })),
  'dispatch_id',
);

export const eventCodec = rowCodec<DispatchEvent>(
  'dispatch_events',
  z
    .object({
      id: z.int(),
      dispatch_id: dispatchId,
      run_id: runId.nullable(),
      from_status: z.string(),
      to_status: z.string(),
      event_type: z.string(),
      reason: text,
      created_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      dispatchId: row.dispatch_id,
      runId: row.run_id,
      fromStatus: row.from_status,
      toStatus: row.to_status,
      type: row.event_type,
      reason: row.reason,
      createdAt: row.created_at,
    })),
);
