/**
 * Operations on subtasks. Changing the record is what starts and stops agents
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import type { SubtaskDetails } from '../../../contract/results/tasks';
import type { Reader } from '../../../kernel/unit';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { failSubtask, removeSubtask, startSubtask } from '../../../kernel/tasks/subtask/progress';
import { handOverWork, retrySetup, retryWork } from '../../../kernel/tasks/upkeep/stageFailures';
import {
  addNote,
  addSubtask,
  addSubtaskDependency,
  editSubtask,
  getSubtask,
  listNotes,
  neighborsOf,
  readableSubtasks,
  removeSubtaskDependency,
  reorderSubtask,
} from '../../../kernel/tasks/subtask/subtasks';
import { getTask } from '../../../kernel/tasks/service';
import { refuseScriptKind } from '../../agents/builtInKinds';
import { changesOf } from '../../tasks/proof/changes';
import { isWorktreeElsewhere, subtaskLocation, trustLocation, withElsewhere } from '../../tasks/project/locations';
import type { gitHubOperations } from './gitHubProjects';
import type { Implementation } from '../implementation';
import { stoppedBy } from './tasks';
import { projectDeps } from '../host';
import { endWorkOf } from '../run/processes';

export const subtaskOperations: Omit<Implementation<'subtasks'>, keyof typeof gitHubOperations> = {
  'subtasks.add': ({ kernel }, input) => kernel.write((unit) => addSubtask(unit, input)),
  'subtasks.list': async (host, where) => {
    const list = (reader: Reader): Subtask[] => readableSubtasks(reader, getTask(reader, where.taskId).id).sound;
    const subtasks = host.kernel.read(list);
    return await withElsewhere(subtasks, (subtask) => isWorktreeElsewhere(host.taskServices, subtask));
  },
  'subtasks.get': ({ kernel }, where) => kernel.read((reader) => detailsOf(reader, where.subtaskId)),
  'subtasks.start': ({ kernel }, where) => kernel.write((unit) => startSubtask(unit, where.subtaskId)),
  'subtasks.retry': ({ kernel }, where) => kernel.write((unit) => retryWork(unit, where.subtaskId)),
  'subtasks.handOver': async ({ kernel, dispatcher }, { subtaskId, kind }) => {
    refuseScriptKind(kind);
    await dispatcher.refuseForbidden(kernel, { kind, prompt: '' });
    await dispatcher.refuseHeldAccount(kind);
    return await kernel.write((unit) => handOverWork(unit, subtaskId, kind));
  },
  'subtasks.retrySetup': ({ kernel }, where) => kernel.write((unit) => retrySetup(unit, where.subtaskId)),
  'subtasks.stop': async (host, { subtaskId: id }) => {
    const subtask = await host.kernel.write((unit) => failSubtask(unit, id, stoppedBy(host)));
    await endWorkOf(host, { taskId: subtask.taskId, subtaskId: subtask.id });
    return subtask;
  },
  'subtasks.changes': (host, where) => changesOf(projectDeps(host), where.subtaskId),
  'subtasks.trustLocation': async (host, { path, ...where }) => {
    const deps = projectDeps(host);
    const trusted = await trustLocation(deps, await subtaskLocation(deps, where.subtaskId), path);
    host.taskServices.checkAgain();
    return trusted;
  },
  'subtasks.addDependency': ({ kernel }, { dependsOn, ...where }) =>
    kernel.write((unit) => {
      addSubtaskDependency(unit, where.subtaskId, dependsOn);
      return detailsOf(unit, where.subtaskId);
    }),
  'subtasks.removeDependency': ({ kernel }, { dependsOn, ...where }) =>
    kernel.write((unit) => {
      removeSubtaskDependency(unit, where.subtaskId, dependsOn);
      return detailsOf(unit, where.subtaskId);
    }),
  'subtasks.reorder': ({ kernel }, { before, ...where }) =>
    kernel.write((unit) => reorderSubtask(unit, where.subtaskId, before)),
  'subtasks.edit': ({ kernel }, { subtaskId, ...texts }) => kernel.write((unit) => editSubtask(unit, subtaskId, texts)),
  'subtasks.remove': ({ kernel }, where) =>
    kernel.write((unit) => {
      const subtask = getSubtask(unit, where.subtaskId);
      removeSubtask(unit, subtask.id);
      return subtask;
    }),
  'subtasks.note': (host, { text, ...where }) =>
    host.kernel.write((unit) => addNote(unit, where.subtaskId, { author: host.actor(), text })),
};

function detailsOf(reader: Reader, id: string): SubtaskDetails {
  const subtask = getSubtask(reader, id);
  return {
    subtask,
    ...neighborsOf(reader, subtask),
    notes: listNotes(reader, subtask.id),
    attempts: listAgentRuns(reader, subtask.taskId, subtask.id),
  };
}
