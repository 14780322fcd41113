/** The sentences for steps that the state of a task or subtask does not allow. */

import type { Sentence } from './sentence';

export const STATE_SENTENCES = {
  subtaskPlanned: { text: 'The plan of subtask {id} is not accepted yet.', hint: 'Wait until its task is planned.' },
  subtaskReady: { text: 'Subtask {id} is ready and has not started yet.', hint: 'Start it first.' },
  subtaskWaiting: {
    text: 'Subtask {id} has not started yet: it depends on subtasks that are not merged.',
    hint: 'Merge them first.',
  },
  subtaskRunning: { text: 'Subtask {id} is already in progress.', hint: 'Wait until it is completed, or stop it.' },
  subtaskUnfinished: { text: 'Subtask {id} is still in progress.', hint: 'Wait until it is completed.' },
  subtaskStarted: { text: 'Subtask {id} has already started.', hint: 'Add a note, or stop it.' },
  subtaskFailed: { text: 'Subtask {id} has already failed.', hint: 'Retry it to start it again.' },
  subtaskCompleted: { text: 'Subtask {id} is already completed.', hint: 'Merge it, or mark it as merged.' },
  subtaskMerged: { text: 'Subtask {id} is already merged.', hint: 'Nothing was changed.' },
  subtaskOnly: {
    text: 'Subtask {id} is the only subtask of its task.',
    hint: 'Add another subtask first, or delete the task.',
  },
  subtaskUnproven: { text: 'The work of subtask {id} is not proven yet.', hint: 'Wait until its checks have passed.' },
  subtaskSetUp: {
    text: 'The set-up of subtask {id} has not failed.',
    hint: 'Nothing was changed. If another step failed, retry the subtask.',
  },
  subtaskTaskDone: { text: 'The task of subtask {id} is already done.', hint: 'Create a new task.' },
  subtaskTaskFailed: {
    text: 'Planning of the task of subtask {id} has already failed.',
    hint: 'Retry planning first.',
  },
  subtaskTaskPlanning: {
    text: 'The task of subtask {id} is still being planned.',
    hint: 'Wait until its task is planned.',
  },
  subtaskRunCanceled: { text: 'The task of subtask {id} is already canceled.', hint: 'Create a new task.' },
  subtaskRunEnded: { text: 'The run of subtask {id} has already ended.', hint: 'Create a new task.' },
  taskPlanning: { text: 'Task {id} is already being planned.', hint: 'Wait for its plan, or stop planning.' },
  taskPlanningFailed: { text: 'Planning of task {id} has already failed.', hint: 'Retry planning.' },
  taskPlanned: { text: 'Task {id} has already been planned.', hint: 'Change its subtasks, or stop them.' },
  taskStarted: {
    text: 'Subtasks of task {id} have already started.',
    hint: 'Change its other subtasks, or add some.',
  },
  taskDone: { text: 'Task {id} is already done.', hint: 'Create a new task.' },
  taskRunCanceled: { text: 'Task {id} is already canceled.', hint: 'Create a new task.' },
  taskRunEnded: { text: 'The run of task {id} has already ended.', hint: 'Create a new task.' },
} as const satisfies Readonly<Record<string, Sentence>>;

export type StateRefusal = keyof typeof STATE_SENTENCES;
