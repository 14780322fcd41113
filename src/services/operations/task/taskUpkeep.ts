/** Operations on tasks that run git or Beads: bringing them and their issues to agree, and deleting them. */
import { deleteTaskWhole } from '../../tasks/project/deletion';
import { syncNow } from '../../tasks/tracker/sync';
import type { Implementation } from '../implementation';
import { endDispatches } from '../run/processes';
import { projectDeps } from '../host';

export const taskUpkeepOperations: Pick<Implementation<'tasks'>, 'tasks.sync' | 'tasks.delete'> = {
  'tasks.sync': async (host, where) => {
    const { kernel } = host;
    const beadsPath = host.setting('intercore.tasks.beadsPath', kernel.folder);
    return await syncNow({ ...projectDeps(host), trusted: host.trusted, beadsPath }, where.taskId);
  },
  'tasks.delete': async (host, where) => {
    const { kernel } = host;
    return await deleteTaskWhole(
      {
        ...projectDeps(host),
        endDispatches: (ids) => endDispatches(host, kernel, ids, 'task deleted'),
      },
      where.taskId,
    );
  },
};
