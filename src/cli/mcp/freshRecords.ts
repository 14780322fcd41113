/** Records as they are now, before a client is answered from them. */
import type { OperationHost } from '../../services/operations/host';

/** Reads what other programs have written. */
export async function refreshRecords({ kernels }: OperationHost): Promise<void> {
  await Promise.all(
    kernels.all().map(async (kernel) => {
      await kernel.load();
      await kernel.refresh();
    }),
  );
}

/**
 * As `refreshRecords`, and stores the endings that agents' launchers have left on disk: without a window no other program
 * may do it, and a client that asks has to get the right status. The server of an agent leaves it to the others.
 */
export async function updateRecords(host: OperationHost): Promise<void> {
  await refreshRecords(host);
  if (host.caller().kind === 'dispatch') return;
  const ready = host.kernels.all().filter(({ state }) => state.kind === 'ready');
  await Promise.all(ready.map((kernel) => host.dispatcher.recordEndings(kernel)));
}
