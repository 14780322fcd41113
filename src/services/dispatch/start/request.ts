/** Checks a request to start an agent, and writes its files (`docs/design/agents.md`). */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { readFailure } from '../../../host/files/fileErrors';
import { writeOutput } from '../../../host/launcher/launchRecord';
import { isInside } from '../../../host/files/paths';
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { commandLine } from '../../agents/commandLine';
import { sessionOf } from '../../agents/session';
import type { DispatchRequest } from '../context/dispatchRequest';
import { agentEnvironment, kindEnvironment, type DispatchLocation } from '../context/environment';
import { mcpConfigLine, mcpServerFor, names, writeMcpConfig, type McpServerCommand } from '../context/mcpServer';
import { programVariables } from './agentPrograms';
import { makeFilesOf } from './ownedFiles';
import { verdictFileOf } from '../../agents/outputReader';

export interface Preparation {
  readonly files: DispatchFiles;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdinFile: string | null;
  readonly promptHash: string;
  /** The verdict file. */
  readonly verdictFile: string;
  /** How the agent reaches `ic mcp`; undefined for none. */
  readonly mcpServer: McpServerCommand | undefined;
  /** The sandbox to record: the one in force, or `none`. */
  readonly sandbox: string;
}

/**
 * Checks a request and writes its prompt. Nothing is started or recorded yet.
 * @throws KernelError `INVALID_ARGUMENT`, `FILE_UNREADABLE`, `PATH_OUTSIDE`, `AGENT_NOT_INSTALLED`,
 * `AGENT_NEEDS_PROGRAM`
 */
export async function prepare(
  dispatchId: string,
  kind: AgentKind,
  request: DispatchRequest,
  place: DispatchLocation,
): Promise<Preparation> {
  refuseUnknownSandbox(kind, request);
  const cwd = await workingFolder(request, place);
  const prompt = await promptOf(request, place.projectFolder);
  const programs = await programVariables(kind, { ...kindEnvironment(kind, place.environment), ...request.env });
  const files = await makeFilesOf(place.databasePath, place.storageDir, dispatchId);
  const verdictFile = verdictFileOf(files, request.outputFile);
  const sandbox = sandboxInForce(kind, request);
  const env = { ...agentEnvironment({ kind, request, place, dispatchId, verdictFile }), ...programs };
  const server = place.mcpServer && mcpServerFor(place.mcpServer, env);
  const mcpConfigFile = server && names(kind, 'mcpConfigFile') ? files.mcpConfig : undefined;
  // A kind that runs in a session gets its id in a message.
  const session = runsInSession(kind) ? undefined : sessionOf(request.session);
  const values = {
    promptFile: files.prompt,
    // Bytes are decoded only for kinds that pass the prompt as an argument.
    prompt: kind.promptBy === 'argument' ? prompt.toString('utf8') : undefined,
    model: request.model,
    sandbox,
    project: cwd,
    dispatchId,
    runId: request.runId,
    mcpConfigFile,
    mcpConfigLine: server && mcpConfigLine(server),
    session,
    resume: session === undefined ? undefined : 'resume',
  };
  const argv = commandLine(kind, values, request.args);
  // The prompt of a queued dispatch already exists, and another window's agent may be reading it.
  if (typeof request.prompt === 'string' || request.prompt.file !== files.prompt) await keepPrompt(files, prompt);
  if (server !== undefined && mcpConfigFile !== undefined) await writeMcpConfig(mcpConfigFile, server);
  if (request.outputFile !== undefined) await writeOutput(files, { outputFile: request.outputFile });
  return {
    files,
    argv,
    cwd,
    env,
    stdinFile: kind.promptBy === 'stdin' || runsInSession(kind) ? files.prompt : null,
    promptHash: promptHash(prompt),
    verdictFile,
    mcpServer: server,
    sandbox: sandbox ?? 'none',
  };
}

/** The first 8 bytes of the SHA-256 in hex (`docs/design/agents.md#starting`). */
export function promptHash(prompt: Uint8Array): string {
  return promptHashOf(createHash('sha256').update(prompt).digest('hex'));
}

/** The same of a SHA-256 in hex. */
export function promptHashOf(digest: string): string {
  return digest.slice(0, 16);
}

/** Copies the prompt as it is now. */
export async function keepPrompt(files: Pick<DispatchFiles, 'prompt'>, prompt: Uint8Array): Promise<void> {
  await writeFile(files.prompt, prompt, { mode: 0o600 });
}

/** @throws KernelError `FILE_UNREADABLE` */
export async function promptOf(request: DispatchRequest, projectFolder: string): Promise<Buffer> {
  if (typeof request.prompt === 'string') return Buffer.from(request.prompt);
  const file = path.resolve(projectFolder, request.prompt.file);
  try {
    return await readFile(file);
  } catch (error) {
    throw readFailure(file, error);
  }
}

async function workingFolder(request: DispatchRequest, place: DispatchLocation): Promise<string> {
  const cwd = path.resolve(place.projectFolder, request.cwd ?? '.');
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'cwd',
      problem: because('there is no folder {folder}', { folder: cwd }),
    });
  }
  const real = await realpath(cwd);
  for (const allowed of [place.projectFolder, ...place.workFolders]) {
    const outer = await realpath(allowed).catch(() => undefined);
    if (outer !== undefined && (outer === real || isInside(outer, real))) return cwd;
  }
  throw new KernelError('PATH_OUTSIDE', { path: cwd, folder: place.projectFolder });
}

/** The sandbox of the kind; undefined for a kind without one. */
export function sandboxInForce(kind: AgentKind, request: Pick<DispatchRequest, 'sandbox'>): string | undefined {
  return takesSandbox(kind) ? (request.sandbox ?? kind.sandbox) : undefined;
}

function takesSandbox(kind: AgentKind): boolean {
  return kind.args.some((argument) => argument.includes('${sandbox}'));
}

/** A sandbox that is recorded but not enforced is worse than none. */
function refuseUnknownSandbox(kind: AgentKind, request: DispatchRequest): void {
  if (request.sandbox === undefined || takesSandbox(kind)) return;
  const problem = because('the agent kind {kind} has no sandbox: its arguments do not contain {placeholder}', {
    kind: kind.name,
    placeholder: '${sandbox}',
  });
  throw new KernelError('INVALID_ARGUMENT', { argument: 'sandbox', problem });
}
