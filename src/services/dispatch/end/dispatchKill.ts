/** Ending an agent on demand (`docs/design/agents.md#from-start-to-end`). */
import { writeCancel } from '../../../host/launcher/launchRecord';
import { endAgentProcesses } from '../../../host/launcher/agentProcess';
import { machineName } from '../../../host/process/processIdentity';
import { findDispatchFiles } from '../../../host/launcher/dispatchFiles';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch, DispatchProcess } from '../../../kernel/dispatch/model';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { graceMsOf, storagesOf, type DispatcherDeps } from '../context/deps';
import { refuseForeign } from './foreign';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { settleGone, storeUnlessEnded } from './settlement';

/**
 * Ends the process and its children. An active dispatch is canceled; an ended one keeps its ending.
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
  const active = isActive(dispatch.status);
  const files = await findDispatchFiles(storagesOf(deps), dispatch.id);
  if (files === undefined) {
    if (!active) return;
    refuseForeign(dispatch);
    await storeUnlessEnded(kernel, dispatch.id, { status: 'cancelled', errorMessage: reason });
    return;
  }
  // Any window that sees the process end reads the reason from this record.
  if (active) await writeCancel(files, { reason, requestedAtMs: deps.ports.clock.nowMs() });
  await endAgentProcesses(files, graceMsOf(deps));
  if (active) await settleGone(deps, kernel, dispatch, files);
}

function refuseOtherMachine({ id, pid }: Dispatch, process: DispatchProcess | undefined): void {
  if (process === undefined || process.host === machineName()) return;
  const problem = because('it runs on {machine}', { machine: process.host });
  throw new KernelError('PROCESS_UNKNOWN', { dispatchId: id, pid: pid ?? 0, problem });
}
