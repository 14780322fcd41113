/** The Responses API, as far as the Codex CLI speaks it. */
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { Cue, ModelRequest } from './conversations';
import type { Failure, Reply, Step, Usage } from './script';
import type { StreamEvent } from './stream';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({
  type: z.literal('message'),
  role: z.enum(['user', 'assistant', 'developer', 'system']),
  content: z.array(contentPart),
});
const functionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const functionCallOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(contentPart)]),
});
const knownItem = z.discriminatedUnion('type', [message, functionCall, functionCallOutput]);
const otherItem = z
  .looseObject({ type: z.string() })
  .refine((item) => !['message', 'function_call', 'function_call_output'].includes(item.type))
  .transform(() => ({ type: 'other' as const }));

const body = z.looseObject({
  model: z.string().min(1),
  stream: z.literal(true),
  input: z.array(z.union([knownItem, otherItem])).min(1),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).default([]),
});

const headers = z.looseObject({
  authorization: z.string().startsWith('Bearer '),
  'session-id': z.string().min(1),
});

/** What the request says, or a ZodError that names each place where it breaks the API. */
export function parseCodexRequest(rawHeaders: IncomingHttpHeaders, rawBody: unknown): ModelRequest {
  const { 'session-id': conversation } = headers.parse(rawHeaders);
  const { model, input, tools, stream } = body.parse(rawBody);
  const prompt = input
    .flatMap((item) => (item.type === 'message' && item.role === 'user' ? [textOf(item.content)] : []))
    .join('\n');
  return {
    api: 'codex',
    conversation,
    model,
    prompt,
    cwd: /<cwd>(.+?)<\/cwd>/.exec(prompt)?.[1],
    tools: tools.map((tool) => tool.name ?? tool.type),
    calls: input.flatMap((item) => (item.type === 'function_call' ? [bareId(item.call_id)] : [])),
    results: input.flatMap((item) =>
      item.type === 'function_call_output' ? [{ id: bareId(item.call_id), output: textOf(item.output) }] : [],
    ),
    streamed: stream,
  };
}

const idPrefix = 'call_';

function bareId(id: string): string {
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
}

function textOf(content: string | readonly z.infer<typeof contentPart>[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n');
}

/** The reply as the events of a stream, one finished item for each step. */
export function codexEvents(reply: Reply, { stepId }: Cue, model: string): StreamEvent[] {
  const response = { id: `resp_${stepId(0)}`, object: 'response', model };
  const items = reply.steps.map((step, index) =>
    step.kind === 'say'
      ? {
          type: 'message',
          id: `msg_${stepId(index)}`,
          role: 'assistant',
          content: [{ type: 'output_text', text: step.text, annotations: [] }],
        }
      : {
          type: 'function_call',
          id: `fc_${stepId(index)}`,
          call_id: `${idPrefix}${stepId(index)}`,
          ...callOf(step),
        },
  );
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    ...items.map((item, index) => ({ type: 'response.output_item.done', output_index: index, item })),
    {
      type: 'response.completed',
      response: { ...response, status: 'completed', output: items, usage: codexUsage(reply.usage) },
    },
  ];
}

function callOf(step: Exclude<Step, { kind: 'say' }>): { name: string; arguments: string; namespace?: string } {
  switch (step.kind) {
    case 'use':
      return { namespace: `mcp__${step.server}`, name: step.tool, arguments: JSON.stringify(step.input) };
    case 'read':
      return { name: 'read_mcp_resource', arguments: JSON.stringify({ server: step.server, uri: step.uri }) };
    case 'run':
      return {
        name: 'exec_command',
        arguments: JSON.stringify({
          cmd: step.command,
          yield_time_ms: 30_000,
          ...(step.isEscalated === true ? { sandbox_permissions: 'require_escalated', justification: 'May I?' } : {}),
        }),
      };
  }
}

/** Unlike the Messages API, `input_tokens` counts the cached ones too. */
function codexUsage({ input, cacheWrite, cacheRead, output, reasoning }: Usage) {
  const allInput = input + cacheWrite + cacheRead;
  return {
    input_tokens: allInput,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: allInput + output,
  };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  429: 'rate_limit_exceeded',
};

export function codexError({ status, message: text }: Pick<Failure, 'status' | 'message'>) {
  const type = errorTypes[status] ?? 'server_error';
  return { error: { message: text, type, param: null, code: status === 401 ? 'invalid_api_key' : type } };
}
