/** What a command needs around an operation that starts agents or acts on those that run. */
import type { CliContext } from '../command/command';
import type { HostParts } from './host';

/** Runs the operation with a dispatcher, which is loaded late, and releases its agents afterwards. They continue. */
export async function aroundDispatcher<T>(context: CliContext, work: (parts: HostParts) => Promise<T>): Promise<T> {
  const { withDispatcher } = await import('../dispatching/dispatcher.js');
  return await withDispatcher(context, (dispatcher) => work({ dispatcher }));
}
