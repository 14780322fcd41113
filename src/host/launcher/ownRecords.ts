/**
 * What a launcher and a session host share: the sealed records that they leave, and how they end. The programs between
 * us and an agent import it, so it imports nothing but Node.
 */
import { closeSync, renameSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { ExitRecord, LaunchOrder, StartedRecord } from './launchRecord';
import type { LogWriter } from './log/logWriter';
import { HAS_START_TOKENS, identify, type ProcessIdentity } from '../process/processIdentity';
import type { ChildProcess } from '../process/startProcess';
import { sealed } from './seal';
import { askOwnGroup, killOwnGroup } from '../process/signals';
import { endWindowsTree } from '../process/system/systemTools';

const STDOUT = 1;
/** How long pipes may stay open after the agent has ended: processes that it left running may hold them. */
const DRAIN_MS = 200;
/** Each reads once from a pipe, up to 64 KiB. */
const DRAIN_TURNS = 64;

/** How an agent ended, before its log has its hash. */
export type Ending = Omit<ExitRecord, 'logHash'>;

/** A signal to the group is meant for the agent; the program stays to record how it ended. */
export function outliveGroupSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
}

/** Reports to the dispatcher that the agent is running. */
export async function noteAgent(order: LaunchOrder, launcher: ProcessIdentity, agent: ChildProcess): Promise<void> {
  const identity = agent.pid === undefined ? null : await identify(agent.pid);
  // A process that has already ended has no start time.
  if (identity !== null && (identity.startToken !== null || !HAS_START_TOKENS)) leaveStarted(order, launcher, identity);
}

/** The dispatcher waits for this. */
export function closeOutput(): void {
  closeSync(STDOUT);
}

/**
 * The time in which the rest of the output comes. On a busy machine it may be over before this program had a turn to
 * read what is there, so some turns follow.
 */
export async function drainTime(): Promise<void> {
  await delay(DRAIN_MS);
  for (let turn = 0; turn < DRAIN_TURNS; turn += 1) await nextTurn();
}

/** Asks the group to end; after the grace period the agent is killed. Windows has no polite request and no groups. */
export function endAgent(order: LaunchOrder, agent: ChildProcess): void {
  if (process.platform === 'win32' && agent.pid !== undefined) return void endWindowsTree(agent.pid);
  askOwnGroup();
  setTimeout(() => agent.kill('SIGKILL'), order.graceMs).unref();
}

export function leaveStarted(order: LaunchOrder, launcher: ProcessIdentity, agent: ProcessIdentity | null): void {
  const { argv, cwd } = order;
  const record: StartedRecord = { launcher, agent, argv: [...argv], cwd, startedAtMs: Date.now() };
  leave(order, order.startedFile, 'started', record);
}

/** Leaves the exit record, and ends this program. */
export function leaveExit(order: LaunchOrder, log: LogWriter, ending: Ending): never {
  const record: ExitRecord = { ...ending, logHash: log.end() };
  leave(order, order.exitFile, 'exit', record);
  // If leftovers cannot be found by their mark, the group of a timed-out agent is ended.
  if (record.timedOut) killOwnGroup();
  return endAtOnce();
}

/**
 * Everything is written by now. On an orderly exit Node waits for compiler threads, and one that waits for a garbage
 * collection never ends: the launcher stayed, and its dispatch ran forever.
 */
function endAtOnce(): never {
  process.kill(process.pid, 'SIGKILL');
  process.exit(0);
}

export function leaveNotStarted(order: LaunchOrder, log: LogWriter, error: unknown): never {
  const nothing = { exitCode: null, signal: null, timedOut: false, startedAtMs: null };
  return leaveExit(order, log, { ...nothing, problem: explain(error), endedAtMs: Date.now() });
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
