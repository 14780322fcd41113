/** Operations on dispatches that wait for a limit. */
import { listQueued } from '../../kernel/queue/service';
import { refuseForeignQueued } from '../dispatch/start/enqueue';
import type { Implementation } from './implementation';

type Names = 'dispatches.queued' | 'dispatches.startQueued' | 'dispatches.unqueue';

export const queueOperations: Pick<Implementation<'dispatches'>, Names> = {
  'dispatches.queued': ({ kernel }) => kernel.read(listQueued),
  'dispatches.startQueued': async (host, where) => {
    const { kernel } = host;
    if (host.caller().kind !== 'person') refuseForeignQueued(host.dispatcher, kernel, where.dispatchId);
    return await host.dispatcher.startQueued(kernel, where.dispatchId);
  },
  'dispatches.unqueue': async (host, where) => {
    const { kernel } = host;
    await host.dispatcher.unqueue(kernel, where.dispatchId);
    return where.dispatchId;
  },
};
