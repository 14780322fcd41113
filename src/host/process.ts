/**
 * The one place that starts and ends agents' processes (design §8). Each runs under a launcher of its own, detached, in
 * its own process group, so it outlives this process.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../kernel/errors';
import { descendantsOf, groupRuns, isRunning, machineName, stillRuns, type ProcessIdentity } from './processIdentity';
import { readExit, readStarted, type DispatchFiles, type ExitRecord, type LaunchOrder } from './launchRecord';
import { processStarter, type ChildProcess, type Trusted } from './startProcess';
import { endWindowsTree } from './systemTools';

/** An agent that was started; it may have ended already. */
export interface Launched {
  /** The launcher, which leads the process group. */
  readonly launcher: ProcessIdentity;
  readonly machine: string;
  /** Resolves when the launcher has gone; the exit record is there by then, unless it was killed. */
  readonly gone: Promise<void>;
}

/**
 * Starts an agent and waits until its process exists. Nothing here keeps this process alive.
 * @throws KernelError `UNTRUSTED`, `AGENT_NOT_STARTED`
 */
export async function launch(
  trusted: Trusted,
  launcherPath: string,
  order: LaunchOrder,
  files: DispatchFiles,
): Promise<Launched> {
  const command = order.argv[0] ?? '';
  const child = processStarter(trusted, 'start agents').spawn(process.execPath, [launcherPath], {
    cwd: files.folder,
    // In an extension host the executable is the editor, which this variable turns into plain Node.
    env: { ELECTRON_RUN_AS_NODE: '1', ...systemVariables() },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw notStarted(command, `its launcher did not start: ${problemOf(error)}`, error);
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await handOver(child, order);
  child.unref();

  const ended = await readExit(files);
  if (ended?.problem !== undefined) throw notStarted(command, ended.problem);
  return { launcher: await launcherOf(child, command, files, ended), machine: machineName(), gone };
}

/** Gives the launcher its order and waits until it has left a record. */
async function handOver(child: ChildProcess, order: LaunchOrder): Promise<void> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) return;
  const recorded = new Promise<void>((resolve) => stdout.once('close', () => resolve()));
  // A launcher that dies early leaves no record, which is told by the caller; the broken pipe says nothing more.
  stdin.on('error', () => undefined).end(JSON.stringify(order));
  stdout.resume();
  await recorded;
}

async function launcherOf(
  child: ChildProcess,
  command: string,
  files: DispatchFiles,
  ended: ExitRecord | undefined,
): Promise<ProcessIdentity> {
  const started = await readStarted(files);
  if (started !== undefined) return started.launcher;
  // An agent may end before its start is recorded; the end is recorded then.
  if (ended !== undefined && child.pid !== undefined) return { pid: child.pid, startToken: null };
  throw notStarted(command, 'its launcher ended without a record');
}

/**
 * Ends a process group with all it started: SIGTERM, and SIGKILL for what is left after `graceMs`. Some agents run
 * commands in sessions of their own, which a signal to the group does not reach; they are found by their parents. The
 * caller has made sure that the group is the one it means.
 */
export async function endGroup(groupId: number, graceMs: number): Promise<void> {
  if (process.platform === 'win32') return endWindowsTree(groupId);
  const started = new Map<number, ProcessIdentity>();
  const lookForMore = async (): Promise<void> => {
    for (const found of await descendantsOf([groupId, ...started.keys()])) started.set(found.pid, found);
  };
  await lookForMore();
  if (!signalGroup(groupId, 'SIGTERM')) return;
  const deadline = Date.now() + graceMs;
  let pauseMs = 10;
  while ((await groupRuns(groupId)) && Date.now() < deadline) {
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, 200);
    await lookForMore();
  }
  signalGroup(groupId, 'SIGKILL');
  for (const one of started.values()) if (await isRunning(one)) signalProcess(one.pid, 'SIGKILL');
}

/** Resolves when the process has gone, looking every `pauseMs`. Aborting rejects with the signal's reason. */
export async function whenGone(identity: ProcessIdentity, pauseMs: number, signal: AbortSignal): Promise<void> {
  if (!(await isRunning(identity))) return;
  while (await stillRuns(identity)) await delay(pauseMs, undefined, { signal, ref: false });
}

/** False where the group does not exist any more. */
function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-groupId, signal);
}

function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** What Windows needs to start any process at all. */
function systemVariables(): Record<string, string> {
  const root = process.env['SystemRoot'];
  return root === undefined ? {} : { SystemRoot: root };
}

function notStarted(command: string, problem: string, cause?: unknown): KernelError<'AGENT_NOT_STARTED'> {
  return new KernelError('AGENT_NOT_STARTED', { command, problem }, { cause });
}
