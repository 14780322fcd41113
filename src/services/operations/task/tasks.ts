/**
 * Operations on projects and tasks. Changing the record is what starts and stops agents
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import type { AgentRequest } from '../../../contract/results/tasks';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { findDispatches } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { Reader } from '../../../kernel/unit';
import { listAgentRuns, runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { Project } from '../../../kernel/tasks/record/model';
import {
  createTask,
  edgesOf,
  failPlanning,
  getProject,
  getTask,
  listProjects,
  listTasks,
  revisePlan,
  setAutoStart,
  setTaskPermissions,
} from '../../../kernel/tasks/service';
import { handOverPlan, retryPlan } from '../../../kernel/tasks/upkeep/stageFailures';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { systemPorts } from '../../../host/clock';
import { ID_LENGTH, taskId, type TaskId } from '../../../kernel/ids';
import { endWorkOf } from '../run/processes';
import { refuseScriptKind } from '../../agents/builtInKinds';
import { addLocalProject } from '../../tasks/project/projects';
import type { OperationHost } from '../host';
import type { gitHubOperations } from './gitHubProjects';
import type { Implementation } from '../implementation';
import { projectDeps } from '../host';
import { refuseUnaskedTask, unaskedIn } from './taskAgents';
import type { taskUpkeepOperations } from './taskUpkeep';

/** The reason in the record after a person or a program stopped something. */
export function stoppedBy(host: Pick<OperationHost, 'actor'>): string {
  return storedReason('stopped by {by}', { by: host.actor() });
}

const locations = () => import('../../tasks/project/locations.js');

export const taskOperations: Omit<
  Implementation<'projects' | 'tasks'>,
  keyof typeof gitHubOperations | keyof typeof taskUpkeepOperations
> = {
  'projects.add': async (host, { name, defaultBranch }) => {
    const { kernel } = host;
    if (kernel.state.kind === 'missing') await kernel.initialize();
    // In a window a person chose the folder, so its repository may be a parent folder.
    const isNamed = host.actor() === 'vscode';
    return await addLocalProject(kernel, host.taskServices.git, {
      folder: kernel.folder,
      isNamed,
      name,
      defaultBranch,
    });
  },
  'projects.list': async (host) => {
    const { isCloneElsewhere, withElsewhere } = await locations();
    const projects = host.kernel.read(listProjects);
    return await withElsewhere(projects, (project) => isCloneElsewhere(host.taskServices, project));
  },
  'projects.trustLocation': async (host, { path, ...where }) => {
    const { projectLocation, trustLocation } = await locations();
    const deps = projectDeps(host);
    const trusted = await trustLocation(deps, await projectLocation(deps, where.projectId), path);
    host.taskServices.checkAgain();
    return trusted;
  },
  'tasks.create': async (host, { projectId, ...input }) => {
    const { kernel } = host;
    await refuseUnaskedTask(host, input.permissions);
    const id = taskId.parse(systemPorts.ids.newId(ID_LENGTH));
    host.ownWork.noteTasks(kernel.folder, [id]);
    return await kernel.write((unit) => createTask(unit, { ...input, projectId: projectFor(unit, projectId).id }, id));
  },
  'tasks.list': ({ kernel }, { projectId, status }) =>
    kernel.read((reader) =>
      listTasks(reader, projectId).filter((task) => status === undefined || task.status === status),
    ),
  'tasks.get': async (host, where) => {
    const { dispatches, ...details } = host.kernel.read((reader) => {
      const task = getTask(reader, where.taskId);
      return {
        task,
        subtasks: readableSubtasks(reader, task.id).sound,
        dependencies: edgesOf(reader, task),
        attempts: listAgentRuns(reader, task.id, null),
        dispatches: dispatchesOf(reader, task.id),
      };
    });
    const unasked = await unaskedIn(host, details.task);
    return { ...details, requests: await openRequests(host, dispatches), unasked };
  },
  'tasks.retryPlanning': ({ kernel }, where) => kernel.write((unit) => retryPlan(unit, where.taskId)),
  'tasks.revisePlan': async (host, { taskId: id, text }) => {
    const { hasPlannerSession } = await import('../../tasks/work/resume.js');
    const kinds = (host.agentFacts ?? host.dispatcher).kinds();
    return await host.kernel.write((unit) => {
      const continuesSession = hasPlannerSession(unit, kinds, id);
      return { ...revisePlan(unit, id, text), continuesSession };
    });
  },
  'tasks.handOver': async ({ kernel, dispatcher }, { taskId: id, kind }) => {
    refuseScriptKind(kind);
    await dispatcher.refuseForbidden(kernel, { kind, prompt: '' });
    await dispatcher.refuseHeldAccount(kind);
    return await kernel.write((unit) => handOverPlan(unit, id, kind));
  },
  'tasks.stopPlanning': async (host, { taskId: id }) => {
    const task = await host.kernel.write((unit) => failPlanning(unit, id, stoppedBy(host)));
    await endWorkOf(host, { taskId: task.id, subtaskId: null });
    return task;
  },
  'tasks.setPermissions': async (host, { permissions = null, ...where }) => {
    const { kernel } = host;
    await refuseUnaskedTask(
      host,
      permissions,
      kernel.read((reader) => getTask(reader, where.taskId)),
    );
    return await kernel.write((unit) => setTaskPermissions(unit, where.taskId, permissions));
  },
  'tasks.setAutoStart': ({ kernel }, { autoStart, ...where }) =>
    kernel.write((unit) => setAutoStart(unit, where.taskId, autoStart)),
};

/** Those of running attempts, as far as they can be read: an attempt is recorded before its dispatch. */
function dispatchesOf(reader: Reader, id: TaskId): readonly Dispatch[] {
  const attempts = runningAgentRuns(reader).filter((attempt) => attempt.taskId === id);
  return findDispatches(
    reader,
    attempts.flatMap(({ dispatchId }) => (dispatchId === null ? [] : [dispatchId])),
  ).dispatches;
}

/** What agents in sessions ask of a person. */
async function openRequests(host: OperationHost, dispatches: readonly Dispatch[]): Promise<AgentRequest[]> {
  if (dispatches.length === 0) return [];
  const { requestsOf } = await import('../../attention/sessions/observedSession.js');
  const { storages } = host.agentFacts ?? host.dispatcher;
  return (await Promise.all(dispatches.map((dispatch) => requestsOf(storages, dispatch)))).flat();
}

/** The named project, or the only one. */
function projectFor(reader: Reader, asked: string | undefined): Project {
  if (asked !== undefined) return getProject(reader, asked);
  const [only, ...others] = listProjects(reader);
  if (only === undefined)
    throw new KernelError('NONE_AVAILABLE', { problem: because('There is no project to create a task in.') });
  if (others.length === 0) return only;
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'projectId',
    problem: because('there are several projects, so name one'),
  });
}
