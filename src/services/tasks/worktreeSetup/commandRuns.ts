/** Runs set-up and check commands. Their output is an artifact of the run, with any result. */
import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { contentHash } from '../../../host/files/contentHash';
import { redact } from '../../../host/git/redaction';
import { KernelError } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { addArtifact } from '../../../kernel/tracking/service';
import type { CheckCommand, TaskDeps } from '../deps';
import { tail } from '../logEnd';
import { outcomeOf, ownCheckLog } from './checkProcess';
import { shownCommand } from './shownCommand';
import { placeVariables } from './variables';
import { shortened } from '../../../kernel/text/storableText';

/** Read from npm, pip, Cargo, Go, Maven, and git in a network namespace without a network. */
const NO_NETWORK = [
  /\b(?:ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ENETDOWN|EHOSTUNREACH|ECONNREFUSED|ECONNRESET)\b/i,
  /could(?: not|n't) resolve host|name resolution|failed to lookup address|dns error|no such host/i,
  /unknown ?host|network is unreachable|no route to host|failed to establish a new connection/i,
] as const;

/** A stopped service of this machine does not mean a missing network. */
const THIS_MACHINE = /\blocalhost\b|\b127\.0\.0\.1\b|\[?::1\]?|\b0\.0\.0\.0\b/i;

const LONGEST_LINE = 300;

/** The last such line; undefined if there is none. */
export function noNetworkIn(output: string): string | undefined {
  const line = output.split('\n').findLast((each) => saysSo(each) && !THIS_MACHINE.test(each));
  return line && shortened(line.trim(), LONGEST_LINE);
}

const saysSo = (line: string): boolean => NO_NETWORK.some((pattern) => pattern.test(line));

const SHOWN_LINES = 30;

export interface Work {
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  readonly attempt: number;
  /** Ends a running check. */
  readonly signal: AbortSignal;
}

export interface CommandOrder {
  /** A worktree, or a clean checkout. */
  readonly cwd: string;
  readonly command: CheckCommand;
  readonly logFile: string;
  /** The artifact type of its output. */
  readonly type: 'check' | 'setup';
}

/** The problem of a command line, with the end of its output. */
export interface CommandProblem {
  readonly text: string;
  /** The line that reports that no server was reached. */
  readonly noNetwork: string | undefined;
}

/** @throws KernelError `SETUP_OFFLINE` */
export function refuseOffline(command: CheckCommand, { text, noNetwork }: CommandProblem): void {
  if (noNetwork === undefined) return;
  throw new KernelError('SETUP_OFFLINE', { problem: foreignText([noNetwork, shownCommand(command), text].join('\n')) });
}

/** Runs one command line under the launcher; its output is an artifact of the run. Returns the problem, if any. */
export async function runCommand(
  deps: TaskDeps,
  { project, task, signal }: Pick<Work, 'project' | 'task' | 'signal'>,
  { cwd, command, logFile: place, type }: CommandOrder,
): Promise<CommandProblem | undefined> {
  const logFile = await ownCheckLog(deps, place);
  await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const env = await placeVariables(deps, project, cwd);
  const problem = await outcomeOf(deps, { command, cwd, env, logFile, signal });
  const hash = await contentHash(logFile);
  await deps.kernel.write((u) => {
    const artifact = { runId: task.runId, phase: 'executing', path: logFile, type };
    addArtifact(u, hash === undefined ? artifact : { ...artifact, contentHash: hash });
  });
  if (problem === undefined) return undefined;
  const output = redact(await tail(logFile)).trimEnd();
  const lines = output.split('\n').slice(-SHOWN_LINES);
  return { text: [problem, ...lines].join('\n'), noNetwork: noNetworkIn(output) };
}
