/** What has become of an active dispatch that nobody here follows (design §8). */
import path from 'node:path';
import {
  filesIn,
  readExit,
  readStarted,
  withOutput,
  type DispatchFiles,
  type StartedRecord,
} from '../../host/launchRecord';
import { isRunning, machineName, type ProcessIdentity } from '../../host/processIdentity';
import type { Dispatch, DispatchProcess } from '../../kernel/dispatch/model';

/** It works on. */
export interface Living {
  readonly kind: 'alive';
  readonly files: DispatchFiles;
  readonly launcher: ProcessIdentity;
  /** Present where the row does not know of the process yet. */
  readonly unrecorded: StartedRecord | undefined;
}

export type Judgement =
  | Living
  | { readonly kind: 'ended'; readonly files: DispatchFiles }
  /** Another window is about to start it, or was. */
  | { readonly kind: 'starting' }
  /** Its pid means nothing here. */
  | { readonly kind: 'otherMachine' }
  /** Made by another program, which left no record of the process but its pid. */
  | { readonly kind: 'otherProgram' };

/** A window that has recorded a dispatch starts it within this time, or never. */
export const STARTING_SECONDS = 30;

/** @throws KernelError `FILE_UNREADABLE` where a record is damaged */
export async function judge(
  dispatch: Dispatch,
  process: DispatchProcess | undefined,
  nowSeconds: number,
): Promise<Judgement> {
  if (process !== undefined && process.host !== machineName()) return { kind: 'otherMachine' };
  const files = filesOf(dispatch, process);
  if (files === undefined) return { kind: 'otherProgram' };
  const started = await readStarted(files);
  const launcher = launcherOf(dispatch, process) ?? started?.launcher;
  const running = launcher !== undefined && (await isRunning(launcher));
  // The launcher leaves the exit record before it goes, so this order of looking cannot miss both.
  if ((await readExit(files)) !== undefined) return { kind: 'ended', files };
  if (running) return { kind: 'alive', files, launcher, unrecorded: process === undefined ? started : undefined };
  const young = nowSeconds - dispatch.createdAt < STARTING_SECONDS;
  return launcher === undefined && young ? { kind: 'starting' } : { kind: 'ended', files };
}

/** The files of a dispatch of ours. Where no process is recorded, the folder that bears the dispatch's id tells. */
export function filesOf(dispatch: Dispatch, process: DispatchProcess | undefined): DispatchFiles | undefined {
  const output = dispatch.outputFile ?? undefined;
  if (process !== undefined) return withOutput(filesIn(path.dirname(process.logFile)), output);
  for (const known of [dispatch.promptFile, dispatch.outputFile]) {
    if (known === null) continue;
    const files = filesIn(path.dirname(known));
    const isOurs = path.basename(files.folder) === dispatch.id && (known === files.prompt || known === files.log);
    if (isOurs) return withOutput(files, output);
  }
  return undefined;
}

/** The recorded leader of the process group. */
export function launcherOf(dispatch: Dispatch, process: DispatchProcess | undefined): ProcessIdentity | undefined {
  if (process === undefined || dispatch.pid === null) return undefined;
  return { pid: dispatch.pid, startToken: process.startToken };
}
