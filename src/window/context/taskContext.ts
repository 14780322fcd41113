/** Keeps the context keys of projects and tasks in step with the records of the open folders. */
import { EMPTY_TASK_CONTEXT, type TaskContextValues, type TaskEmptiness } from '../../contract/contextKeys';
import { isKernelError } from '../../kernel/errors/errors';
import type { Subtask } from '../../kernel/tasks/record/model';
import { listProjects, listTasks } from '../../kernel/tasks/service';
import { readableSubtasks } from '../../kernel/tasks/subtask/subtasks';
import type { ProjectKernel, WorkspaceKernels } from '../../services/record/kernels';
import type { ContextKeys } from './contextKeys';
import { isReadable } from '../../services/operations/host';
import { SyncedContextKeys, ofRecords, type Subscribe } from './syncedContextKeys';
import { emptinessOf } from './recordContext';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
  trusted(): boolean;
  /** The window becomes trusted. */
  readonly onDidTrust: Subscribe;
}

export function keepTaskContext(deps: Deps): SyncedContextKeys<TaskContextValues> {
  const { kernels, keys } = deps;
  return new SyncedContextKeys({
    keys,
    changes: [...ofRecords(kernels), deps.onDidTrust],
    empty: EMPTY_TASK_CONTEXT,
    values: () => valuesOf(kernels.all(), deps.trusted()),
  });
}

function valuesOf(kernels: readonly ProjectKernel[], trusted: boolean): TaskContextValues {
  const holdings = kernels.filter(isReadable).map(holdingOf);
  const projectPresent = holdings.some(({ projects }) => projects);
  const states = kernels.map(({ state }) => state);
  const emptiness = emptinessOf(states, trusted);
  return {
    'intercore.taskEmptiness': emptiness === 'ready' ? readyEmptiness(projectPresent) : emptiness,
    'intercore.projectPresent': projectPresent,
    'intercore.taskPresent': holdings.some(({ tasks }) => tasks),
    'intercore.subtaskPresent': holdings.some(({ subtasks }) => subtasks.length > 0),
    'intercore.subtaskProven': holdings.some(({ subtasks }) => subtasks.some(isProven)),
    'intercore.subtaskMerged': holdings.some(({ subtasks }) => subtasks.includes('MERGED')),
  };
}

function readyEmptiness(hasProject: boolean): TaskEmptiness {
  return hasProject ? 'noTask' : 'noProject';
}

const isProven = (status: Subtask['status']): boolean => status === 'COMPLETED' || status === 'MERGED';

interface Holding {
  readonly projects: boolean;
  readonly tasks: boolean;
  /** Of each. */
  readonly subtasks: readonly Subtask['status'][];
}

/** An unreadable record has nothing for menus; its view shows why. */
function holdingOf(kernel: ProjectKernel): Holding {
  try {
    return kernel.read((r) => {
      const tasks = listTasks(r);
      return {
        projects: listProjects(r).length > 0,
        tasks: tasks.length > 0,
        subtasks: tasks.flatMap(({ id }) => readableSubtasks(r, id).sound.map(({ status }) => status)),
      };
    });
  } catch (error) {
    if (!isKernelError(error)) throw error;
    return { projects: false, tasks: false, subtasks: [] };
  }
}
