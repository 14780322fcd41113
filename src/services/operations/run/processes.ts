/** Ends the agents of a run that was rolled back or canceled. */
import type { DispatchId } from '../../../kernel/ids';
import { problemOf } from '../../../kernel/errors/errors';
import { activeDispatchesOf } from '../../../kernel/run/rollback';
import type { ProjectKernel } from '../../record/kernels';
import type { OperationHost } from '../host';

/** The active dispatches of the run, and of its scope if no other active run shares it. */
export function activeInScope(kernel: ProjectKernel, runId: string): readonly DispatchId[] {
  return kernel.read((reader) => activeDispatchesOf(reader, runId));
}

/**
 * Ends the processes of dispatches that a step made obsolete. The step is done, so a process that cannot be ended, such
 * as one on another machine, is only logged.
 */
export async function endDispatches(
  host: OperationHost,
  kernel: ProjectKernel,
  ids: readonly DispatchId[],
  reason: string,
): Promise<void> {
  if (host.endAgents !== undefined) {
    await host.endAgents(kernel, ids, reason);
    return;
  }
  await Promise.all(
    ids.map(async (id) => {
      try {
        await host.dispatcher.kill(kernel, id, reason);
      } catch (error) {
        host.log.warn('agent not ended', { dispatchId: id, problem: problemOf(error) });
      }
    }),
  );
}
