/**
 * The Agent Client Protocol, version 1, as agents write it: the only declaration of its messages. Reading is lenient,
 * because agents differ in everything optional: a field of another shape counts as missing, an unknown kind is kept.
 */
import * as z from 'zod';
import { TOOL_KINDS } from '../../../contract/permissions/model';

/** The version that we speak. An agent that answers with another one cannot be used. */
export const PROTOCOL_VERSION = 1;

/** A request without a sign-in. */
export const AUTH_REQUIRED = -32000;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
/** Our own: the agent's process ended before it answered. */
export const AGENT_ENDED = -32099;

const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const figure = z.number().min(0).optional().catch(undefined);
/** An object means that the agent can do it. */
const ability = z
  .unknown()
  .transform((value) => (typeof value === 'object' && value !== null) || value === true)
  .optional();

/** Elements of another shape are left out. */
function listOf<T>(element: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) => items.flatMap((item) => element.safeParse(item).data ?? []));
}

function part<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape).optional().catch(undefined);
}

const rpcId = z.union([z.string(), z.number(), z.null()]);
export type RpcId = z.infer<typeof rpcId>;

const rpcError = z.object({ code: z.number().catch(0), message: z.string().catch(''), data: z.unknown().optional() });
export type RpcError = z.infer<typeof rpcError>;

export type RpcMessage =
  | { readonly kind: 'request'; readonly id: RpcId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: RpcId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RpcId; readonly error: RpcError };

const envelope = z.object({
  id: rpcId.optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: rpcError.optional(),
});

/** A message of the agent; undefined for anything else that it wrote. */
export function rpcMessage(value: unknown): RpcMessage | undefined {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) return undefined;
  const { id, method, params, result, error } = parsed.data;
  if (method !== undefined) {
    return id === undefined ? { kind: 'notification', method, params } : { kind: 'request', id, method, params };
  }
  if (id === undefined) return undefined;
  return error === undefined ? { kind: 'result', id, result } : { kind: 'error', id, error };
}

export const authMethod = z.object({
  id: z.string(),
  name: text,
  description: text,
  type: text,
  args: z.array(z.string()).optional().catch(undefined),
  env: z.record(z.string(), z.string()).optional().catch(undefined),
});
export type AuthMethod = z.infer<typeof authMethod>;

export const initializeResult = z.object({
  protocolVersion: z.number().catch(0),
  agentInfo: part({ name: text, title: text, version: text }),
  authMethods: listOf(authMethod).optional(),
  agentCapabilities: part({
    loadSession: flag,
    promptCapabilities: part({ embeddedContext: flag, image: flag }),
    sessionCapabilities: part({ resume: ability, close: ability }),
  }),
  _meta: part({ steering: part({ supported: flag }) }),
});

const mode = z.object({ id: z.string(), name: text });
const option = z.object({ value: z.string(), name: text });
export const configOption = z.object({
  id: z.string(),
  category: text,
  currentValue: z.union([z.string(), z.boolean()]).optional().catch(undefined),
  /** Options may be in groups. */
  options: listOf(
    z.union([
      option.transform((one) => [one]),
      z.object({ options: listOf(option) }).transform((group) => group.options),
    ]),
  )
    .transform((groups) => groups.flat())
    .optional(),
});
export type ConfigOption = z.infer<typeof configOption>;

/** The answer to `session/new`, `session/load`, `session/resume` and `session/set_config_option`. */
export const sessionResult = z.object({
  sessionId: text,
  modes: part({ currentModeId: text, availableModes: listOf(mode).optional() }),
  configOptions: listOf(configOption).optional(),
});
export type SessionResult = z.infer<typeof sessionResult>;

export const contentBlock = z.object({ type: z.string().catch(''), text, uri: text, name: text });
export type ContentBlock = z.infer<typeof contentBlock>;

const location = z.object({ path: z.string(), line: figure });

export const toolContent = z.object({
  type: z.string().catch(''),
  content: contentBlock.optional().catch(undefined),
  path: text,
  oldText: z.string().nullish().catch(undefined),
  newText: text,
  terminalId: text,
});

/** A tool call or an update of one: only the id is certain. */
export const toolCall = z.object({
  toolCallId: z.string(),
  title: text,
  kind: z.enum(TOOL_KINDS).optional().catch('other'),
  status: text,
  name: text,
  locations: listOf(location).optional(),
  content: listOf(toolContent).optional(),
  rawInput: z.unknown().optional(),
});
export type ToolCall = z.infer<typeof toolCall>;

export const PERMISSION_OPTION_KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;

export const permissionRequest = z.object({
  sessionId: text,
  toolCall,
  options: listOf(
    z.object({
      optionId: z.string(),
      name: text,
      kind: z.enum(PERMISSION_OPTION_KINDS).optional().catch(undefined),
    }),
  ).optional(),
});
export type PermissionRequest = z.infer<typeof permissionRequest>;

/** A question of the agent: a form, or a page to open. */
export const elicitation = z.object({
  mode: text,
  message: text,
  url: text,
  requestedSchema: z.unknown().optional(),
});

export const planEntry = z.object({ content: z.string(), priority: text, status: text });
export type PlanEntry = z.infer<typeof planEntry>;

/** `session/update`. The fields of one kind are in the update itself. */
export const sessionUpdate = z.object({
  sessionId: text,
  update: z.object({
    sessionUpdate: z.string(),
    messageId: text,
    content: z.unknown().optional(),
    entries: listOf(planEntry).optional(),
    currentModeId: text,
    configOptions: listOf(configOption).optional(),
    title: text,
    used: figure,
    size: figure,
    cost: part({ amount: figure, currency: text }),
    _meta: z.unknown().optional(),
  }),
});
export type SessionUpdate = z.infer<typeof sessionUpdate>['update'];

/**
 * What the adapter of Codex says of its thread. After `systemError`, it reports the error as a message, and ends the turn
 * as if the work was done.
 */
export const threadStatus = z.object({ codex: z.object({ threadStatus: z.object({ type: z.string() }) }) });

/** Tokens of a turn. What they mean differs by agent (`docs/design/sessions.md#usage`). */
export const turnUsage = part({
  totalTokens: figure,
  inputTokens: figure,
  outputTokens: figure,
  thoughtTokens: figure,
  cachedReadTokens: figure,
  cachedWriteTokens: figure,
});

export const STOP_REASONS = ['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled'] as const;

/** The answer to `session/prompt`. */
export const promptResult = z.object({
  stopReason: z.string().catch(''),
  usage: turnUsage,
  _meta: z.unknown().optional(),
});
