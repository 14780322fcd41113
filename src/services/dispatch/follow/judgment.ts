/** The state of an active dispatch that this program does not follow (`docs/design/agents.md#from-start-to-end`). */
import { proven, readExit, readStarted, type StartedRecord } from '../../../host/launcher/launchRecord';
import { machineName } from '../../../host/process/processIdentity';
import { findDispatchFiles, type DispatchFiles } from '../../../host/launcher/dispatchFiles';
import { runningLauncher, type OwnProcess } from '../../../host/launcher/ownProcess';
import type { Dispatch, DispatchProcess } from '../../../kernel/dispatch/model';

/** It still runs. */
export interface Living {
  readonly kind: 'alive';
  readonly files: DispatchFiles;
  readonly launcher: OwnProcess;
  /** Present if the row does not contain the process yet. */
  readonly unrecorded: StartedRecord | undefined;
}

export type Judgment =
  | Living
  /** `isRecorded`: its launcher has left the exit record, so nothing of it is left to end. */
  | { readonly kind: 'ended'; readonly files: DispatchFiles; readonly isRecorded: boolean }
  /** Another window is about to start it, or was. */
  | { readonly kind: 'starting' }
  /** Its pid means nothing here. */
  | { readonly kind: 'otherMachine' }
  /** Recorded as ours, but none of our storages has files of it. */
  | { readonly kind: 'elsewhere' }
  /** Made by another program, which left no record of the process but its pid. */
  | { readonly kind: 'otherProgram' };

/** A window that records a dispatch starts it within this time, or never. */
export const STARTING_SECONDS = 30;

/** @throws KernelError `FILE_UNREADABLE` */
export async function judge(
  dispatch: Dispatch,
  process: DispatchProcess | undefined,
  storages: readonly string[],
  nowSeconds: number,
): Promise<Judgment> {
  if (process !== undefined && process.host !== machineName()) return { kind: 'otherMachine' };
  const files = await findDispatchFiles(storages, dispatch.id);
  if (files === undefined) return { kind: process === undefined ? 'otherProgram' : 'elsewhere' };
  const started = proven(await readStarted(files));
  const launcher = started === undefined ? undefined : await runningLauncher(files, started.launcher);
  // The launcher writes the exit record before it exits, so checking in this order cannot miss both.
  if (proven(await readExit(files)) !== undefined) return { kind: 'ended', files, isRecorded: true };
  if (launcher !== undefined) {
    return { kind: 'alive', files, launcher, unrecorded: process === undefined ? started : undefined };
  }
  const young = nowSeconds - dispatch.createdAt < STARTING_SECONDS;
  return started === undefined && young ? { kind: 'starting' } : { kind: 'ended', files, isRecorded: false };
}
