/** The lines that the Codex CLI prints with `exec --json`: the only declaration of them. */
import * as z from 'zod';

const text = z.string().optional();
const figure = z.number().min(0).optional();

/** Item types that are neither counted nor shown as text, as of Codex 0.169.0. */
const OTHER_ITEMS = ['mcp_tool_call', 'collab_tool_call', 'web_search'] as const;

const item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('command_execution'),
    id: text,
    command: text,
    aggregated_output: text,
    exit_code: z.number().optional(),
  }),
  z.object({ type: z.literal('agent_message'), text }),
  z.object({ type: z.literal('reasoning'), text }),
  z.object({
    type: z.literal('file_change'),
    changes: z.array(z.object({ path: text, kind: text })).optional(),
  }),
  z.object({ type: z.literal('error'), message: text }),
  z.object({
    type: z.literal('todo_list'),
    id: text,
    items: z.array(z.object({ text, completed: z.boolean().optional() })).optional(),
  }),
  z.object({
    type: z.enum(OTHER_ITEMS).transform((): 'other' => 'other'),
    id: text,
    server: text,
    tool: text,
    query: text,
    status: text,
  }),
]);

const usage = z.object({ input_tokens: figure, cached_input_tokens: figure, output_tokens: figure });

const failure = z.object({
  message: text,
  code: text,
  type: text,
  resets_at: figure,
  resets_in_seconds: figure,
});

export const codexLines = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: text }),
  z.object({ type: z.literal('turn.started') }),
  z.object({ type: z.literal('item.updated'), item: item.optional() }),
  z.object({ type: z.literal('item.started'), item: item.optional() }),
  z.object({ type: z.literal('item.completed'), item: item.optional() }),
  z.object({ type: z.literal('turn.completed'), usage: usage.optional() }),
  z.object({ type: z.literal('turn.failed'), error: z.union([z.string(), failure]).optional() }),
  z.object({ type: z.literal('error'), message: text }),
]);

export type CodexEvent = z.output<typeof codexLines>;
export type CodexEventOf<T extends CodexEvent['type']> = Extract<CodexEvent, { type: T }>;
export type CodexItem = z.output<typeof item>;
export type CodexUsage = z.output<typeof usage>;
