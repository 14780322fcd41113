/** Brings records up to date before a client gets an answer from them. */
import type { OperationHost } from '../../services/operations/host';

/** Reads changes that other programs have written. */
export async function refreshRecords({ kernels }: OperationHost): Promise<void> {
  await Promise.all(
    kernels.all().map(async (kernel) => {
      await kernel.load();
      await kernel.refresh();
    }),
  );
}

/**
 * Like `refreshRecords`, and stores the endings that agents' launchers have left on disk: without a window no other
 * program may do it, and clients need the correct status. The server of an agent leaves it to other programs.
 */
export async function updateRecords(host: OperationHost): Promise<void> {
  await refreshRecords(host);
  if (host.caller().kind === 'dispatch') return;
  const ready = host.kernels.all().filter(({ state }) => state.kind === 'ready');
  await Promise.all(ready.map((kernel) => host.dispatcher.recordEndings(kernel)));
}
