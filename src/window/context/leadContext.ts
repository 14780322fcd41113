/** Keeps the context keys of who leads the tasks of the open folders. */
import { EMPTY_LEAD_CONTEXT, type LeadContextValues } from '../../contract/contextKeys';
import type { WorkspaceKernels } from '../../services/record/kernels';
import type { TaskServices } from '../../services/operations/taskServices';
import type { ContextKeys } from './contextKeys';
import { SyncedContextKeys } from './syncedContextKeys';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly taskServices: Pick<TaskServices, 'leaderState' | 'onDidChange'>;
  readonly keys: ContextKeys;
}

export function keepLeadContext({ kernels, taskServices, keys }: Deps): SyncedContextKeys<LeadContextValues> {
  return new SyncedContextKeys({
    keys,
    changes: [(listener) => taskServices.onDidChange(listener)],
    empty: EMPTY_LEAD_CONTEXT,
    values: () => {
      const states = kernels.all().map(({ folder }) => taskServices.leaderState(folder));
      return {
        'intercore.ledHere': states.includes('leading'),
        'intercore.ledElsewhere': states.includes('following'),
      };
    },
  });
}
