/**
 * Operations on subtasks. Changing the record is what starts and stops agents
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import type { SubtaskDetails } from '../../../contract/results/tasks';
import type { Reader } from '../../../kernel/unit';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { failSubtask, removeSubtask, startSubtask } from '../../../kernel/tasks/subtask/progress';
import { retrySetup, retryWork } from '../../../kernel/tasks/upkeep/stageFailures';
import {
  addNote,
  addSubtask,
  addSubtaskDependency,
  editSubtask,
  getSubtask,
  listNotes,
  neighboursOf,
  readableSubtasks,
  removeSubtaskDependency,
  reorderSubtask,
} from '../../../kernel/tasks/subtask/subtasks';
import { getTask } from '../../../kernel/tasks/service';
import { changesOf } from '../../tasks/proof/changes';
import { isWorktreeElsewhere, subtaskLocation, trustLocation, withElsewhere } from '../../tasks/project/locations';
import { kernelOf, readIn, requireTrust, writeIn } from '../host';
import type { gitHubOperations } from './gitHubProjects';
import type { Implementation } from '../implementation';
import { stoppedBy } from './tasks';
import { landingDeps } from './taskServices';

export const subtaskOperations: Omit<Implementation<'subtasks'>, keyof typeof gitHubOperations> = {
  'subtasks.add': (host, { folder, ...input }) =>
    writeIn(host, { folder, taskId: input.taskId }, 'change subtasks', (unit) => addSubtask(unit, input)),
  'subtasks.list': async (host, where) => {
    const list = (reader: Reader): Subtask[] => readableSubtasks(reader, getTask(reader, where.taskId).id).sound;
    const subtasks = await readIn(host, where, 'list subtasks', list);
    return await withElsewhere(subtasks, (subtask) => isWorktreeElsewhere(host.taskServices, subtask));
  },
  'subtasks.get': (host, where) =>
    readIn(host, where, 'look at subtasks', (reader) => detailsOf(reader, where.subtaskId)),
  'subtasks.start': (host, where) =>
    writeIn(host, where, 'start subtasks', (unit) => startSubtask(unit, where.subtaskId)),
  'subtasks.retry': (host, where) => writeIn(host, where, 'start subtasks', (unit) => retryWork(unit, where.subtaskId)),
  'subtasks.retrySetup': (host, where) =>
    writeIn(host, where, 'start subtasks', (unit) => retrySetup(unit, where.subtaskId)),
  'subtasks.stop': (host, where) =>
    writeIn(host, where, 'stop subtasks', (unit) => failSubtask(unit, where.subtaskId, stoppedBy(host))),
  'subtasks.changes': async (host, where) => {
    // Git reads the repository's own settings, which name programs.
    requireTrust(host, 'look at changes');
    const kernel = await kernelOf(host, where, 'look at changes');
    return await changesOf(landingDeps(host, kernel), where.subtaskId);
  },
  'subtasks.trustLocation': async (host, { path, ...where }) => {
    requireTrust(host, 'trust locations');
    const deps = landingDeps(host, await kernelOf(host, where, 'trust locations'));
    const trusted = await trustLocation(deps, await subtaskLocation(deps, where.subtaskId), path);
    host.taskServices.lookAgain();
    return trusted;
  },
  'subtasks.addDependency': (host, { dependsOn, ...where }) =>
    writeIn(host, where, 'change subtasks', (unit) => {
      addSubtaskDependency(unit, where.subtaskId, dependsOn);
      return detailsOf(unit, where.subtaskId);
    }),
  'subtasks.removeDependency': (host, { dependsOn, ...where }) =>
    writeIn(host, where, 'change subtasks', (unit) => {
      removeSubtaskDependency(unit, where.subtaskId, dependsOn);
      return detailsOf(unit, where.subtaskId);
    }),
  'subtasks.reorder': (host, { before, ...where }) =>
    writeIn(host, where, 'change subtasks', (unit) => reorderSubtask(unit, where.subtaskId, before)),
  'subtasks.edit': (host, { folder, subtaskId, ...texts }) =>
    writeIn(host, { folder, subtaskId }, 'change subtasks', (unit) => editSubtask(unit, subtaskId, texts)),
  'subtasks.remove': (host, where) =>
    writeIn(host, where, 'change subtasks', (unit) => {
      const subtask = getSubtask(unit, where.subtaskId);
      removeSubtask(unit, subtask.id);
      return subtask;
    }),
  'subtasks.note': (host, { text, ...where }) =>
    writeIn(host, where, 'write notes', (unit) => addNote(unit, where.subtaskId, { author: host.actor(), text })),
};

function detailsOf(reader: Reader, id: string): SubtaskDetails {
  const subtask = getSubtask(reader, id);
  return {
    subtask,
    ...neighboursOf(reader, subtask),
    notes: listNotes(reader, subtask.id),
    attempts: listAgentRuns(reader, subtask.taskId, subtask.id),
  };
}
