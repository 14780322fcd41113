/**
 * Operations on projects and tasks. Changing the record is what starts and stops agents
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import type { OperationArgs } from '../../../contract/operations/api';
import { KernelError } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { Project } from '../../../kernel/tasks/record/model';
import {
  createTask,
  edgesOf,
  failPlanning,
  getProject,
  getTask,
  listProjects,
  listTasks,
  setAutoStart,
} from '../../../kernel/tasks/service';
import { retryPlan } from '../../../kernel/tasks/upkeep/stageFailures';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { deleteTaskWhole } from '../../tasks/project/deletion';
import { systemPorts } from '../../../host/clock';
import { ID_LENGTH, taskId } from '../../../kernel/ids';
import { isCloneElsewhere, projectLocation, trustLocation, withElsewhere } from '../../tasks/project/locations';
import { addLocalProject } from '../../tasks/project/projects';
import { syncNow } from '../../tasks/tracker/syncing';
import { kernelOf, readIn, requireTrust, writeIn, type OperationHost } from '../host';
import type { gitHubOperations } from './gitHubProjects';
import type { Implementation } from '../implementation';
import { endDispatches } from '../run/processes';
import { landingDeps } from './taskServices';

/** Why, in the record, where a person or a program stopped something. */
export function stoppedBy(host: Pick<OperationHost, 'actor'>): string {
  return `stopped by ${host.actor()}`;
}

export const taskOperations: Omit<Implementation<'projects' | 'tasks'>, keyof typeof gitHubOperations> = {
  'projects.add': async (host, { folder, name, defaultBranch }) => {
    requireTrust(host, 'use a folder as a project');
    const kernel = await kernelOf(host, { folder }, 'use a folder as a project');
    if (kernel.state.kind === 'missing') await kernel.initialize();
    // In a window a person has chosen the folder, so its repository may be around it.
    const isNamed = host.actor() === 'vscode';
    return await addLocalProject(kernel, host.taskServices.git, {
      folder: kernel.folder,
      isNamed,
      name,
      defaultBranch,
    });
  },
  'projects.list': async (host, where) => {
    const projects = await readIn(host, where, 'list projects', listProjects);
    return await withElsewhere(projects, (project) => isCloneElsewhere(host.taskServices, project));
  },
  'projects.trustLocation': async (host, { path, ...where }) => {
    requireTrust(host, 'trust locations');
    const deps = landingDeps(host, await kernelOf(host, where, 'trust locations'));
    const trusted = await trustLocation(deps, await projectLocation(deps, where.projectId), path);
    host.taskServices.lookAgain();
    return trusted;
  },
  'tasks.create': async (host, { folder, projectId, ...input }) => {
    requireTrust(host, 'create tasks');
    const kernel = await kernelOf(host, { folder, projectId }, 'create tasks');
    const id = taskId.parse(systemPorts.ids.newId(ID_LENGTH));
    host.ownWork.noteTasks(kernel.folder, [id]);
    return await kernel.write((unit) => createTask(unit, { ...input, projectId: projectFor(unit, projectId).id }, id));
  },
  'tasks.list': (host, { folder, projectId, status }) =>
    readIn(host, { folder, projectId }, 'list tasks', (reader) =>
      listTasks(reader, projectId).filter((task) => status === undefined || task.status === status),
    ),
  'tasks.get': (host, where) =>
    readIn(host, where, 'look at tasks', (reader) => {
      const task = getTask(reader, where.taskId);
      return {
        task,
        subtasks: readableSubtasks(reader, task.id).sound,
        dependencies: edgesOf(reader, task),
        attempts: listAgentRuns(reader, task.id, null),
      };
    }),
  'tasks.retryPlanning': (host, where) => writeIn(host, where, 'plan tasks', (unit) => retryPlan(unit, where.taskId)),
  'tasks.stopPlanning': (host, where) =>
    writeIn(host, where, 'stop planning', (unit) => failPlanning(unit, where.taskId, stoppedBy(host))),
  'tasks.sync': async (host, where) => {
    requireTrust(host, 'sync tasks');
    const kernel = await kernelOf(host, where, 'sync tasks');
    const beadsPath = host.setting('intercore.tasks.beadsPath', kernel.folder);
    return await syncNow({ ...landingDeps(host, kernel), trusted: host.trusted, beadsPath }, where.taskId);
  },
  'tasks.setAutoStart': (host, { autoStart, ...where }) =>
    writeIn(host, where, 'change tasks', (unit) => setAutoStart(unit, where.taskId, autoStart)),
  'tasks.delete': async (host, where: OperationArgs<'tasks.delete'>) => {
    requireTrust(host, 'delete tasks');
    const kernel = await kernelOf(host, where, 'delete tasks');
    return await deleteTaskWhole(
      {
        ...landingDeps(host, kernel),
        endDispatches: (ids) => endDispatches(host, kernel, ids, 'task deleted'),
      },
      where.taskId,
    );
  },
};

/** The named project, or the only one there is. */
function projectFor(reader: Reader, asked: string | undefined): Project {
  if (asked !== undefined) return getProject(reader, asked);
  const [only, ...others] = listProjects(reader);
  if (only === undefined) throw new KernelError('NONE_AVAILABLE', { what: 'project', action: 'create a task in' });
  if (others.length === 0) return only;
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'projectId',
    problem: 'there are several, so it must say which',
  });
}
