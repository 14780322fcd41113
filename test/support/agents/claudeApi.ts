/** The Messages API, as far as the Claude CLI speaks it. */
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { Cue, ModelRequest } from './conversations';
import { mcpToolName, type Failure, type Reply, type Step, type Usage } from './script';
import type { StreamEvent } from './stream';

const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const toolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).optional(),
  is_error: z.boolean().optional(),
});
const knownBlock = z.discriminatedUnion('type', [textBlock, toolUseBlock, toolResultBlock]);
const otherBlock = z
  .looseObject({ type: z.string() })
  .refine((block) => !['text', 'tool_use', 'tool_result'].includes(block.type))
  .transform(() => ({ type: 'other' as const }));

const blocks = z.union([
  z.string().transform((text) => [{ type: 'text' as const, text }]),
  z.array(z.union([knownBlock, otherBlock])),
]);

const body = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  stream: z.boolean().default(false),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system']), content: blocks })).min(1),
});

const headers = z.looseObject({
  'anthropic-version': z.literal('2023-06-01'),
  'x-api-key': z.string().min(1),
  'x-claude-code-session-id': z.string().min(1),
});

/** What the request says, or a ZodError that names each place where it breaks the API. */
export function parseClaudeRequest(rawHeaders: IncomingHttpHeaders, rawBody: unknown): ModelRequest {
  const { 'x-claude-code-session-id': conversation } = headers.parse(rawHeaders);
  const { model, stream, messages, tools } = body.parse(rawBody);
  const said = messages.flatMap(({ role, content }) => content.map((block) => ({ role, block })));
  const textOf = (speaker: string) =>
    said.flatMap(({ role, block }) => (role === speaker && block.type === 'text' ? [block.text] : [])).join('\n');
  return {
    api: 'claude',
    conversation,
    model,
    prompt: textOf('user'),
    cwd: /Primary working directory: (.+)/.exec(textOf('system'))?.[1]?.trim(),
    tools: tools.map((tool) => tool.name),
    calls: said.flatMap(({ block }) => (block.type === 'tool_use' ? [bareId(block.id)] : [])),
    results: said.flatMap(({ block }) =>
      block.type === 'tool_result' ? [{ id: bareId(block.tool_use_id), output: outputOf(block.content) }] : [],
    ),
    streamed: stream,
  };
}

const idPrefix = 'toolu_';

function bareId(id: string): string {
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
}

function outputOf(content: z.infer<typeof toolResultBlock>['content']): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.map((block) => textBlock.safeParse(block).data?.text ?? '').join('\n');
}

/** The reply as one message: what a request without `stream` is answered. */
export function claudeMessage(reply: Reply, { stepId }: Cue, model: string) {
  const content = reply.steps.map((step, index) =>
    step.kind === 'say'
      ? { type: 'text' as const, text: step.text }
      : {
          type: 'tool_use' as const,
          id: `${idPrefix}${stepId(index)}`,
          ...callOf(step),
        },
  );
  const callsTool = content.some((block) => block.type === 'tool_use');
  return {
    id: `msg_${stepId(0)}`,
    type: 'message' as const,
    role: 'assistant' as const,
    model,
    content,
    stop_reason: callsTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: claudeUsage(reply.usage),
  };
}

function callOf(step: Exclude<Step, { kind: 'say' }>): { name: string; input: Readonly<Record<string, unknown>> } {
  switch (step.kind) {
    case 'use':
      return { name: mcpToolName(step), input: step.input };
    case 'read':
      return { name: 'ReadMcpResourceTool', input: { server: step.server, uri: step.uri } };
    case 'run':
      return { name: 'Bash', input: { command: step.command, description: 'Run a scripted command' } };
  }
}

/** The reply as the events of a stream. As with the real API, `message_start` does not know the output tokens yet. */
export function claudeEvents(reply: Reply, cue: Cue, model: string): StreamEvent[] {
  const message = claudeMessage(reply, cue, model);
  const { stop_reason, stop_sequence, usage } = message;
  const opening = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return [
    { type: 'message_start', message: opening },
    ...message.content.flatMap((block, index) => blockEvents(block, index)),
    { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: ReturnType<typeof claudeMessage>['content'][number], index: number): StreamEvent[] {
  const isText = block.type === 'text';
  const whole = isText ? block.text : JSON.stringify(block.input);
  const halves = [whole.slice(0, whole.length / 2), whole.slice(whole.length / 2)];
  const deltaOf = (part: string) =>
    isText ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part };
  return [
    { type: 'content_block_start', index, content_block: isText ? { ...block, text: '' } : { ...block, input: {} } },
    ...halves.map((part) => ({ type: 'content_block_delta', index, delta: deltaOf(part) })),
    { type: 'content_block_stop', index },
  ];
}

function claudeUsage({ input, cacheWrite, cacheRead, output }: Usage) {
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
  };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export function claudeError({ status, message }: Pick<Failure, 'status' | 'message'>) {
  return { type: 'error', error: { type: errorTypes[status] ?? 'api_error', message } };
}
