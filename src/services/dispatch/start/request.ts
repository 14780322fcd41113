/**
 * A wish to start an agent, and what it takes to grant it: checked, with its files written (`docs/design/agents.md`).
 */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { AgentKind } from '../../../contract/agentKinds';
import { readFailure } from '../../../host/files/fileErrors';
import { writeOutput } from '../../../host/launcher/launchRecord';
import { isInside } from '../../../host/database/paths';
import type { DispatchFiles } from '../../../host/trusted/dispatchFiles';
import { createDispatchInput } from '../../../kernel/dispatch/model';
import { KernelError } from '../../../kernel/errors/errors';
import { commandLine } from '../../agents/kinds';
import { sessionId } from '../../agents/session';
import { agentEnvironment, type EnvironmentSource } from './environment';
import { mcpConfigLine, mcpServerFor, names, writeMcpConfig } from './mcpServer';
import type { McpServerCommand } from './mcpServer';
import { makeFilesOf } from './ownedFiles';
import { verdictFileOf } from '../follow/outputReader';

const { name, model, timeoutSec, parentId, scopeId } = createDispatchInput.shape;
const withoutNul = z.string().regex(/^[^\0]*$/, 'it contains a NUL character');

export const dispatchRequest = z.strictObject({
  /** Name of an agent kind. */
  kind: z.string().min(1),
  /** The text, or a file that holds it; what is sent is kept beside the log. */
  prompt: z.union([z.string(), z.strictObject({ file: withoutNul.min(1) })]),
  /** The run it works for: its scope, and the run its agent is registered with. */
  runId: z.string().min(1).optional(),
  name,
  model,
  /** Only for kinds that name `${sandbox}` in an argument. */
  sandbox: createDispatchInput.shape.sandbox,
  timeLimitSec: timeoutSec,
  /** Its own budget, which it reserves whole and ends at. In tokens. */
  tokenBudget: z.int().positive().optional(),
  /** In micro-dollars. */
  costBudget: z.int().positive().optional(),
  parentId,
  /** Name of the run's agent; the dispatch's own name where absent. */
  agentName: name,
  /** An agent of the run that this dispatch is, or none; where absent a new one is registered. */
  agent: z.union([z.literal('none'), z.strictObject({ id: z.string().min(1) })]).optional(),
  /** A scope that is no run of this database. Ignored where `runId` is given. */
  scopeId,
  /**
   * Where a wrapper leaves what the agent said, outside our storage: absolute. Its verdict is `<outputFile>.verdict`,
   * its token counts `<outputFile>.summary` (`docs/design/agents.md#endings`).
   */
  outputFile: withoutNul.min(1).optional(),
  /** The session of an earlier dispatch that the agent continues, for kinds that name `${session}` in an argument. */
  session: sessionId.optional(),
  /** Added after the kind's own arguments. */
  args: z.array(withoutNul).optional(),
  /** The project's folder where absent. Inside the project or a folder of worktrees. */
  cwd: withoutNul.min(1).optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/), withoutNul).optional(),
});
export type DispatchRequest = z.input<typeof dispatchRequest>;

/** Where an agent is to work and what it is told of its place. */
export interface DispatchLocation {
  readonly projectFolder: string;
  readonly databasePath: string;
  /** Folders beside the project that agents may work in: worktrees. */
  readonly workFolders: readonly string[];
  /** Where each dispatch has a folder of its own. */
  readonly storageDir: string;
  readonly icBinDir: string | undefined;
  readonly mcpServer: McpServerCommand | undefined;
  readonly environment: EnvironmentSource;
}

export interface Preparation {
  readonly files: DispatchFiles;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdinFile: string | null;
  readonly promptHash: string;
  /** Where the agent leaves its verdict. */
  readonly verdictFile: string;
  /** What the row says of the sandbox: the one in force, or `none`. */
  readonly sandbox: string;
}

/**
 * Checks a request and writes its prompt. Nothing is started or recorded yet.
 * @throws KernelError `INVALID_ARGUMENT`, `FILE_UNREADABLE`, `PATH_OUTSIDE`
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
  const files = await makeFilesOf(place.databasePath, place.storageDir, dispatchId);
  const verdictFile = verdictFileOf(files, request.outputFile);
  const sandbox = sandboxInForce(kind, request);
  const env = agentEnvironment({ kind, request, place, dispatchId, verdictFile });
  const server = place.mcpServer && mcpServerFor(place.mcpServer, env);
  const mcpConfigFile = server && names(kind, 'mcpConfigFile') ? files.mcpConfig : undefined;
  const values = {
    promptFile: files.prompt,
    // Only a kind that passes its prompt so pays for turning the bytes into text.
    prompt: kind.promptBy === 'argument' ? prompt.toString('utf8') : undefined,
    model: request.model,
    sandbox,
    project: cwd,
    dispatchId,
    runId: request.runId,
    mcpConfigFile,
    mcpConfigLine: server && mcpConfigLine(server),
    session: request.session,
    resume: request.session === undefined ? undefined : 'resume',
  };
  const argv = commandLine(kind, values, request.args);
  // The prompt of a queued dispatch is there already, and another window's agent may be reading it by now.
  if (typeof request.prompt === 'string' || request.prompt.file !== files.prompt) await keepPrompt(files, prompt);
  if (server !== undefined && mcpConfigFile !== undefined) await writeMcpConfig(mcpConfigFile, server);
  if (request.outputFile !== undefined) await writeOutput(files, { outputFile: request.outputFile });
  return {
    files,
    argv,
    cwd,
    env,
    stdinFile: kind.promptBy === 'stdin' ? files.prompt : null,
    promptHash: promptHash(prompt),
    verdictFile,
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

/** Keeps what the agent is told, as it is now. */
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
    throw new KernelError('INVALID_ARGUMENT', { argument: 'cwd', problem: `there is no folder ${cwd}` });
  }
  const real = await realpath(cwd);
  for (const allowed of [place.projectFolder, ...place.workFolders]) {
    const outer = await realpath(allowed).catch(() => undefined);
    if (outer !== undefined && (outer === real || isInside(outer, real))) return cwd;
  }
  throw new KernelError('PATH_OUTSIDE', { path: cwd, folder: place.projectFolder });
}

/** What the kind is started in; undefined for a kind that has no sandbox. */
export function sandboxInForce(kind: AgentKind, request: Pick<DispatchRequest, 'sandbox'>): string | undefined {
  return takesSandbox(kind) ? (request.sandbox ?? kind.sandbox) : undefined;
}

function takesSandbox(kind: AgentKind): boolean {
  return kind.args.some((argument) => argument.includes('${sandbox}'));
}

/** A sandbox that would be recorded but not kept to is worse than none. */
function refuseUnknownSandbox(kind: AgentKind, request: DispatchRequest): void {
  if (request.sandbox === undefined || takesSandbox(kind)) return;
  const problem = `the agent kind ${kind.name} has no sandbox; its arguments name no \${sandbox}`;
  throw new KernelError('INVALID_ARGUMENT', { argument: 'sandbox', problem });
}
