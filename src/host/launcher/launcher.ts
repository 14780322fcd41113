/**
 * The small program between the dispatcher and an agent (`docs/design/agents.md#processes`). It leads a process group
 * of its own, outlives the window that started it, keeps the agent's output within its limit, enforces the agent's time
 * limit, ends processes that the agent left running, and writes the exit code to a sealed record.
 *
 * It reads its order as JSON from standard input, and closes its standard output once the agent's process exists. It
 * imports nothing but Node, so that it starts fast.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExitRecord, LaunchOrder, StartedRecord } from './launchRecord';
import { LogWriter } from './logWriter';
import { OutputPipe } from './outputPipe';
import { HAS_START_TOKENS, identify, type ProcessIdentity } from '../process/processIdentity';
import { sealed } from './seal';
import { askOwnGroup, killOwnGroup } from '../process/signals';
import { endWindowsTree } from '../process/systemTools';
import { startableCommand } from '../process/windowsCommands';
import { endLeftovers } from './markedProcesses';

const STDIN = 0;
const STDOUT = 1;
/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** How long the pipe may stay open after the agent has ended: processes that it left running may hold it. */
const DRAIN_MS = 200;

type Ending = Omit<ExitRecord, 'logHash'>;

async function main(): Promise<void> {
  // The order comes from the dispatcher of the same version, through a typed function.
  const order = JSON.parse(readFileSync(STDIN, 'utf8')) as LaunchOrder;
  // A signal to the group is meant for the agent; the launcher stays to record how it ended.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const log = new LogWriter(order.logFile, order.logLimitBytes);
  try {
    // Before the agent starts: even for the shortest one the launcher is known.
    const launcher = await identify(process.pid);
    leaveStarted(order, launcher, null);
    supervise(order, launcher, log);
  } catch (error) {
    leaveNotStarted(order, log, error);
  }
}

function supervise(order: LaunchOrder, launcher: ProcessIdentity, log: LogWriter): void {
  const pipe = OutputPipe.open((bytes) => log.write(bytes));
  const agent = startAgent(order, pipe);
  pipe.connect(agent);
  let startedAtMs: number | null = null;
  let timedOut = false;
  agent.once('spawn', () => {
    startedAtMs = Date.now();
    void noteAgent(order, launcher, agent);
    if (order.timeLimitMs === null) return;
    const reach = () => {
      timedOut = true;
      end(order, agent);
    };
    setTimeout(reach, Math.min(order.timeLimitMs, MAX_DELAY_MS)).unref();
  });
  agent.once('error', (error) => {
    if (startedAtMs === null) leaveNotStarted(order, log, error);
  });
  // Not 'close': a process that the agent left behind may keep the pipe open indefinitely.
  agent.once('exit', (exitCode, signal) => {
    const endedAtMs = Date.now();
    const finish = () => leaveExit(order, log, { exitCode, signal, timedOut, startedAtMs, endedAtMs });
    void drain(order, pipe).then(finish, finish);
  });
}

function startAgent(order: LaunchOrder, pipe: OutputPipe): ChildProcess {
  const [program = '', ...given] = order.argv;
  const wanted = { command: program, args: given };
  const { command, args } = process.platform === 'win32' ? startableCommand(wanted, order.env) : wanted;
  const input = order.stdinFile === null ? 'ignore' : openSync(order.stdinFile, 'r');
  try {
    const stdio: StdioOptions = [input, ...pipe.stdio];
    return spawn(command, [...args], { cwd: order.cwd, env: { ...order.env }, stdio, windowsHide: true });
  } finally {
    if (typeof input === 'number') closeSync(input);
  }
}

/** Reports to the dispatcher that the agent is running, and ends it immediately if it was canceled meanwhile. */
async function noteAgent(order: LaunchOrder, launcher: ProcessIdentity, agent: ChildProcess): Promise<void> {
  const identity = agent.pid === undefined ? null : await identify(agent.pid);
  // A process that has already ended has no start time.
  if (identity !== null && (identity.startToken !== null || !HAS_START_TOKENS)) leaveStarted(order, launcher, identity);
  if (existsSync(order.cancelFile)) end(order, agent);
  closeSync(STDOUT);
}

/** Waits for the rest of the output, and ends processes that the agent left running. */
async function drain(order: LaunchOrder, pipe: OutputPipe): Promise<void> {
  await Promise.race([pipe.ended, delay(DRAIN_MS)]);
  await endLeftovers(order.mark, order.graceMs);
  await Promise.race([pipe.ended, delay(DRAIN_MS)]);
  pipe.close();
}

/** Asks the group to end; after the grace period the agent is killed. Windows has no polite request and no groups. */
function end(order: LaunchOrder, agent: ChildProcess): void {
  if (process.platform === 'win32' && agent.pid !== undefined) return void endWindowsTree(agent.pid);
  askOwnGroup();
  setTimeout(() => agent.kill('SIGKILL'), order.graceMs).unref();
}

function leaveStarted(order: LaunchOrder, launcher: ProcessIdentity, agent: ProcessIdentity | null): void {
  const { argv, cwd } = order;
  const record: StartedRecord = { launcher, agent, argv: [...argv], cwd, startedAtMs: Date.now() };
  leave(order, order.startedFile, 'started', record);
}

function leaveExit(order: LaunchOrder, log: LogWriter, ending: Ending): void {
  const record: ExitRecord = { ...ending, logHash: log.end() };
  leave(order, order.exitFile, 'exit', record);
  // If leftovers cannot be found by their mark, the group of a timed-out agent is ended.
  if (record.timedOut) killOwnGroup();
  endAtOnce();
}

/**
 * Everything is written by now. On an orderly exit Node waits for compiler threads, and one that waits for a garbage
 * collection never ends: the launcher stayed, and its dispatch ran forever.
 */
function endAtOnce(): never {
  process.kill(process.pid, 'SIGKILL');
  process.exit(0);
}

function leaveNotStarted(order: LaunchOrder, log: LogWriter, error: unknown): void {
  const nothing = { exitCode: null, signal: null, timedOut: false, startedAtMs: null };
  leaveExit(order, log, { ...nothing, problem: explain(error), endedAtMs: Date.now() });
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such program';
    case 'EACCES':
      return 'it is not an executable file';
    case 'E2BIG':
      return 'its arguments are longer than the system allows';
    case undefined:
    default:
      return error.message;
  }
}

/** Appears complete or not at all. */
function leave(order: LaunchOrder, file: string, kind: string, record: StartedRecord | ExitRecord): void {
  const staging = `${file}.${process.pid}`;
  writeFileSync(staging, sealed(order.secret, kind, record), { mode: 0o600 });
  renameSync(staging, file);
}

void main();
