/**
 * Ends the processes of a dispatch: a launcher's group with all processes that have its mark. No function here takes a
 * pid. The launcher shares this file, so it imports nothing but Node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  descendantsOf,
  groupRuns,
  identify,
  isRunning,
  MARK_VARIABLE,
  membersOf,
  variableOfAll,
  type ProcessIdentity,
} from '../process/processIdentity';
import { signal, waitUntil } from '../process/signals';
import { endWindowsTree } from '../process/system/systemTools';
import type { LaunchMark } from './dispatchFiles';
import { pidsUnderLimit } from './launchLimit';
import type { OwnProcess } from './ownProcess';

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
