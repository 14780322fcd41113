/** The lines that the Claude CLI prints with `--output-format stream-json`: the only declaration of them. */
import * as z from 'zod';

const text = z.string().optional();
const flag = z.boolean().optional();
const figure = z.number().min(0).optional();

/** Line types that are neither counted nor shown as text, as of Claude Code 2.1.329. */
const OTHER_TYPES = [
  'stream_event',
  'tool_progress',
  'tool_use_summary',
  'auth_status',
  'prompt_suggestion',
  'keep_alive',
  'control_request',
  'control_response',
  'control_cancel_request',
  'api_metrics',
  'conversation_reset',
  'thinking_progress',
  'thinking_signature',
  'thinking_dropped',
  'session_notice',
  'transcript_mirror',
  'command_lifecycle',
  'tombstone',
  'attachment',
  'hook_success',
  'task_completed',
  'autocompact_state',
] as const;

const unknown = z.object({ type: z.literal('unknown') });

const usage = z.object({
  input_tokens: figure,
  cache_creation_input_tokens: figure,
  cache_read_input_tokens: figure,
  output_tokens: figure,
});

/** Printed at each change. Only a refusal contains the time when work can continue. */
const limit = z.object({ status: text, resetsAt: figure });

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('thinking'), thinking: text }),
  z.object({ type: z.literal('tool_use'), id: text, name: text, input: z.unknown() }),
  unknown,
]);

const toolResult = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: text,
    content: z.union([z.string(), z.array(z.object({ type: text, text }))]).optional(),
    is_error: flag,
  }),
  unknown,
]);

export const claudeLines = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('system'),
    subtype: text,
    session_id: text,
    claude_code_version: text,
    model: text,
    cwd: text,
    error: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  }),
  z.object({
    type: z.literal('assistant'),
    error: text,
    api_error: text,
    rate_limit_info: limit.optional(),
    message: z
      .object({ id: text, usage: usage.optional(), content: z.union([z.string(), z.array(block)]).optional() })
      .optional(),
  }),
  z.object({
    type: z.literal('user'),
    message: z.object({ content: z.union([z.string(), z.array(toolResult)]).optional() }).optional(),
  }),
  z.object({
    type: z.literal('result'),
    subtype: text,
    is_error: flag,
    result: text,
    errors: z.array(z.union([z.string(), z.object({ message: text })])).optional(),
    session_id: text,
    num_turns: figure,
    duration_ms: figure,
    total_cost_usd: figure,
    usage: usage.optional(),
  }),
  z.object({ type: z.literal('rate_limit_event'), rate_limit_info: limit.optional() }),
  z.object({ type: z.enum(OTHER_TYPES).transform((): 'other' => 'other') }),
]);

export type ClaudeEvent = z.output<typeof claudeLines>;
export type ClaudeEventOf<T extends ClaudeEvent['type']> = Extract<ClaudeEvent, { type: T }>;
export type ClaudeUsage = z.output<typeof usage>;
export type ClaudeLimit = z.output<typeof limit>;
export type ClaudeBlock = z.output<typeof block>;
export type ClaudeToolResult = z.output<typeof toolResult>;
