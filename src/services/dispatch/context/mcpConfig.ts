/** The `.mcp.json` file of a project, where other programs find `ic mcp`. Its other content is kept. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ifThere, readFailure } from '../../../host/files/fileErrors';
import { encodeJson } from '../../../kernel/text/deepJson';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import { MCP_SERVER_NAME } from './mcpServer';
import { renameOver } from '../../../host/files/renames';

/** No path of this machine, because the file is meant to be shared. `ic` must be on PATH. */
export const MCP_ENTRY = { type: 'stdio', command: 'ic', args: ['mcp'] } as const;

const config = z.looseObject({ mcpServers: z.record(z.string(), z.unknown()).optional() });

export interface McpConfigPlan {
  /** Absolute. */
  readonly file: string;
  readonly exists: boolean;
  /** Names of its other servers. */
  readonly others: readonly string[];
  /** Its current entry for our server, as JSON, if it differs. */
  readonly replaces: string | undefined;
  /** The new content; undefined if it is already current. */
  readonly content: string | undefined;
}

/**
 * The planned change of a folder's file. @throws KernelError `FILE_UNREADABLE` if it is not a configuration; it is not
 * changed then
 */
export async function planMcpConfig(folder: string): Promise<McpConfigPlan> {
  const file = path.join(folder, '.mcp.json');
  const text = await ifThere(readFile(file, 'utf8')).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  const before = parse(file, text ?? '{}');
  const servers = before.mcpServers ?? {};
  const own = servers[MCP_SERVER_NAME];
  const isSame = encodeJson(own) === encodeJson(MCP_ENTRY);
  const after = { ...before, mcpServers: { ...servers, [MCP_SERVER_NAME]: MCP_ENTRY } };
  return {
    file,
    exists: text !== undefined,
    others: Object.keys(servers).filter((name) => name !== MCP_SERVER_NAME),
    replaces: own === undefined || isSame ? undefined : encodeJson(own),
    content: isSame ? undefined : `${encodeJson(after, indentOf(text))}\n`,
  };
}

/** Replaces the file, unless it has changed since the plan. Returns whether it was written. */
export async function writeMcpConfig({ file, content }: McpConfigPlan): Promise<boolean> {
  if (content === undefined) return false;
  const now = await planMcpConfig(path.dirname(file));
  if (now.content !== content)
    throw new KernelError('STALE', { what: 'file', id: file, expected: 'as read', found: 'changed' });
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, content, { flag: 'wx' });
    await renameOver(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  return true;
}

function parse(file: string, text: string): z.infer<typeof config> {
  try {
    return config.parse(JSON.parse(text));
  } catch (error) {
    const problem = foreignText(error instanceof z.ZodError ? z.prettifyError(error) : problemOf(error));
    throw new KernelError('FILE_UNREADABLE', { path: file, problem }, { cause: error });
  }
}

/** As the file has it. */
function indentOf(text: string | undefined): string {
  return /^\{\r?\n([ \t]+)"/.exec(text ?? '')?.[1] ?? '  ';
}
