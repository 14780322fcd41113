/**
 * Ends the agents of a run that was canceled or rolled back
 * (`docs/design/agents.md#from-start-to-end`).
 */
import { getDispatch } from '../../kernel/dispatch/service';
import { isKernelError } from '../../kernel/errors/errors';
import type { DispatchId } from '../../kernel/ids';
import type { CliContext } from '../command/command';
import { messageOf } from '../command/failures';
import { announceDispatch } from './hooks';
import type { Session } from '../command/session';

/**
 * Ends their processes and records it. The step itself is done and printed before, so a process that cannot be ended,
 * such as one on another machine, is reported and left running. The exit code does not change.
 */
export async function endAgents(
  context: CliContext,
  { kernel }: Pick<Session, 'kernel'>,
  ids: readonly DispatchId[],
  reason: string,
): Promise<void> {
  if (ids.length === 0) return;
  await context.out.answer();
  const { withDispatcher } = await import('./dispatcher.js');
  await withDispatcher(context, async (dispatcher) => {
    for (const id of ownLast(ids, context.env['INTERCORE_DISPATCH_ID'])) {
      const before = kernel.read((reader) => getDispatch(reader, id));
      try {
        await announceDispatch(context, await dispatcher.kill(kernel, id, reason), before.status);
      } catch (error) {
        if (!isKernelError(error)) throw error;
        context.out.message(`${context.name}: dispatch ${id} is left as it is: ${messageOf(error)}`);
      }
    }
  });
}

/** An agent that cancels its own run ends this process too, so it comes last. */
function ownLast(ids: readonly DispatchId[], own: string | undefined): readonly DispatchId[] {
  return [...ids.filter((id) => id !== own), ...ids.filter((id) => id === own)];
}
