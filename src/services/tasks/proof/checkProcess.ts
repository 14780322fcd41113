/**
 * Runs one check under the launcher that agents have: it holds the time limit and leaves the exit code even where our
 * window is killed. The next window ends what the last one left running before it checks again.
 */
import { createHash } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { proven, readExit, type ExitRecord } from '../../../host/launcher/launchRecord';
import { endAgentProcesses, launch } from '../../../host/process/process';
import { findDispatchFiles, makeLaunchFiles, removeDispatchFiles } from '../../../host/trusted/dispatchFiles';
import { ownStorageFile, type OwnStorageFile } from '../../../host/trusted/insideFolder';
import { KernelError } from '../../../kernel/errors/errors';
import { logLimitOf } from '../../dispatch/deps';
import { plainEnvironment } from '../../dispatch/start/environment';
import type { CheckCommand, TaskDeps } from '../deps';

const GRACE_MS = 5000;

export interface CheckOrder {
  readonly command: CheckCommand;
  readonly cwd: string;
  /** Set besides those of the person. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes all output. Nobody else uses its name. */
  readonly logFile: OwnStorageFile;
  readonly signal: AbortSignal;
}

/**
 * What went wrong with a command line; undefined where it ended with 0. What it leaves running is ended. Rejects with the
 * signal's reason.
 */
export async function outcomeOf(
  { launcherPath, settings, storageDir, logLimitBytes, trusted, environment }: CheckDeps,
  { command, cwd, env, logFile, signal }: CheckOrder,
): Promise<string | undefined> {
  // The records are in a place of their own, which nothing that the check knows leads to.
  const id = `check${createHash('sha256').update(logFile).digest('hex').slice(0, 32)}`;
  await endLeft(storageDir, id);
  const files = await makeLaunchFiles(storageDir, id);
  const minutes = settings().timeLimitMinutes;
  const variables = (await environment?.()) ?? { variables: process.env, passEnv: [] };
  const request = {
    ...{ argv: command, cwd, env: { ...plainEnvironment(variables), ...env }, stdinFile: null },
    ...{ timeLimitMs: minutes * 60_000, graceMs: GRACE_MS, logLimitBytes: logLimitOf({ logLimitBytes }) },
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
    return error.facts.problem;
  } finally {
    await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
    await rename(files.log, logFile);
    await removeDispatchFiles([storageDir], id);
  }
}

/** The log of a check, whose name holds ids of the record. @throws KernelError `RECORDED_ELSEWHERE` */
export async function ownCheckLog({ storageDir }: Pick<TaskDeps, 'storageDir'>, file: string): Promise<OwnStorageFile> {
  // A person may have moved the folder, with a link in its place.
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
  if (exit?.timedOut) return `it took longer than ${Math.round(limitMinutes)} minutes`;
  return exit === undefined ? 'it was ended from outside' : `exit code ${exit.exitCode ?? exit.signal ?? 'unknown'}`;
}

/** A window that was killed may have left the same check at work. */
async function endLeft(storageDir: string, id: string): Promise<void> {
  const files = await findDispatchFiles([storageDir], id);
  if (files === undefined) return;
  await endAgentProcesses(files, GRACE_MS);
  await removeDispatchFiles([storageDir], id);
}
