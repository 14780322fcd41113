/**
 * Launchers that we started, according to our own sealed record, never to a row (`docs/design/trust.md`). Only here a
 * pid becomes a target of signals: it is greater than 1, started at the recorded time, leads its group, and has our
 * mark.
 */
import { proven, readStarted } from './launchRecord';
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

/** A launcher of ours whose group was running when it was checked. Its pid is the group's id. */
export type OwnProcess = ProcessIdentity & { readonly [ownProcessBrand]: true };

/** The launcher of a dispatch, while it is running. @throws KernelError `FILE_UNREADABLE` */
export async function ownLauncher(files: DispatchFiles): Promise<OwnProcess | undefined> {
  const started = proven(await readStarted(files));
  return started === undefined ? undefined : await runningLauncher(files, started.launcher);
}

/** The same, with a record that was already read. */
export async function runningLauncher(
  files: DispatchFiles,
  launcher: ProcessIdentity,
): Promise<OwnProcess | undefined> {
  if (launcher.pid <= 1 || launcher.pid === process.pid || !(await isRunning(launcher))) return undefined;
  if (!(await leadsGroup(launcher.pid))) return undefined;
  // If environments are not visible, the sealed record with the start time is enough.
  if ((await hasVariable(launcher.pid, MARK_VARIABLE, files.mark)) === false) return undefined;
  return launcher as OwnProcess;
}

/**
 * The group and session of a killed launcher, while a process with our mark runs in it: it is then still ours. If
 * environments are not visible, the agent itself must run in it.
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
