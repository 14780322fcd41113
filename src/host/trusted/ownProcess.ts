/**
 * Launchers that we started, by our own sealed record and never by a row (design §15). A pid becomes something to
 * signal here only: it is more than 1, started when the record says, leads its group, and has our mark.
 */
import { proven, readStarted } from '../launchRecord';
import { groupOf, hasVariable, isRunning, leadsGroup, MARK_VARIABLE, type ProcessIdentity } from '../processIdentity';
import type { DispatchFiles } from './dispatchFiles';

declare const ownProcessBrand: unique symbol;

/** A launcher of ours whose group ran when it was checked. Its pid is the group's id. */
export type OwnProcess = ProcessIdentity & { readonly [ownProcessBrand]: true };

/** The launcher of a dispatch, while it runs. @throws KernelError `FILE_UNREADABLE` */
export async function ownLauncher(files: DispatchFiles): Promise<OwnProcess | undefined> {
  const started = proven(await readStarted(files));
  return started === undefined ? undefined : await runningLauncher(files, started.launcher);
}

/** The same, where the record was read before. */
export async function runningLauncher(
  files: DispatchFiles,
  launcher: ProcessIdentity,
): Promise<OwnProcess | undefined> {
  if (launcher.pid <= 1 || launcher.pid === process.pid || !(await isRunning(launcher))) return undefined;
  if (!(await leadsGroup(launcher.pid))) return undefined;
  // Where environments cannot be seen, the sealed record with the start time must do.
  if ((await hasVariable(launcher.pid, MARK_VARIABLE, files.mark)) === false) return undefined;
  return launcher as OwnProcess;
}

/**
 * The group of a launcher that was killed, while the agent runs in it: the group is still ours then.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function orphanedGroup(files: DispatchFiles): Promise<OwnProcess | undefined> {
  const started = proven(await readStarted(files));
  const agent = started?.agent ?? undefined;
  if (started === undefined || agent === undefined || agent.pid <= 1 || !(await isRunning(agent))) return undefined;
  if ((await groupOf(agent.pid)) !== started.launcher.pid) return undefined;
  if ((await hasVariable(agent.pid, MARK_VARIABLE, files.mark)) === false) return undefined;
  return started.launcher as OwnProcess;
}
