/** Ending the agents of a run that goes no further. */
import { listDispatches } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors';
import { getRun } from '../../kernel/run/service';
import type { ProjectKernel } from '../../services/kernels';
import type { OperationHost } from './host';

/** Ends every active dispatch of the run's scope; one that ended by itself meanwhile is as good. */
export async function endScope(
  host: OperationHost,
  kernel: ProjectKernel,
  runId: string,
  reason: string,
): Promise<void> {
  const active = kernel.read((reader) => {
    const scopeId = getRun(reader, runId).scopeId ?? runId;
    return listDispatches(reader, { active: true, scopeId }).dispatches;
  });
  await Promise.all(
    active.map(async ({ id }) => {
      try {
        await host.dispatcher.kill(kernel, id, reason);
      } catch (error) {
        if (!KernelError.is(error, 'DISPATCH_FINISHED')) throw error;
      }
    }),
  );
}
