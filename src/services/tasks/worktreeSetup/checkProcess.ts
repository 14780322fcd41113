/**
 * Runs one check under the agents' launcher, which enforces the time limit and stores the exit code even if our window
 * is killed. The next window ends a check that is still running before it checks again.
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { createHash } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { proven, readExit, type ExitRecord } from '../../../host/launcher/launchRecord';
import { endAgentProcesses, launch } from '../../../host/launcher/agentProcess';
import { findDispatchFiles, makeLaunchFiles, removeDispatchFiles } from '../../../host/launcher/dispatchFiles';
import { ownStorageFile, type OwnStorageFile } from '../../../host/trusted/insideFolder';
import { KernelError } from '../../../kernel/errors/errors';
import { logLimitOf } from '../../dispatch/context/deps';
import { environmentSource, plainEnvironment } from '../../dispatch/context/environment';
import type { CheckCommand, TaskDeps } from '../deps';

const GRACE_MS = 5000;

export interface CheckOrder {
  readonly command: CheckCommand;
  readonly cwd: string;
  /** Added to the user's variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives all output. Its name is used for nothing else. */
  readonly logFile: OwnStorageFile;
  readonly signal: AbortSignal;
}

/**
 * The problem of a command line; undefined if it exited with 0. Processes that it leaves are ended. Rejects with the
 * signal's reason.
 */
export async function outcomeOf(
  { launcherPath, settings, storageDir, logLimitBytes, trusted, environment }: CheckDeps,
  { command, cwd, env, logFile, signal }: CheckOrder,
): Promise<string | undefined> {
  // The exit records are in a separate folder that the check cannot find.
  const id = `check${createHash('sha256').update(logFile).digest('hex').slice(0, 32)}`;
  await endLeft(storageDir, id);
  const files = await makeLaunchFiles(storageDir, id);
  const minutes = settings().timeLimitMinutes;
  const variables = await environmentSource({ environment });
  const request = {
    argv: command,
    cwd,
    env: { ...plainEnvironment(variables), ...env },
    stdinFile: null,
    timeLimitMs: minutes * 60_000,
    graceMs: GRACE_MS,
    logLimitBytes: logLimitOf({ logLimitBytes }),
  };
  signal.throwIfAborted();
  try {
    const { gone } = await launch(trusted, launcherPath, request, files);
    const end = (): void => void endAgentProcesses(files, GRACE_MS);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    await gone.finally(() => signal.removeEventListener('abort', end));
    await endAgentProcesses(files, GRACE_MS);
    signal.throwIfAborted();
    return problemIn(proven(await readExit(files)), minutes);
  } catch (error) {
    if (!KernelError.is(error, 'AGENT_NOT_STARTED')) throw error;
    return error.facts.problem.text;
  } finally {
    await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
    await rename(files.log, logFile);
    await removeDispatchFiles([storageDir], id);
  }
}

/** The log of a check, whose name holds ids of the record. @throws KernelError `RECORDED_ELSEWHERE` */
export async function ownCheckLog({ storageDir }: Pick<TaskDeps, 'storageDir'>, file: string): Promise<OwnStorageFile> {
  // A person may have moved the folder and left a link.
  const log = await ownStorageFile([storageDir, path.join(storageDir, 'checks')], file);
  if (log === undefined) throw new KernelError('RECORDED_ELSEWHERE', { path: file });
  return log;
}

type CheckDeps = Pick<
  TaskDeps,
  'launcherPath' | 'settings' | 'storageDir' | 'logLimitBytes' | 'trusted' | 'environment'
>;

function problemIn(exit: ExitRecord | undefined, limitMinutes: number): string | undefined {
  if (exit?.exitCode === 0 && !exit.timedOut) return undefined;
  if (exit?.timedOut)
    return storedReason('it took longer than {minutes} minutes', { minutes: Math.round(limitMinutes) });
  return exit === undefined
    ? storedReason('another process ended it')
    : storedReason('exit code {code}', { code: exit.exitCode ?? exit.signal ?? 'unknown' });
}

/** A killed window may have left the same check running. */
async function endLeft(storageDir: string, id: string): Promise<void> {
  const files = await findDispatchFiles([storageDir], id);
  if (files === undefined) return;
  await endAgentProcesses(files, GRACE_MS);
  await removeDispatchFiles([storageDir], id);
}
