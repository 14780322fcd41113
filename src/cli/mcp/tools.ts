/** The operations as tools: described from the contract, and every outcome told in data (design §9). */
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
import { OPERATIONS, type OperationName } from '../../contract/api';
import { SURFACES, TOOL_OPERATIONS, toolNameOf, type Effect } from '../../contract/surfaces';
import { isKernelError } from '../../kernel/errors';
import { runOperation } from '../../services/operations/api';
import type { OperationHost } from '../../services/operations/host';
import { refuseOutside, type Place } from './place';

const ANNOTATIONS: Readonly<Record<Effect, { readOnlyHint: boolean; destructiveHint: boolean }>> = {
  read: { readOnlyHint: true, destructiveHint: false },
  change: { readOnlyHint: false, destructiveHint: false },
  destroy: { readOnlyHint: false, destructiveHint: true },
};

/** Operations answer with lists and nulls too, and structured content is an object. A refusal has `error` alone. */
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

/** What `tools/list` answers. */
export function toolDescriptions(): Tool[] {
  return TOOL_OPERATIONS.map((name) => ({
    name: toolNameOf(name),
    title: titleOf(name),
    description: SURFACES[name].about,
    inputSchema: inputSchemaOf(name),
    outputSchema: OUTPUT_SCHEMA,
    annotations: { title: titleOf(name), ...ANNOTATIONS[SURFACES[name].effect], openWorldHint: false },
  }));
}

/** Serves the operations. Before each, changes that other programs made to the records are read. */
export function serveTools(server: McpServer, host: OperationHost, place: Place): void {
  server.server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: toolDescriptions() }));
  server.server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const name = BY_TOOL.get(params.name);
    if (name === undefined) throw new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name}`);
    return await call(host, place, name, params.arguments ?? {});
  });
}

async function call(host: OperationHost, place: Place, name: OperationName, args: unknown): Promise<CallToolResult> {
  try {
    const { promptFile } = namedFiles.parse(args);
    if (promptFile !== undefined) await refuseOutside(place, promptFile);
    await Promise.all(host.kernels.all().map((kernel) => kernel.refresh()));
    const result = await runOperation(host, name, args);
    return { content: [{ type: 'text', text: JSON.stringify(result, null, 2) }], structuredContent: { result } };
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

/** Artifacts are held inside their folder by their own operation. */
const namedFiles = z.object({ promptFile: z.string().optional().catch(undefined) }).catch({});

function inputSchemaOf(name: OperationName): Tool['inputSchema'] {
  const { properties, required, additionalProperties } = jsonSchema.parse(
    z.toJSONSchema(OPERATIONS[name], { io: 'input', target: 'draft-7' }),
  );
  return {
    type: 'object',
    properties: { ...properties, ...('folder' in properties ? { folder: FOLDER } : {}) },
    ...(required === undefined ? {} : { required }),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
  };
}

const jsonSchema = z.object({
  properties: z.record(z.string(), z.looseObject({})),
  required: z.array(z.string()).optional(),
  additionalProperties: z.boolean().optional(),
});

const FOLDER = {
  type: 'string',
  minLength: 1,
  description: 'Absolute path of a folder that is served. Needed only where there are several and no id tells.',
};

/** `runs.planRollback`: `Runs: plan rollback`. */
function titleOf(name: OperationName): string {
  const [group = '', verb = ''] = name.split('.');
  const words = verb.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${group.charAt(0).toUpperCase()}${group.slice(1)}: ${words}`;
}
