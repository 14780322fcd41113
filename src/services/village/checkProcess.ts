/**
 * Runs one check under the launcher that agents have: it holds the time limit and leaves the exit code even where our
 * window is killed. The next window ends what the last one left running before it checks again.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { filesIn, readExit, readStarted, type DispatchFiles, type ExitRecord } from '../../host/launchRecord';
import { endGroup, launch } from '../../host/process';
import { isRunning } from '../../host/processIdentity';
import { KernelError } from '../../kernel/errors';
import { plainEnvironment } from '../dispatch/environment';
import type { CheckCommand, VillageDeps } from './deps';

const GRACE_MS = 5000;

export interface CheckOrder {
  readonly command: CheckCommand;
  readonly cwd: string;
  /** Takes all output; the records of the process stand beside it. Nobody else uses its name. */
  readonly logFile: string;
  readonly signal: AbortSignal;
}

/**
 * What went wrong with a command line; undefined where it ended with 0. What it leaves running is ended. Rejects with the
 * signal's reason.
 */
export async function outcomeOf(
  { launcherPath, settings, trusted }: Pick<VillageDeps, 'launcherPath' | 'settings' | 'trusted'>,
  { command, cwd, logFile, signal }: CheckOrder,
): Promise<string | undefined> {
  const { dir, name } = path.parse(logFile);
  const files = filesIn(path.join(dir, name));
  await endLeft(files);
  await Promise.all([rm(files.folder, { recursive: true, force: true }), rm(logFile, { force: true })]);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const minutes = settings().timeLimitMinutes;
  const order = {
    ...{ argv: command, cwd, env: plainEnvironment(process.env), stdinFile: null, logFile },
    ...{
      startedFile: files.started,
      exitFile: files.exit,
      cancelFile: files.cancel,
      timeLimitMs: minutes * 60_000,
      graceMs: GRACE_MS,
    },
  };
  signal.throwIfAborted();
  try {
    const { launcher, gone } = await launch(trusted, launcherPath, order, files);
    const end = (): void => void endGroup(launcher.pid, GRACE_MS);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    await gone.finally(() => signal.removeEventListener('abort', end));
    await endGroup(launcher.pid, GRACE_MS);
  } catch (error) {
    if (!KernelError.is(error, 'AGENT_NOT_STARTED')) throw error;
    return error.facts.problem;
  }
  signal.throwIfAborted();
  return problemIn(await readExit(files), minutes);
}

function problemIn(exit: ExitRecord | undefined, limitMinutes: number): string | undefined {
  if (exit?.exitCode === 0 && !exit.timedOut) return undefined;
  if (exit?.timedOut) return `it took longer than ${Math.round(limitMinutes)} minutes`;
  return exit === undefined ? 'it was ended from outside' : `exit code ${exit.exitCode ?? exit.signal ?? 'unknown'}`;
}

/** A window that was killed may have left the same check at work. */
async function endLeft(files: DispatchFiles): Promise<void> {
  const launcher = (await readStarted(files))?.launcher;
  if (launcher !== undefined && (await isRunning(launcher))) await endGroup(launcher.pid, GRACE_MS);
}
