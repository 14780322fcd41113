/** The Chat Completions API, as far as opencode, Qwen Code, Copilot CLI, and Kimi Code speak it. */
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { Cue, ModelRequest } from './conversations';
import { mcpToolName, type Failure, type Reply, type Step, type Usage } from './script';
import type { StreamEvent } from './stream';

const content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
  .nullish();
const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content,
  tool_calls: z.array(z.looseObject({ id: z.string() })).nullish(),
  tool_call_id: z.string().optional(),
});

const body = z.looseObject({
  model: z.string().min(1),
  stream: z.boolean().default(false),
  messages: z.array(message).min(1),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
});

/** As each of them says it. */
const FOLDER = /(?:[Ww]orking directory(?:: | is `)|working in the directory: )([^\n`]+)/;

const headers = z.looseObject({ authorization: z.string().startsWith('Bearer ') });

/** What the request says. The API names no conversation, so all requests of a server are one. */
export function parseChatRequest(rawHeaders: IncomingHttpHeaders, rawBody: unknown): ModelRequest {
  headers.parse(rawHeaders);
  const { model, stream, messages, tools } = body.parse(rawBody);
  const textOf = (...roles: readonly string[]) =>
    messages.flatMap((said) => (roles.includes(said.role) ? [wordsOf(said.content)] : [])).join('\n');
  return {
    api: 'chat',
    conversation: 'chat',
    model,
    prompt: textOf('user'),
    cwd: FOLDER.exec(textOf('system', 'developer', 'user'))?.[1]?.trim(),
    tools: tools.map((tool) => tool.function.name),
    calls: messages.flatMap(({ tool_calls: calls }) => (calls ?? []).map(({ id }) => bareId(id))),
    results: messages.flatMap(({ tool_call_id: id, content: output }) =>
      id === undefined ? [] : [{ id: bareId(id), output: wordsOf(output) }],
    ),
    streamed: stream,
  };
}

const idPrefix = 'call_';

function bareId(id: string): string {
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
}

function wordsOf(given: z.infer<typeof content>): string {
  if (given === null || given === undefined) return '';
  return typeof given === 'string' ? given : given.map(({ text = '' }) => text).join('\n');
}

/** The reply as the events of a stream. The last one has the usage only. */
export function chatEvents(reply: Reply, { stepId }: Cue, model: string, tools: readonly string[]): StreamEvent[] {
  const chunk = { type: 'message', id: stepId(0), object: 'chat.completion.chunk', created: 1, model };
  const event = (delta: object, finish: string | null = null) => ({
    ...chunk,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const calls = reply.steps.flatMap((step, index) => (step.kind === 'say' ? [] : [callOf(step, stepId(index), tools)]));
  const texts = reply.steps.flatMap((step) => (step.kind === 'say' ? [event({ content: step.text })] : []));
  const called = calls.map((call, index) => event({ tool_calls: [{ index, ...call }] }));
  return [
    event({ role: 'assistant', content: '' }),
    ...texts,
    ...called,
    event({}, calls.length > 0 ? 'tool_calls' : 'stop'),
    { ...chunk, choices: [], usage: chatUsage(reply.usage) },
  ];
}

export function chatMessage(reply: Reply, { stepId }: Cue, model: string, tools: readonly string[]) {
  const calls = reply.steps.flatMap((step, index) => (step.kind === 'say' ? [] : [callOf(step, stepId(index), tools)]));
  const text = reply.steps.flatMap((step) => (step.kind === 'say' ? [step.text] : [])).join('\n');
  const answer = { role: 'assistant', content: text, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return {
    id: stepId(0),
    object: 'chat.completion',
    created: 1,
    model,
    usage: chatUsage(reply.usage),
    choices: [{ index: 0, message: answer, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }],
  };
}

function callOf(step: Exclude<Step, { kind: 'say' }>, id: string, tools: readonly string[]) {
  const named = (name: string, input: Readonly<Record<string, unknown>>) => ({
    id: `${idPrefix}${id}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  });
  switch (step.kind) {
    case 'use': {
      const ours = mcpToolName(step);
      return named(tools.includes(ours) ? ours : `${step.server}_${step.tool}`, step.input);
    }
    case 'run': {
      const isQwen = tools.includes('run_shell_command');
      const input = { command: step.command, description: 'Run a scripted command' };
      return isQwen
        ? named('run_shell_command', { ...input, is_background: false })
        : named(tools.includes('Bash') ? 'Bash' : 'bash', input);
    }
    case 'read':
      throw new Error('reading a resource is not scripted for this API');
  }
}

/** Like the Responses API, the prompt's tokens count the cached ones too. */
function chatUsage({ input, cacheWrite, cacheRead, output, reasoning }: Usage) {
  const prompt = input + cacheWrite + cacheRead;
  return {
    prompt_tokens: prompt,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens: output,
    completion_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + output,
  };
}

export function chatError({ status, message: text }: Pick<Failure, 'status' | 'message'>) {
  return { error: { message: text, type: status === 401 ? 'invalid_request_error' : 'server_error', code: status } };
}
