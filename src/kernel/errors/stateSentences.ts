/** The sentences for steps that the state of a task or subtask does not allow. */
import type { Sentence } from './errorSentences';

export const STATE_SENTENCES = {
  subtaskPlanned: { text: 'The plan of subtask {id} is not accepted yet.', hint: 'Wait until its task is planned.' },
  subtaskReady: { text: 'Subtask {id} is ready and has not started yet.', hint: 'Start it first.' },
  subtaskWaiting: {
    text: 'Subtask {id} has not started yet: it depends on subtasks that are not merged.',
    hint: 'Merge them first.',
  },
  subtaskRunning: { text: 'Subtask {id} is in progress already.', hint: 'Wait for it, or stop it.' },
  subtaskUnfinished: { text: 'Subtask {id} is still in progress.', hint: 'Wait until it is completed.' },
  subtaskStarted: { text: 'Subtask {id} has started already.', hint: 'Add a note, or stop it.' },
  subtaskFailed: { text: 'Subtask {id} has failed already.', hint: 'Retry it to start it again.' },
  subtaskCompleted: { text: 'Subtask {id} is completed already.', hint: 'Merge it, or mark it as merged.' },
  subtaskMerged: { text: 'Subtask {id} is merged already.', hint: 'Nothing was changed.' },
  subtaskOnly: {
    text: 'Subtask {id} is the only one of its task.',
    hint: 'Add another subtask first, or delete the task.',
  },
  subtaskUnproven: { text: 'The work of subtask {id} is not proven yet.', hint: 'Wait until its checks have passed.' },
  subtaskSetUp: {
    text: 'The set-up of subtask {id} has not failed.',
    hint: 'Nothing was changed. If another step failed, retry the subtask.',
  },
  subtaskTaskDone: { text: 'The task of subtask {id} is done already.', hint: 'Create a new task.' },
  subtaskTaskFailed: {
    text: 'The planning of the task of subtask {id} has failed already.',
    hint: 'Retry planning first.',
  },
  subtaskTaskPlanning: {
    text: 'The task of subtask {id} is still being planned.',
    hint: 'Wait until its task is planned.',
  },
  subtaskRunCanceled: { text: 'The task of subtask {id} is canceled already.', hint: 'Create a new task.' },
  subtaskRunEnded: { text: 'The run of subtask {id} has ended already.', hint: 'Create a new task.' },
  taskPlanning: { text: 'Task {id} is being planned already.', hint: 'Wait for its plan, or stop planning.' },
  taskPlanningFailed: { text: 'The planning of task {id} has failed already.', hint: 'Retry planning.' },
  taskPlanned: { text: 'Task {id} has been planned already.', hint: 'Change its subtasks, or stop them.' },
  taskDone: { text: 'Task {id} is done already.', hint: 'Create a new task.' },
  taskRunCanceled: { text: 'Task {id} is canceled already.', hint: 'Create a new task.' },
  taskRunEnded: { text: 'The run of task {id} has ended already.', hint: 'Create a new task.' },
} as const satisfies Readonly<Record<string, Sentence>>;

export type StateRefusal = keyof typeof STATE_SENTENCES;
