/**
 * The events in the log of a session. The messages of the agent are read here, by the declarations of the protocol; the
 * lines of the host are read as they are. What an agent does not have to send is left out of its events.
 */
import * as z from 'zod';
import { contentBlock, rpcMessage, sessionUpdate, toolCall } from '../../../host/session/connection/protocol';
import type { PlanEntry, ToolCall } from '../../../host/session/connection/protocol';
import { sessionLogLine, type SessionLogLine } from '../../../host/session/connection/sessionLog';
import { storableText } from '../../../kernel/text/storableText';
import type { DriftNote, ParsedLine } from '../output/eventParser';
import { jsonLine } from '../output/report';

/** Whose text a chunk is part of. */
export type Speaker = 'agent' | 'thought' | 'user';

export type AcpUpdate =
  | {
      readonly type: 'chunk';
      readonly speaker: Speaker;
      readonly messageId: string | undefined;
      readonly text: string;
      readonly meta: unknown;
    }
  | { readonly type: 'toolCall'; readonly call: ToolCall }
  | { readonly type: 'plan'; readonly entries: readonly PlanEntry[] }
  | { readonly type: 'mode'; readonly mode: string }
  | { readonly type: 'usage'; readonly costUsd: number | undefined; readonly meta: unknown }
  | { readonly type: 'notice'; readonly title: string; readonly description: string }
  /** Messages that are neither counted nor shown. */
  | { readonly type: 'quiet' };

type HostLine = Exclude<SessionLogLine, { readonly type: 'received' | 'sent' }>;
export type AcpEvent = HostLine | AcpUpdate;
export type AcpEventOf<T extends AcpEvent['type']> = Extract<AcpEvent, { readonly type: T }>;

const QUIET: AcpUpdate = { type: 'quiet' };

/** Kinds of updates that are neither counted nor shown. */
const QUIET_UPDATES: ReadonlySet<string> = new Set([
  'available_commands_update',
  'config_option_update',
  'session_info_update',
  'compaction_update',
  'compaction_summary_chunk',
  'plan_update',
  'plan_removed',
  'subagent_update',
  'session_message',
  'session_message_chunk',
]);

const SPEAKERS: ReadonlyMap<string, Speaker> = new Map([
  ['agent_message_chunk', 'agent'],
  ['agent_thought_chunk', 'thought'],
  ['user_message_chunk', 'user'],
]);

/** Methods of the agent. Its requests for permission and its questions are lines of the host. */
const METHODS: ReadonlySet<string> = new Set([
  'session/update',
  'session/request_permission',
  'elicitation/create',
  'elicitation/complete',
  'fs/read_text_file',
  'fs/write_text_file',
  'terminal/create',
  'terminal/output',
  'terminal/wait_for_exit',
  'terminal/kill',
  'terminal/release',
  '$/cancel_request',
]);

const MAX_NAME_LENGTH = 60;

/** The only reading of a line: the counter and the renderer take its events. */
export function acpLine(line: string, note: DriftNote = () => undefined): ParsedLine<AcpEvent> {
  const value = jsonLine(line);
  if (value === undefined) return { kind: 'text' };
  const parsed = sessionLogLine.safeParse(value);
  if (!parsed.success) {
    note(`line: ${named(typed.safeParse(value).data?.type)}`);
    return { kind: 'unknown' };
  }
  const read = parsed.data;
  if (read.type === 'received') return { kind: 'event', event: received(read.message, note), isExact: true };
  return { kind: 'event', event: read.type === 'sent' ? QUIET : read, isExact: true };
}

const typed = z.object({ type: z.string() });
const rawUpdate = z.object({ update: z.unknown() });
const described = z.object({ description: z.string().catch('') });

function received(message: unknown, note: DriftNote): AcpUpdate {
  const read = rpcMessage(message);
  if (read === undefined) note('message: no method and no id');
  if (read?.kind !== 'request' && read?.kind !== 'notification') return QUIET;
  // Agents may have methods of their own, which start with an underscore.
  if (!METHODS.has(read.method) && !read.method.startsWith('_')) note(`method: ${named(read.method)}`);
  return read.method === 'session/update' ? updateIn(read.params, note) : QUIET;
}

function updateIn(params: unknown, note: DriftNote): AcpUpdate {
  const update = sessionUpdate.safeParse(params).data?.update;
  if (update === undefined) {
    note('session/update: no kind');
    return QUIET;
  }
  const { sessionUpdate: kind } = update;
  const speaker = SPEAKERS.get(kind);
  if (speaker !== undefined) {
    const block = contentBlock.safeParse(update.content).data;
    return {
      type: 'chunk',
      speaker,
      messageId: update.messageId,
      text: block === undefined ? '' : textOf(block),
      meta: update._meta,
    };
  }
  switch (kind) {
    case 'tool_call':
    case 'tool_call_update': {
      const call = toolCall.safeParse(rawUpdate.safeParse(params).data?.update).data;
      if (call === undefined) note(`${kind}: no id`);
      return call === undefined ? QUIET : { type: 'toolCall', call };
    }
    case 'plan':
      return { type: 'plan', entries: update.entries ?? [] };
    case 'current_mode_update':
      return update.currentModeId === undefined ? QUIET : { type: 'mode', mode: update.currentModeId };
    case 'usage_update': {
      const { amount, currency = 'USD' } = update.cost ?? {};
      return { type: 'usage', costUsd: currency === 'USD' ? amount : undefined, meta: update._meta };
    }
    case 'notice': {
      const description = described.safeParse(rawUpdate.safeParse(params).data?.update).data?.description ?? '';
      return { type: 'notice', title: update.title ?? '', description };
    }
  }
  if (!QUIET_UPDATES.has(kind)) note(`session/update: ${named(kind)}`);
  return QUIET;
}

/** Other blocks than text are named. */
function textOf({ type, text, uri, name }: z.infer<typeof contentBlock>): string {
  if (text !== undefined) return text;
  return type === 'text' || type === '' ? '' : `[${name ?? uri ?? type}]`;
}

function named(name: string | undefined): string {
  return name === undefined ? 'no type' : storableText(name.replace(/\s+/g, ' '), MAX_NAME_LENGTH);
}
