/**
 * Launchers that we started, by our own sealed record and never by a row (`docs/design/trust.md`). A pid becomes
 * something to signal here only: it is more than 1, started when the record says, leads its group, and has our mark.
 */
import { proven, readStarted } from '../launcher/launchRecord';
import {
  groupOf,
  hasVariable,
  isRunning,
  leadsGroup,
  MARK_VARIABLE,
  membersOf,
  type ProcessIdentity,
} from '../process/processIdentity';
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
 * The group and session of a launcher that was killed, while something that has our mark runs in it: it is still ours
 * then. Where environments cannot be seen, the agent itself must run in it.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function orphanedGroup(files: DispatchFiles): Promise<OwnProcess | undefined> {
  const started = proven(await readStarted(files));
  if (started === undefined) return undefined;
  const { launcher, agent } = started;
  for (const { pid } of await membersOf(launcher.pid)) {
    if (pid !== process.pid && (await hasVariable(pid, MARK_VARIABLE, files.mark)) === true) {
      return launcher as OwnProcess;
    }
  }
  if (agent === null || agent.pid <= 1 || !(await isRunning(agent))) return undefined;
  if ((await groupOf(agent.pid)) !== launcher.pid) return undefined;
  const isMarked = await hasVariable(agent.pid, MARK_VARIABLE, files.mark);
  return isMarked === false ? undefined : (launcher as OwnProcess);
}
