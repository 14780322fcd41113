/**
 * Distinguishes a process from a later one with the same pid (`docs/design/agents.md`). The start token is the system's
 * report of a process's start; with the machine's name it identifies one process permanently. The launcher shares this
 * file, so it imports nothing that needs more than Node.
 */
import { readFile as readInCallback } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import { ofAllProcesses, processFileNow } from './system/allProcesses';
import { signalReaches } from '../locks/signalReach';
import { processColumns, processTable } from './system/systemTools';

export interface ProcessIdentity {
  readonly pid: number;
  /** Null if the system reports no start time. */
  readonly startToken: string | null;
}

/** The machine that pids of this process belong to. */
export function machineName(): string {
  return os.hostname();
}

/** The variable that marks the environment of a launcher and of all that it starts. */
export const MARK_VARIABLE = 'INTERCORE_LAUNCH';

/** Whether this system reports when a process started; if it does, a missing token matches nothing. */
export const HAS_START_TOKENS = process.platform !== 'win32';

/** The identity of a process that is alive now. */
export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startToken: (await startTokenOf(pid)) ?? null };
}

/** Whether exactly that process is still running. A zombie is not; another user's process is. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (identity.pid <= 1 || !signalReaches(identity.pid)) return false;
  if (identity.startToken === null) return !HAS_START_TOKENS;
  return (await startTokenOf(identity.pid)) === identity.startToken;
}

/**
 * The same for a process that `isRunning` has found before: checked every second for each of many agents. The machine
 * has not been restarted since, and `/proc` is memory, so one small synchronous read is enough on Linux.
 */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  if (process.platform !== 'linux' || identity.startToken === null) return isRunning(identity);
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.state !== 'Z' && identity.startToken.endsWith(`:${stat.startTicks}`);
}

/**
 * Whether the process with this pid started at about this time: for pids that another program recorded without a token.
 * False if the system does not report it.
 */
export async function startedAround(pid: number, timeMs: number): Promise<boolean> {
  const startMs = process.platform === 'linux' ? await linuxStartMs(pid) : Date.parse(`${await startTokenOf(pid)} UTC`);
  return startMs !== undefined && Math.abs(startMs - timeMs) <= START_TOLERANCE_MS;
}

/** Records hold whole seconds and are written a moment after the start. */
const START_TOLERANCE_MS = 3000;

/** Whether any process of the group is not a zombie. */
export async function groupRuns(groupId: number): Promise<boolean> {
  if (groupId <= 1 || !signalReaches(-groupId)) return false;
  if (process.platform !== 'linux') return true;
  const stats = await ofAllProcesses(readStat);
  return [...stats.values()].some((stat) => stat.group === groupId && stat.state !== 'Z');
}

/**
 * The living processes in the group that a process leads, or led, and in its session where the system shows sessions:
 * an id stays in use while one of them is alive. Empty on Windows.
 */
export async function membersOf(leader: number): Promise<ProcessIdentity[]> {
  if (leader <= 1) return [];
  const found = await Promise.all((await groupsAndSessions()).filter((one) => isOf(one, leader)).map(identifyRow));
  return found.filter(({ startToken }) => startToken !== null);
}

interface Membership {
  readonly pid: number;
  readonly group: number;
  /** Undefined if the system does not show it. */
  readonly session?: number;
}

const isOf = ({ group, session }: Membership, leader: number): boolean => group === leader || session === leader;
const identifyRow = ({ pid }: Membership): Promise<ProcessIdentity> => identify(pid);

async function groupsAndSessions(): Promise<Membership[]> {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') {
    return (await processTable('pid=,pgid=')).map(([pid = 0, group = 0]) => ({ pid, group }));
  }
  const stats = await ofAllProcesses(readStat);
  return [...stats].flatMap(([pid, { state, group, session }]) => (state === 'Z' ? [] : [{ pid, group, session }]));
}

/** Whether the process leads a process group of its own. True if the system has no groups. */
export async function leadsGroup(pid: number): Promise<boolean> {
  if (process.platform === 'win32') return true;
  return (await groupOf(pid)) === pid;
}

/** The process group of a process; undefined if there is no such process. */
export async function groupOf(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') return readStat(pid)?.group;
  const group = Number(await processColumns(pid, 'pgid='));
  return Number.isInteger(group) && group > 1 ? group : undefined;
}

/**
 * Whether the initial environment of the process has the variable with this value. Undefined if the system does not
 * show environments; false for processes of other users.
 */
export async function hasVariable(pid: number, name: string, value: string): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return undefined;
  return (await variableOf(pid, name)) === value;
}

/**
 * The values of this variable in the initial environments of this user's processes, by pid. Empty if the system does
 * not show environments.
 */
export async function variableOfAll(name: string): Promise<ReadonlyMap<number, string>> {
  if (process.platform !== 'linux') return new Map();
  // Zombies and kernel threads have no memory, and so no environment.
  const stats = await ofAllProcesses(readStat);
  const pids = [...stats].flatMap(([pid, { memory }]) => (memory === '0' ? [] : [pid]));
  const found = await Promise.all(pids.map(async (pid) => [pid, await variableOf(pid, name)] as const));
  return new Map(found.flatMap(([pid, value]) => (value === undefined ? [] : [[pid, value]])));
}

async function variableOf(pid: number, name: string): Promise<string | undefined> {
  const environment = await environmentOf(pid);
  if (!environment.includes(name)) return undefined;
  const entry = environment.split('\0').find((text) => text.startsWith(`${name}=`));
  if (entry === undefined) return undefined;
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  return owner?.uid === process.geteuid?.() ? entry.slice(name.length + 1) : undefined;
}

/** Empty if the process has ended or belongs to another user. A callback takes half the time of Node's promise. */
function environmentOf(pid: number): Promise<string> {
  return new Promise((resolve) => {
    readInCallback(`/proc/${pid}/environ`, 'latin1', (error, text) => {
      resolve(error === null ? text : '');
    });
  });
}

/**
 * The living descendants of the given processes, even if they left the group for their own session, except the given
 * others and their descendants. Empty if the system does not show parents.
 */
export async function descendantsOf(
  pids: Iterable<number>,
  others: ReadonlySet<number> = new Set(),
): Promise<ProcessIdentity[]> {
  if (process.platform !== 'linux') return [];
  const ancestors = new Set(pids);
  const stats = await ofAllProcesses(readStat);
  const parents = [...stats].map(([pid, { parent }]) => ({ pid, parent }));
  const found: number[] = [];
  for (let grew = true; grew;) {
    const next = parents.filter(({ pid, parent }) => ancestors.has(parent) && !ancestors.has(pid) && !others.has(pid));
    for (const { pid } of next) ancestors.add(pid);
    found.push(...next.map(({ pid }) => pid));
    grew = next.length > 0;
  }
  return Promise.all(found.map(identify));
}

async function startTokenOf(pid: number): Promise<string | undefined> {
  switch (process.platform) {
    case 'linux':
      return linuxToken(pid);
    case 'win32':
      return undefined;
    case 'aix':
    case 'android':
    case 'cygwin':
    case 'darwin':
    case 'freebsd':
    case 'haiku':
    case 'netbsd':
    case 'openbsd':
    case 'sunos':
      return psToken(pid);
  }
}

/** Start time in clock ticks since boot, with the id of that boot. */
async function linuxToken(pid: number): Promise<string | undefined> {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z') return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return `${boot.trim()}:${stat.startTicks}`;
}

async function linuxStartMs(pid: number): Promise<number | undefined> {
  const stat = readStat(pid);
  const bootSeconds = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  if (stat === undefined || stat.state === 'Z' || bootSeconds === undefined) return undefined;
  return (Number(bootSeconds) + Number(stat.startTicks) / TICKS_PER_SECOND) * 1000;
}

/** The unit that Linux shows to programs, on every architecture. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: string;
  /** The size of its address space. */
  readonly memory: string;
}

/**
 * Fields 3 to 6, 22 and 23 of `/proc/<pid>/stat`. The second is the program's name in parentheses and may contain any
 * text.
 */
function readStat(pid: number): Stat | undefined {
  const text = processFileNow(pid, 'stat');
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const [startTicks, memory] = fields.slice(19);
  if (state === undefined || session === undefined || startTicks === undefined || memory === undefined)
    return undefined;
  return { state, parent: Number(parent), group: Number(group), session: Number(session), startTicks, memory };
}

/** Start time to the second; empty for a zombie. */
async function psToken(pid: number): Promise<string | undefined> {
  const [, state, start] = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(await processColumns(pid, 'stat=,lstart=')) ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : start;
}
