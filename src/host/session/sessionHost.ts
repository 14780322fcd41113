/**
 * The program between the dispatcher and an agent that speaks the Agent Client Protocol (`docs/design/sessions.md`). It
 * takes a launcher's place: its order comes on standard input, it leads a process group of its own, outlives the window
 * that started it, and leaves the same log and records. It alone holds the agent's pipes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { LogWriter } from '../launcher/log/logWriter';
import { endLeftovers } from '../launcher/markedProcesses';
import {
  closeOutput,
  drainTime,
  endAgent,
  leaveExit,
  leaveNotStarted,
  leaveStarted,
  noteAgent,
  outliveGroupSignals,
} from '../launcher/ownRecords';
import { identify, type ProcessIdentity } from '../process/processIdentity';
import { startableCommand } from '../process/system/windowsCommands';
import { CommandFolder } from './files/commandFolder';
import { Connection } from './connection/connection';
import { LineSplitter } from './connection/lineSplitter';
import { Session } from './session';
import { SessionLogWriter } from './connection/sessionLogWriter';
import type { SessionOrder } from './sessionOrder';
import { TimeLimit } from './timeLimit';

const STDIN = 0;
/** How long an agent may take to end after its input is closed. */
const CLOSE_MS = 2000;
const MAX_STDERR_LINE_BYTES = 64 * 1024;

async function main(): Promise<void> {
  // The order comes from the dispatcher of the same version, through a typed function.
  const order = JSON.parse(readFileSync(STDIN, 'utf8')) as SessionOrder;
  outliveGroupSignals();
  const log = new LogWriter(order.logFile, order.logLimitBytes);
  try {
    const host = await identify(process.pid);
    leaveStarted(order, host, null);
    const agent = startAgent(order);
    try {
      await once(agent, 'spawn');
    } catch (error) {
      leaveNotStarted(order, log, error);
    }
    // At once: Node throws away what an agent wrote that ends before it is read.
    await supervise(order, host, agent, log);
  } catch (error) {
    leaveNotStarted(order, log, error);
  }
}

function startAgent(order: SessionOrder): ChildProcess {
  const [command = '', ...args] = order.argv;
  const wanted = { command, args };
  const started = process.platform === 'win32' ? startableCommand(wanted, order.env) : wanted;
  const options = { cwd: order.cwd, env: { ...order.env }, stdio: 'pipe', windowsHide: true } as const;
  return spawn(started.command, [...started.args], options);
}

async function supervise(
  order: SessionOrder,
  host: ProcessIdentity,
  agent: ChildProcess,
  log: LogWriter,
): Promise<void> {
  const startedAtMs = Date.now();
  const { stdin, stdout, stderr } = agent;
  if (stdin === null || stdout === null || stderr === null) throw new Error('the agent has no pipes');
  const lines = new SessionLogWriter(log);
  // A fault of ours must not leave an agent without a host.
  process.on('uncaughtException', (error) => {
    lines.write({
      type: 'turnEnded',
      turn: 0,
      stopReason: null,
      error: { code: 0, message: String(error.stack) },
      usage: null,
    });
    // Without an exit record the dispatch is settled as soon as this program is gone.
    if (agent.exitCode !== null || agent.signalCode !== null) process.exit(1);
    endAgent(order, agent);
  });
  let timedOut = false;
  const limit = new TimeLimit(order.timeLimitMs, () => {
    timedOut = true;
    endAgent(order, agent);
  });
  const session = new Session(order, lines, {
    onDone: () => endPolitely(order, agent, connection),
    onWorking: (isWorking) => limit.run(isWorking),
  });
  const connection = new Connection(stdin, stdout, lines, session.agentListener);
  logErrors(stderr, lines);
  const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
    const endedAtMs = Date.now();
    const wasClosing = session.isClosing;
    const finish = (): never => {
      connection.close();
      session.exited();
      const exitCode = wasClosing ? (session.isGood ? 0 : 1) : code === 0 ? 1 : code;
      const ending = wasClosing && !timedOut ? { exitCode, signal: null } : { exitCode, signal };
      return leaveExit(order, log, { ...ending, timedOut, startedAtMs, endedAtMs });
    };
    void drain(order, [stdout, stderr]).then(finish, finish);
  };
  // Not 'close': a process that the agent left behind may keep the pipes open indefinitely.
  agent.once('exit', onExit);
  await noteAgent(order, host, agent);
  if (existsSync(order.cancelFile)) endAgent(order, agent);
  new CommandFolder(
    order.commandFolder,
    order.secret,
    (command) => session.command(command),
    (file) => lines.write({ type: 'command', kind: file, by: '', outcome: 'refused', problem: 'it is not valid' }),
  ).follow();
  void session.start(connection, promptOf(order));
  closeOutput();
}

function promptOf({ stdinFile }: SessionOrder): string | null {
  return stdinFile === null ? null : readFileSync(stdinFile, 'utf8');
}

/** An agent that does not end when its input is closed is ended. */
function endPolitely(order: SessionOrder, agent: ChildProcess, connection: Connection): void {
  setImmediate(() => connection.close());
  setTimeout(() => endAgent(order, agent), CLOSE_MS);
}

function logErrors(stderr: NonNullable<ChildProcess['stderr']>, lines: SessionLogWriter): void {
  const splitter = new LineSplitter(MAX_STDERR_LINE_BYTES, {
    onLine: (text) => lines.write({ type: 'stderr', text }),
    onSkipped: (bytes) => lines.write({ type: 'skipped', bytes }),
  });
  stderr.on('data', (bytes: Buffer) => splitter.push(bytes)).on('error', () => undefined);
  stderr.once('end', () => splitter.end());
}

/** Waits for the rest of the output, and ends processes that the agent left running. */
async function drain(order: SessionOrder, pipes: readonly NodeJS.ReadableStream[]): Promise<void> {
  const ended = Promise.allSettled(pipes.filter(({ readable }) => readable).map((pipe) => once(pipe, 'end')));
  await Promise.race([ended, drainTime()]);
  await endLeftovers(order.mark, order.graceMs);
  await Promise.race([ended, drainTime()]);
}

void main();
