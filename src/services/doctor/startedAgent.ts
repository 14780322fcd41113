/** Starts an agent without a prompt, in an empty folder, to see whether it opens a session. It is ended again. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentKind } from '../../contract/agentKinds';
import { endAgentProcesses, launch } from '../../host/launcher/agentProcess';
import { proven, readExit, type ExitRecord } from '../../host/launcher/launchRecord';
import { AGENT_ENDED } from '../../host/session/connection/protocol';
import { makeLaunchFiles } from '../../host/launcher/dispatchFiles';
import { sessionLogLine, type SessionLogLine } from '../../host/session/connection/sessionLog';
import type { SessionLaunchRequest } from '../../host/session/sessionOrder';
import type { Trusted } from '../../host/process/startProcess';
import { commandLine } from '../agents/commandLine';
import { programVariables } from '../dispatch/start/agentPrograms';

const GRACE_MS = 500;
/** The agent's own end, after its limit. */
const END_MS = 5000;
const LOG_BYTES = 4 * 1024 * 1024;

export type AgentStart =
  | { readonly kind: 'opened'; readonly agent: string; readonly mode: string | null }
  /** `code`: of the protocol. */
  | { readonly kind: 'failed'; readonly code: number; readonly message: string }
  /** Its process ended. `printed`: its last line on standard error. */
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly printed: string }
  | { readonly kind: 'silent' };

export interface StartOptions {
  readonly hostPath: string;
  readonly trusted: Trusted;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** @throws KernelError `UNTRUSTED`, `AGENT_NOT_STARTED`, `AGENT_NOT_INSTALLED`, `AGENT_NEEDS_PROGRAM` */
export async function startOnce(kind: AgentKind, options: StartOptions): Promise<AgentStart> {
  const { hostPath, trusted, limitMs, signal } = options;
  const env = { ...options.env, ...(await programVariables(kind, options.env)) };
  const root = await mkdtemp(path.join(tmpdir(), 'intercore-check-'));
  try {
    const folder = path.join(root, 'work');
    await mkdir(folder);
    const files = await makeLaunchFiles(path.join(root, 'storage'), 'check');
    const request = { ...requestOf(kind, folder), env, timeLimitMs: limitMs };
    const { gone } = await launch(trusted, hostPath, request, files);
    try {
      const stop = new AbortController();
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
      const late = delay(limitMs + END_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      await Promise.race([gone, aborted, late]);
      stop.abort();
    } finally {
      await endAgentProcesses(files, GRACE_MS);
    }
    return outcomeIn(await readFile(files.log, 'utf8'), proven(await readExit(files)));
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

function requestOf(kind: AgentKind, folder: string): Omit<SessionLaunchRequest, 'env' | 'timeLimitMs'> {
  const { askMode = null, usageMeaning = 'none' } = kind.session ?? {};
  return {
    argv: commandLine(kind, NOTHING),
    cwd: folder,
    stdinFile: null,
    graceMs: GRACE_MS,
    logLimitBytes: LOG_BYTES,
    session: {
      askMode,
      usage: usageMeaning,
      project: folder,
      resume: null,
      newPrompt: null,
      model: null,
      policy: 'denyAsked',
      rules: [],
      commands: [],
      mcpServers: [],
      lingerMs: 0,
    },
  };
}

/** Arguments with a placeholder are left out. */
const NOTHING = {
  promptFile: undefined,
  prompt: undefined,
  model: undefined,
  sandbox: undefined,
  project: undefined,
  dispatchId: undefined,
  runId: undefined,
  mcpConfigFile: undefined,
  mcpConfigLine: undefined,
  session: undefined,
  resume: undefined,
};

function outcomeIn(log: string, exit: ExitRecord | undefined): AgentStart {
  const lines = log.split('\n').flatMap((line) => readLine(line) ?? []);
  const opened = lines.find((line) => line.type === 'opened');
  if (opened !== undefined) return { kind: 'opened', agent: opened.agent, mode: opened.mode };
  const error = lines.flatMap((line) => (line.type === 'turnEnded' ? (line.error ?? []) : [])).at(0);
  if (error !== undefined && error.code !== AGENT_ENDED) return { kind: 'failed', ...error };
  if (exit === undefined || exit.timedOut) return { kind: 'silent' };
  const printed = lines.flatMap((line) => (line.type === 'stderr' && line.text.trim() !== '' ? [line.text] : []));
  return { kind: 'ended', exitCode: exit.exitCode, printed: printed.at(-1)?.trim() ?? '' };
}

function readLine(line: string): SessionLogLine | undefined {
  try {
    return sessionLogLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
