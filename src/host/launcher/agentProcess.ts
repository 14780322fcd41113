/**
 * The only place that starts and ends agents' processes (`docs/design/agents.md`). Each runs under its own launcher,
 * detached, in its own process group, so it outlives this process.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../kernel/errors/reasons/problem';
import { underLimit } from './launchLimit';
import { proven, readExit, readStarted, type LaunchOrder, type LaunchRequest } from './launchRecord';
import { isRunning, machineName, MARK_VARIABLE, stillRuns, type ProcessIdentity } from '../process/processIdentity';
import { endMarked } from './markedProcesses';
import type { DispatchFiles } from './dispatchFiles';
import { orphanedGroup, ownLauncher } from './ownProcess';
import { processStarter, type ChildProcess, type Trusted } from '../process/startProcess';

/** A started agent, which may have ended already. */
export interface Launched {
  /** The launcher, which leads the process group. */
  readonly launcher: ProcessIdentity;
  readonly machine: string;
  /** Resolves when the launcher has ended; the exit record exists by then, unless the launcher was killed. */
  readonly gone: Promise<void>;
}

/**
 * Starts an agent and waits until its process exists. Nothing here keeps this process alive.
 * @throws KernelError `UNTRUSTED`, `AGENT_NOT_STARTED`
 */
export async function launch(
  trusted: Trusted,
  launcherPath: string,
  request: LaunchRequest,
  files: DispatchFiles,
): Promise<Launched> {
  const command = request.argv[0] ?? '';
  const starter = processStarter(trusted, 'start agents');
  // Created now, so that followers of the log find it from the start.
  await writeFile(files.log, '', { mode: 0o600, flag: 'a' });
  const [program, args] = underLimit(files.mark, [process.execPath, launcherPath]);
  const child = starter.spawn(program, args, {
    // A folder without any content for the agent.
    cwd: path.parse(process.execPath).root,
    // In an extension host the executable is the editor, which this variable makes run as Node.
    env: { ELECTRON_RUN_AS_NODE: '1', [MARK_VARIABLE]: files.mark, ...systemVariables() },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw notStarted(command, because('its launcher did not start: {said}', { said: problemOf(error) }), error);
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await handOver(child, orderOf(request, files));
  child.unref();

  const ended = proven(await readExit(files));
  if (ended?.problem !== undefined) throw notStarted(command, foreignText(ended.problem));
  const started = proven(await readStarted(files));
  if (started === undefined) throw notStarted(command, because('its launcher ended without a record'));
  return { launcher: started.launcher, machine: machineName(), gone };
}

function orderOf(request: LaunchRequest, files: DispatchFiles): LaunchOrder {
  const { mark, secret, log: logFile, started: startedFile, exit: exitFile, cancel: cancelFile } = files;
  const env = { ...request.env, [MARK_VARIABLE]: mark };
  const { session: stateFile, decisions: decisionFile, commands: commandFolder } = files;
  const records = { logFile, startedFile, exitFile, cancelFile, stateFile, decisionFile, commandFolder };
  return { ...request, env, mark, secret, ...records };
}

/** Sends the launcher its order and waits until the agent's process exists, or could not be created. */
async function handOver(child: ChildProcess, order: LaunchOrder): Promise<void> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) return;
  const recorded = new Promise<void>((resolve) => stdout.once('close', () => resolve()));
  // A launcher that dies early leaves no record, which the caller reports; the broken pipe adds nothing.
  stdin.on('error', () => undefined).end(JSON.stringify(order));
  stdout.resume();
  await recorded;
}

/**
 * Ends the agent of a dispatch with all its processes: SIGTERM, and SIGKILL for the rest after `graceMs`. Does nothing
 * if none of them is running.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function endAgentProcesses(files: DispatchFiles, graceMs: number): Promise<void> {
  const group = (await ownLauncher(files)) ?? (await orphanedGroup(files));
  await endMarked(files.mark, group, graceMs);
}

/** Resolves when the process has ended, checking every `pauseMs`. Aborting rejects with the signal's reason. */
export async function whenGone(identity: ProcessIdentity, pauseMs: number, signal: AbortSignal): Promise<void> {
  if (!(await isRunning(identity))) return;
  while (await stillRuns(identity)) await delay(pauseMs, undefined, { signal, ref: false });
}

/** Variables that Windows needs to start any process. */
function systemVariables(): Record<string, string> {
  const root = process.env['SystemRoot'];
  return root === undefined ? {} : { SystemRoot: root };
}

function notStarted(
  command: string,
  problem: Problem<'AGENT_NOT_STARTED'>,
  cause?: unknown,
): KernelError<'AGENT_NOT_STARTED'> {
  return new KernelError('AGENT_NOT_STARTED', { command, problem }, { cause });
}
