/** The API of Gemini models, as far as Gemini CLI speaks it. */
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { Cue, ModelRequest } from './conversations';
import type { Failure, Reply, Step, Usage } from './script';
import type { StreamEvent } from './stream';

const part = z.looseObject({
  text: z.string().optional(),
  functionCall: z.looseObject({ id: z.string().optional(), name: z.string() }).optional(),
  functionResponse: z.looseObject({ id: z.string().optional(), response: z.unknown().optional() }).optional(),
});

const body = z.looseObject({
  contents: z.array(z.looseObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(part).default([]) })),
  systemInstruction: z.unknown().optional(),
  tools: z
    .array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).default([]) }))
    .default([]),
});

const headers = z.looseObject({ 'x-goog-api-key': z.string().min(1) });

/** What the request says. The API names no conversation, so all requests of a server are one. */
export function parseGeminiRequest(
  rawHeaders: IncomingHttpHeaders,
  rawBody: unknown,
  address: { readonly model: string; readonly isStreamed: boolean },
): ModelRequest {
  headers.parse(rawHeaders);
  const { contents, tools } = body.parse(rawBody);
  const parts = contents.flatMap(({ role, parts: all }) => all.map((each) => ({ role, ...each })));
  const prompt = parts.flatMap(({ role, text }) => (role !== 'model' && text !== undefined ? [text] : [])).join('\n');
  return {
    api: 'gemini',
    conversation: 'gemini',
    model: address.model,
    prompt,
    cwd: /workspace directories[^\n]*\n\s*-\s*(\/[^\n]+)/i.exec(prompt)?.[1]?.trim(),
    tools: tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name)),
    calls: parts.flatMap(({ functionCall }) => (functionCall?.id === undefined ? [] : [functionCall.id])),
    results: parts.flatMap(({ functionResponse: result }) =>
      result?.id === undefined ? [] : [{ id: result.id, output: JSON.stringify(result.response ?? null) }],
    ),
    streamed: address.isStreamed,
  };
}

/** The reply in one event: as the API has it, an event holds whole parts. */
export function geminiEvents(reply: Reply, cue: Cue, model: string): StreamEvent[] {
  return [{ type: 'message', ...geminiMessage(reply, cue, model) }];
}

export function geminiMessage(reply: Reply, { stepId }: Cue, model: string) {
  const parts = reply.steps.map((step, index) =>
    step.kind === 'say' ? { text: step.text } : { functionCall: { id: stepId(index), ...callOf(step) } },
  );
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
    modelVersion: model,
    responseId: stepId(0),
    usageMetadata: geminiUsage(reply.usage),
  };
}

function callOf(step: Exclude<Step, { kind: 'say' }>): { name: string; args: Readonly<Record<string, unknown>> } {
  switch (step.kind) {
    case 'use':
      return { name: `mcp_${step.server}_${step.tool}`, args: step.input };
    case 'run':
      return {
        name: 'run_shell_command',
        args: { command: step.command, description: 'Run a scripted command', is_background: false },
      };
    case 'read':
      throw new Error('reading a resource is not scripted for this API');
  }
}

/** The count of the prompt includes cached tokens, and thoughts are apart from candidates. */
function geminiUsage({ input, cacheWrite, cacheRead, output, reasoning }: Usage) {
  const prompt = input + cacheWrite + cacheRead;
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output - reasoning,
    thoughtsTokenCount: reasoning,
    totalTokenCount: prompt + output,
  };
}

export function geminiError({ status, message }: Pick<Failure, 'status' | 'message'>) {
  const names: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED' };
  return { error: { code: status, message, status: names[status] ?? 'INTERNAL' } };
}
