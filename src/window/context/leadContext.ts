/** Keeps the context keys of who leads the tasks of the open folders. */
import { EMPTY_LEAD_CONTEXT, type LeadContextValues } from '../../contract/contextKeys';
import type { WorkspaceKernels } from '../../services/record/kernels';
import type { TaskServices } from '../../services/operations/task/taskServices';
import type { ContextKeys } from './contextKeys';
import { KeptKeys } from './keptKeys';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly taskServices: Pick<TaskServices, 'standing' | 'onDidChange'>;
  readonly keys: ContextKeys;
}

export function keepLeadContext({ kernels, taskServices, keys }: Deps): KeptKeys<LeadContextValues> {
  return new KeptKeys({
    keys,
    changes: [(listener) => taskServices.onDidChange(listener)],
    empty: EMPTY_LEAD_CONTEXT,
    values: () => {
      const standings = kernels.all().map(({ folder }) => taskServices.standing(folder));
      return {
        'intercore.ledHere': standings.includes('leading'),
        'intercore.ledElsewhere': standings.includes('following'),
      };
    },
  });
}
