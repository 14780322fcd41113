/**
 * `ic mcp`: the operations of the kernel for programs that use the Model Context Protocol, over standard input and
 * output. A separate bundle, which `ic` loads only for this command.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';
import { systemCode } from '../../host/files/fileErrors';
import { problemOf } from '../../kernel/errors/errors';
import { startOf } from '../../kernel/text/storableText';
import { openProgramHost } from './host';
import { Following } from './recordFollower';
import { stderrLog } from './log';
import { servedFoldersOf } from './servedFolders';
import { serveResources } from './resources';
import { serveTools } from './tools';

export interface ServeInput {
  readonly folders: readonly string[];
  readonly workspaceFile: string | undefined;
  /** Whether to list only the tools of the core operations. */
  readonly isCore: boolean;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the server. */
  readonly stopped: AbortSignal;
}

const INSTRUCTIONS = [
  'Intercore tracks the work of coding agents: runs go through phases, gates decide whether they may',
  'continue, dispatches are agent processes, tasks are split into subtasks that agents build in git worktrees.',
  'Read runs_current or runs_list first. A gate that blocks is an outcome, not an error: its conditions say what is',
  'missing. A refusal has a code, a message and a hint that says what to do.',
].join(' ');

/** Of a client, in the record. */
const MAX_NAME_LENGTH = 64;

/**
 * Serves one client until it disconnects or `stopped` fires. Returns the reason if answers could not be written.
 * @throws KernelError if the folders or the agent kinds cannot be used
 */
export async function serve({ stopped, env, isCore, ...where }: ServeInput): Promise<string | undefined> {
  const served = servedFoldersOf({ ...where, env });
  const server = new McpServer(
    { name: 'intercore', title: 'Intercore', version: await ownVersion() },
    { capabilities: { tools: {}, resources: { subscribe: true, listChanged: true } }, instructions: INSTRUCTIONS },
  );
  const log = stderrLog();
  const actor = (): string => callerOf(served.dispatchId, server.server.getClientVersion());
  const host = await openProgramHost({ served, env, log, actor });
  try {
    serveTools(server, host.operations, served, isCore);
    serveResources(server, host.operations);
    const following = new Following(server, host.operations);
    server.server.onerror = (error) => log.warn('protocol error', { problem: problemOf(error) });
    // Answers may fail from the first one.
    const gone = clientGone(stopped);
    await server.connect(new StdioServerTransport());
    await following.start();
    const problem = await gone;
    following.dispose();
    await server.close();
    return problem;
  } finally {
    await host.dispose();
  }
}

/** `agent <dispatch>` for a dispatched agent, else `mcp:<client>` with the name that the client reports. */
function callerOf(dispatchId: string | undefined, client: { readonly name: string } | undefined): string {
  if (dispatchId !== undefined) return `agent ${dispatchId}`;
  const name = startOf((client?.name ?? '').replace(/[^\w.@/-]+/g, '-'), MAX_NAME_LENGTH);
  return `mcp:${name === '' ? 'unknown' : name}`;
}

/** The version of the extension that this bundle is part of. */
async function ownVersion(): Promise<string> {
  const manifest = await readFile(path.join(__dirname, '..', 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

/** A client ends a server by closing its input or its end of the output. Returns any other failure of the output. */
function clientGone(stopped: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (): void => resolve(undefined);
    process.stdin.once('end', done).once('close', done);
    process.stdout.once('error', (error: Error) => resolve(systemCode(error) === 'EPIPE' ? undefined : error.message));
    stopped.addEventListener('abort', done, { once: true });
    if (stopped.aborted) done();
  });
}
