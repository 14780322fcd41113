/**
 * Configures an agent for `ic mcp`, the server of its own record: by a file next to its prompt, or by one command-line
 * argument. Nothing is written into a project (`docs/design/agents.md`).
 */
import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { AgentKind } from '../../../contract/agentKinds';
import { AGENT_KINDS_VARIABLE } from '../../../host/state/agentKindsFile';

/** A program that serves the Model Context Protocol over standard input and output. */
export interface McpServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The server's name for agents, as in its tools `mcp__intercore__…`. */
export const MCP_SERVER_NAME = 'intercore';

/** Codex waits 10 s otherwise, and gives its model no tools after that; a busy machine may need longer to start `ic`. */
const START_SECONDS = 120;

/** Variables for the server, because some agents pass on nothing of their own environment. */
const HANDED_ON = [
  'INTERCORE_DB',
  'INTERCORE_DISPATCH_ID',
  'INTERCORE_RUN_ID',
  AGENT_KINDS_VARIABLE,
  'PATH',
  'HOME',
  'XDG_STATE_HOME',
  'TMPDIR',
];

/** `ic mcp` in a bundle's folder, with the core verbs: a long list of tools distracts an agent. */
export function icMcpCommand(distFolder: string, extra: readonly string[]): McpServerCommand {
  return {
    command: process.execPath,
    args: [path.join(distFolder, 'ic.js'), 'mcp', ...extra],
    // The program that runs us may be an editor, which this makes run as Node. Node itself ignores it.
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}

/** The server for one agent. */
export function mcpServerFor(
  server: McpServerCommand,
  environment: Readonly<Record<string, string>>,
): McpServerCommand {
  const handedOn = HANDED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...server, env: { ...server.env, ...Object.fromEntries(handedOn) } };
}

/** Writes the file for `--mcp-config` of the Claude CLI, readable only by its owner. */
export async function writeMcpConfig(file: string, server: McpServerCommand): Promise<void> {
  const content = { mcpServers: { [MCP_SERVER_NAME]: { type: 'stdio', ...server } } };
  await writeFile(file, JSON.stringify(content, null, 2), { mode: 0o600 });
}

/** The same as one line of TOML, for `--config` of the Codex CLI. */
export function mcpConfigLine({ command, args, env }: McpServerCommand): string {
  const list = args.map(tomlText).join(', ');
  const variables = Object.entries(env).map(([name, value]) => `${tomlText(name)} = ${tomlText(value)}`);
  const table = `{ command = ${tomlText(command)}, args = [${list}], env = { ${variables.join(', ')} }, startup_timeout_sec = ${START_SECONDS} }`;
  return `mcp_servers.${MCP_SERVER_NAME}=${table}`;
}

/** Whether the kind's arguments contain this placeholder. */
export function names(kind: Pick<AgentKind, 'args'>, placeholder: 'mcpConfigFile' | 'mcpConfigLine'): boolean {
  return kind.args.some((argument) => argument.includes(`\${${placeholder}}`));
}

/** A basic TOML string equals a JSON string, except for the DEL character. */
function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
