/** The operations as tools: described from the contract, with every outcome as data. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { OperationName } from '../../contract/surfaces/api';
import { CORE_OPERATIONS, SURFACES, TOOL_OPERATIONS, toolNameOf, type Effect } from '../../contract/surfaces/surfaces';
import { toolSchemaOf, toolTitleOf } from '../../contract/surfaces/toolSchemas';
import { isKernelError } from '../../kernel/errors/errors';
import { runOperation } from '../../services/operations/api/api';
import type { ProjectKernel } from '../../services/record/kernels';
import { isWidest, reachOfDispatch } from '../../services/consent/decisions';
import { isReadable, type OperationHost } from '../../services/operations/host';
import { updateRecords } from './freshRecords';
import { refuseOutside, type ServedFolders } from './servedFolders';

const ANNOTATIONS: Readonly<Record<Effect, { readOnlyHint: boolean; destructiveHint: boolean }>> = {
  read: { readOnlyHint: true, destructiveHint: false },
  change: { readOnlyHint: false, destructiveHint: false },
  destroy: { readOnlyHint: false, destructiveHint: true },
  start: { readOnlyHint: false, destructiveHint: true },
};

/** Structured content must be an object, and operations also answer with lists and null. A refusal has only `error`. */
const OUTPUT_SCHEMA: Tool['outputSchema'] = {
  type: 'object',
  properties: {
    result: {},
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        hint: { type: 'string' },
        facts: { type: 'object' },
      },
      required: ['code', 'message', 'hint', 'facts'],
    },
  },
};

const BY_TOOL: ReadonlyMap<string, OperationName> = new Map(TOOL_OPERATIONS.map((name) => [toolNameOf(name), name]));

/**
 * The answer to `tools/list`. An agent sees no tools that only a person may use, and tools that start agents only if it
 * may start any agent.
 */
export function toolDescriptions(list: ToolList = {}): Tool[] {
  const { isCore = false, agent } = list;
  return (isCore ? CORE_OPERATIONS : TOOL_OPERATIONS)
    .filter((name) => agent === undefined || isForAgents(name, agent.mayStartAny))
    .map((name) => ({
      name: toolNameOf(name),
      title: toolTitleOf(name),
      description: SURFACES[name].about,
      inputSchema: agent === undefined ? { ...toolSchemaOf(name) } : withoutPersonal(name),
      outputSchema: OUTPUT_SCHEMA,
      annotations: { title: toolTitleOf(name), ...annotationsOf(name), openWorldHint: false },
    }));
}

export interface ToolList {
  /** Only the core operations. */
  readonly isCore?: boolean;
  /** For a dispatched agent. */
  readonly agent?: { readonly mayStartAny: boolean } | undefined;
}

function isForAgents(name: OperationName, mayStartAny: boolean): boolean {
  const { decides, effect } = SURFACES[name];
  if (decides === 'person') return false;
  return effect !== 'start' || mayStartAny || name.startsWith('dispatches.');
}

/** Tools that only a person may use count as destructive, so that clients ask before they call one. */
function annotationsOf(name: OperationName): (typeof ANNOTATIONS)[Effect] {
  const { decides, effect } = SURFACES[name];
  return decides === 'person' ? ANNOTATIONS.destroy : ANNOTATIONS[effect];
}

/** Without the arguments that only a person may give. */
function withoutPersonal(name: OperationName): Tool['inputSchema'] {
  const { decides } = SURFACES[name];
  const schema = toolSchemaOf(name);
  if (typeof decides !== 'object') return { ...schema };
  const entries = Object.entries(schema.properties).filter(([argument]) => !decides.personGives.includes(argument));
  return { ...schema, properties: Object.fromEntries(entries) };
}

/**
 * Serves the operations. A short list shows only the core operations; the others can be called too. Changes that other
 * programs made to the records are read before each call.
 */
export function serveTools(server: McpServer, host: OperationHost, served: ServedFolders, isCore: boolean): void {
  server.server.setRequestHandler(ListToolsRequestSchema, async () => {
    await Promise.all(host.kernels.all().map((kernel) => kernel.load()));
    return { tools: toolDescriptions({ isCore, agent: agentOf(host) }) };
  });
  server.server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const name = BY_TOOL.get(params.name);
    if (name === undefined) throw new McpError(ErrorCode.InvalidParams, `unknown tool: ${params.name}`);
    return await call(host, served, name, params.arguments ?? {});
  });
}

/** Which agents the caller may start, if it is an agent, from its current row. */
function agentOf(host: OperationHost): ToolList['agent'] {
  const caller = host.caller();
  if (caller.kind !== 'dispatch') return undefined;
  const kinds = host.dispatcher.kinds();
  const reaches = host.kernels
    .all()
    .filter(isReadable)
    .map((kernel) => kernel.read((r) => reachOfDispatch(r, kinds, caller.dispatchId)));
  return { mayStartAny: reaches.some(isWidest) };
}

async function call(
  host: OperationHost,
  served: ServedFolders,
  name: OperationName,
  args: unknown,
): Promise<CallToolResult> {
  try {
    const { promptFile } = namedFiles.parse(args);
    if (promptFile !== undefined) await refuseOutside(served, promptFile);
    await updateRecords(host);
    const marks = new Map(host.kernels.all().map(({ leftOut }) => [leftOut, leftOut?.mark]));
    const result = await runOperation(host, name, args);
    const notes = host.kernels.all().flatMap((kernel) => notesOf(kernel, marks.get(kernel.leftOut)));
    const texts = [JSON.stringify(result, null, 2), ...notes];
    return { content: texts.map((text) => ({ type: 'text', text })), structuredContent: { result } };
  } catch (error) {
    if (!isKernelError(error)) throw error;
    const { code, message, hint, facts } = error;
    return {
      isError: true,
      content: [{ type: 'text', text: `${code}: ${message}\n${hint}` }],
      structuredContent: { error: { code, message, hint, facts } },
    };
  }
}

/** Paths of artifacts are checked by their own operation. */
const namedFiles = z.object({ promptFile: z.string().optional().catch(undefined) }).catch({});

/** Notes for the client: rows that were left out, and that the record can only be read. */
function notesOf({ leftOut, state }: ProjectKernel, mark: number | undefined): string[] {
  const rows = leftOut?.since(mark) ?? [];
  return [
    ...rows.map(({ table, id, column, problem }) => `${table} ${id} left out: invalid ${column}: ${problem.text}`),
    ...(state.kind === 'readOnly' ? [`${state.error.message} ${state.error.hint}`] : []),
  ];
}
