/**
 * The small program between the dispatcher and an agent (`docs/design/agents.md#processes`). It leads a process group
 * of its own, outlives the window that started it, keeps the agent's output within its limit, enforces the agent's time
 * limit, ends processes that the agent left running, and writes the exit code to a sealed record.
 *
 * It reads its order as JSON from standard input, and closes its standard output once the agent's process exists. It
 * imports nothing but Node, so that it starts fast.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { LaunchOrder } from './launchRecord';
import { LogWriter } from './log/logWriter';
import { OutputPipe } from './outputPipe';
import {
  closeOutput,
  endAgent,
  drainTime,
  leaveExit,
  leaveNotStarted,
  leaveStarted,
  noteAgent,
  outliveGroupSignals,
} from './ownRecords';
import { identify, type ProcessIdentity } from '../process/processIdentity';
import { startableCommand } from '../process/system/windowsCommands';
import { endLeftovers } from './markedProcesses';

const STDIN = 0;
/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

async function main(): Promise<void> {
  // The order comes from the dispatcher of the same version, through a typed function.
  const order = JSON.parse(readFileSync(STDIN, 'utf8')) as LaunchOrder;
  outliveGroupSignals();
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
    void report(order, launcher, agent);
    if (order.timeLimitMs === null) return;
    const reach = () => {
      timedOut = true;
      endAgent(order, agent);
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

/** Reports that the agent is running, and ends it immediately if it was canceled meanwhile. */
async function report(order: LaunchOrder, launcher: ProcessIdentity, agent: ChildProcess): Promise<void> {
  await noteAgent(order, launcher, agent);
  if (existsSync(order.cancelFile)) endAgent(order, agent);
  closeOutput();
}

/** Waits for the rest of the output, and ends processes that the agent left running. */
async function drain(order: LaunchOrder, pipe: OutputPipe): Promise<void> {
  await Promise.race([pipe.ended, drainTime()]);
  await endLeftovers(order.mark, order.graceMs);
  await Promise.race([pipe.ended, drainTime()]);
  pipe.close();
}

void main();
