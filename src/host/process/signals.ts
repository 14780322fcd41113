/**
 * The only file that sends signals. It ends only our own processes: a launcher's group with all processes that have its
 * mark, or the group of a child of this process. No function here takes a pid. The launcher shares this file, so it
 * imports nothing but Node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pidsUnderLimit } from '../launcher/launchLimit';
import {
  descendantsOf,
  groupRuns,
  identify,
  isRunning,
  MARK_VARIABLE,
  membersOf,
  variableOfAll,
  type ProcessIdentity,
} from './processIdentity';
import type { ChildProcess } from './startProcess';
import { endWindowsTree } from './systemTools';
import type { LaunchMark } from '../trusted/dispatchFiles';
import type { OwnProcess } from '../trusted/ownProcess';

/** Rounds of SIGKILL: a process may start another before it is ended. */
const MAX_ROUNDS = 50;

/**
 * Ends all processes with a mark of ours, with the group and the session of their launcher if known: SIGTERM, and
 * SIGKILL for the rest after `graceMs`. Processes that left the session are found by their mark, in the environment or
 * as a limit, and by their parents; processes without a mark by the session. Does nothing if none of them is running.
 */
export async function endMarked(mark: LaunchMark, group: OwnProcess | undefined, graceMs: number): Promise<void> {
  if (process.platform === 'win32') return group === undefined ? undefined : endWindowsTree(group.pid);
  await endAll({ group, leader: group?.pid, mark, except: undefined }, graceMs);
}

/** Ends processes that an agent left running. The caller is its launcher, which continues. */
export async function endLeftovers(mark: LaunchMark, graceMs: number): Promise<void> {
  if (process.platform === 'win32') return;
  await endAll({ group: undefined, leader: process.pid, mark, except: process.pid }, graceMs);
}

/** Ends a child of this process and its group, which it leads because it was started detached. */
export async function endChildGroup(child: ChildProcess, graceMs: number): Promise<void> {
  // Once it was reaped its pid may be another's, so the group is signaled only while it exists.
  if (child.pid === undefined || child.pid <= 1 || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') return endWindowsTree(child.pid);
  if (graceMs > 0) {
    signal(-child.pid, 'SIGTERM');
    await waitUntil(async () => !(await groupRuns(child.pid ?? 0)), graceMs);
  }
  if (await groupRuns(child.pid)) signal(-child.pid, 'SIGKILL');
}

/** A polite request to the launcher's own group, which the launcher itself outlives. */
export function askOwnGroup(): void {
  if (process.platform !== 'win32') signal(-process.pid, 'SIGTERM');
}

/** Ends the launcher's own group, and with it the launcher. */
export function killOwnGroup(): void {
  if (process.platform !== 'win32') signal(-process.pid, 'SIGKILL');
}

interface Targets {
  /** Is signaled as a whole. */
  readonly group: OwnProcess | undefined;
  /** Of the group and session whose members are signaled one by one. */
  readonly leader: number | undefined;
  readonly mark: LaunchMark;
  /** The caller's own pid, if it has the mark, too. */
  readonly except: number | undefined;
}

async function endAll(targets: Targets, graceMs: number): Promise<void> {
  const ending = new Ending(targets);
  if (!(await ending.runs())) return;
  ending.send('SIGTERM');
  if (await waitUntil(async () => !(await ending.runs()), graceMs)) return;
  for (let round = 0; round < MAX_ROUNDS && (await ending.runs()); round += 1) {
    ending.send('SIGKILL');
    await delay(10);
  }
}

class Ending {
  private readonly known = new Map<string, ProcessIdentity>();
  private group: number | undefined;
  private leader: number | undefined;

  constructor(private readonly targets: Targets) {
    this.group = targets.group?.pid;
    this.leader = targets.leader;
  }

  /** Whether any of the processes is running. Finds new ones. */
  async runs(): Promise<boolean> {
    const { mark, except } = this.targets;
    const marks = await variableOfAll(MARK_VARIABLE);
    // A dispatch that the agent started is separate, and not ended with it.
    const others = new Set([...marks].flatMap(([pid, value]) => (value === mark ? [] : [pid])));
    const own = [...marks].flatMap(([pid, value]) => (value === mark ? [pid] : []));
    const limited = (await pidsUnderLimit(mark)).filter((pid) => !others.has(pid));
    const marked = [...new Set([...own, ...limited])];
    const roots = [...(this.group === undefined ? [] : [this.group]), ...marked, ...this.pids()];
    const members = this.leader === undefined ? [] : await membersOf(this.leader);
    // An id without a process may become another's.
    if (members.length === 0) this.leader = undefined;
    const found = [
      ...(await Promise.all(marked.map(identify))),
      ...(await descendantsOf(roots, others)),
      ...members.filter(({ pid }) => !others.has(pid)),
    ];
    for (const one of found) {
      if (one.pid > 1 && one.pid !== except) this.known.set(`${one.pid} ${one.startToken ?? ''}`, one);
    }
    for (const [name, one] of this.known) if (!(await isRunning(one))) this.known.delete(name);
    // The id of a group is free for others as soon as the group is empty.
    if (this.group !== undefined && !(await groupRuns(this.group))) this.group = undefined;
    return this.known.size > 0 || this.group !== undefined;
  }

  send(name: NodeJS.Signals): void {
    if (this.group !== undefined) signal(-this.group, name);
    for (const pid of this.pids()) signal(pid, name);
  }

  private pids(): number[] {
    return [...this.known.values()].map(({ pid }) => pid);
  }
}

/** Returns whether it became true in time. */
export async function waitUntil(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  for (let pauseMs = 10; !(await condition()); pauseMs = Math.min(pauseMs * 2, 200)) {
    if (Date.now() >= deadline) return false;
    await delay(Math.min(pauseMs, Math.max(1, deadline - Date.now())));
  }
  return true;
}

export function signal(target: number, name: NodeJS.Signals): void {
  // 0, 1 and -1 are whole groups or every process of the user.
  if (Math.abs(target) <= 1) return;
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}
