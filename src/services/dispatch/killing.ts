/** Ending an agent on demand (design §8; `spec/kernel.md` §4.5). */
import { readStarted, writeCancel } from '../../host/launchRecord';
import { endGroup } from '../../host/process';
import { isRunning, machineName } from '../../host/processIdentity';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch, DispatchProcess } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors';
import { graceMsOf, type DispatcherDeps } from './deps';
import { endForeign } from './foreign';
import { filesOf, launcherOf } from './judgement';
import type { DispatchKernel } from './kernel';
import { endOrphan, settleGone, storeUnlessEnded } from './settling';

/**
 * Ends the process with all it started; an active dispatch is cancelled, one that has ended keeps its ending.
 * @throws KernelError `PROCESS_UNKNOWN`, and those of the write
 */
export async function endAgent(
  deps: DispatcherDeps,
  kernel: DispatchKernel,
  dispatch: Dispatch,
  process: DispatchProcess | undefined,
  reason: string,
): Promise<void> {
  refuseOtherMachine(dispatch, process);
  const graceMs = graceMsOf(deps);
  const active = isActive(dispatch.status);
  const files = filesOf(dispatch, process);
  if (files === undefined) {
    if (!active) return;
    await endForeign(dispatch, graceMs);
    await storeUnlessEnded(kernel, dispatch.id, { status: 'cancelled', errorMessage: reason });
    return;
  }
  // Whoever sees the process end, in any window, learns why from this record.
  if (active) await writeCancel(files, { reason, requestedAtMs: deps.ports.clock.nowMs() });
  const launcher = launcherOf(dispatch, process) ?? (await readStarted(files))?.launcher;
  if (launcher !== undefined && (await isRunning(launcher))) await endGroup(launcher.pid, graceMs);
  await endOrphan(files, graceMs);
  if (active) await settleGone(deps, kernel, dispatch, files);
}

function refuseOtherMachine({ id, pid }: Dispatch, process: DispatchProcess | undefined): void {
  if (process === undefined || process.host === machineName()) return;
  throw new KernelError('PROCESS_UNKNOWN', { dispatchId: id, pid: pid ?? 0, problem: `it runs on ${process.host}` });
}
