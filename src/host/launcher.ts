/**
 * The small program between the dispatcher and an agent (design §8). It leads a process group of its own, outlives the
 * window that started it, holds the agent to its time limit and leaves the exit code in a file.
 *
 * It reads its order as JSON from standard input and closes its standard output once there is a record to read. It
 * imports nothing but Node, so that it starts fast.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ExitRecord, LaunchOrder, StartedRecord } from './launchRecord';
import { descendantsOf, identify, isRunning, type ProcessIdentity } from './processIdentity';

const STDIN = 0;
const STDOUT = 1;
/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function main(): void {
  // The order comes from the dispatcher of the same version, through a typed function.
  const order = JSON.parse(readFileSync(STDIN, 'utf8')) as LaunchOrder;
  // A signal to the group is meant for the agent; the launcher stays to record how it ended.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  try {
    supervise(order, startAgent(order));
  } catch (error) {
    leaveNotStarted(order, error);
  }
}

function startAgent(order: LaunchOrder): ChildProcess {
  const [command = '', ...args] = order.argv;
  const input = order.stdinFile === null ? 'ignore' : openSync(order.stdinFile, 'r');
  const log = openSync(order.logFile, 'a', 0o600);
  try {
    const stdio = [input, log, log] as const;
    return spawn(command, args, { cwd: order.cwd, env: { ...order.env }, stdio: [...stdio], windowsHide: true });
  } finally {
    closeSync(log);
    if (typeof input === 'number') closeSync(input);
  }
}

function supervise(order: LaunchOrder, agent: ChildProcess): void {
  let startedAtMs: number | null = null;
  let timedOut: readonly ProcessIdentity[] | undefined;
  agent.once('spawn', () => {
    startedAtMs = Date.now();
    void leaveStarted(order, agent, startedAtMs);
    enforceTimeLimit(order, agent, (tree) => (timedOut = tree));
  });
  agent.once('error', (error) => {
    if (startedAtMs === null) leaveNotStarted(order, error);
  });
  // Not 'close': a process that the agent left behind may keep the log open for as long as it likes.
  agent.once('exit', (exitCode, signal) => {
    const record: ExitRecord = {
      exitCode,
      signal,
      timedOut: timedOut !== undefined,
      startedAtMs,
      endedAtMs: Date.now(),
    };
    leave(order.exitFile, record);
    // What a timed-out agent left running goes with it, and so does the launcher, whose work is done.
    if (timedOut === undefined) process.exit(0);
    void endAll(timedOut).finally(() => {
      signalGroup('SIGKILL');
      process.exit(0);
    });
  });
}

/** Some agents run commands in sessions of their own, which a signal to the group does not reach. */
async function endAll(tree: readonly ProcessIdentity[]): Promise<void> {
  for (const one of tree) if (await isRunning(one)) process.kill(one.pid, 'SIGKILL');
}

async function leaveStarted(order: LaunchOrder, agent: ChildProcess, startedAtMs: number): Promise<void> {
  if (agent.pid === undefined) return;
  const [launcher, identity] = await Promise.all([identify(process.pid), identify(agent.pid)]);
  const { argv, cwd } = order;
  const record: StartedRecord = { launcher, agent: identity, argv: [...argv], cwd, startedAtMs };
  leave(order.startedFile, record);
  // Whoever wished it to end before there was a record to end it by could not; whoever does later can.
  if (existsSync(order.cancelFile)) end(order, agent);
  closeSync(STDOUT);
}

function leaveNotStarted(order: LaunchOrder, error: unknown): void {
  const problem = explain(error);
  const nothing = { exitCode: null, signal: null, timedOut: false, startedAtMs: null };
  const record: ExitRecord = { ...nothing, problem, endedAtMs: Date.now() };
  leave(order.exitFile, record);
  process.exit(0);
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

/** Ends the agent when the time is up; its exit is still recorded. */
function enforceTimeLimit(
  order: LaunchOrder,
  agent: ChildProcess,
  onReached: (tree: readonly ProcessIdentity[]) => void,
): void {
  if (order.timeLimitMs === null) return;
  const reach = async (): Promise<void> => {
    onReached([]);
    // Whoever has lost its parent is no descendant any more, so they are looked for first.
    onReached(await descendantsOf([process.pid]));
    end(order, agent);
  };
  setTimeout(() => void reach(), Math.min(order.timeLimitMs, MAX_DELAY_MS)).unref();
}

/** Asks the group to end; after the grace the agent is made to. */
function end(order: LaunchOrder, agent: ChildProcess): void {
  signalGroup('SIGTERM');
  setTimeout(() => agent.kill('SIGKILL'), order.graceMs).unref();
}

function signalGroup(signal: NodeJS.Signals): void {
  if (process.platform === 'win32') return;
  process.kill(-process.pid, signal);
}

/** Appears complete or not at all. */
function leave(file: string, record: StartedRecord | ExitRecord): void {
  const staging = `${file}.${process.pid}`;
  writeFileSync(staging, JSON.stringify(record), { mode: 0o600 });
  renameSync(staging, file);
}

main();
