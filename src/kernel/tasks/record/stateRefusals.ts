/** Which steps of a task or a subtask each state allows, and why it refuses the others, in one exhaustive table. */
import { KernelError } from '../../errors/errors';
import type { StateRefusal } from '../../errors/stateSentences';
import type { RunStatus } from '../../run/record/model';
import type { SubtaskState, TaskStatus } from './machine';

/**
 * `setup`: repeats its set-up. `work`: steps that only the leader of a folder takes. `edit`: text, dependencies, and
 * removal of a subtask.
 */
export const SUBTASK_ACTIONS = [
  'start',
  'retry',
  'setup',
  'stop',
  'close',
  'work',
  'resume',
  'publish',
  'merge',
  'edit',
] as const;
export type SubtaskAction = (typeof SUBTASK_ACTIONS)[number];

export const TASK_ACTIONS = ['plan', 'revise', 'stopPlanning', 'acceptPlan', 'change', 'finish'] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

type SubtaskRow = Readonly<Record<SubtaskAction, StateRefusal | null>>;
type TaskRow = Readonly<Record<TaskAction, StateRefusal | null>>;

const allExcept = (refusal: StateRefusal, allowed: Partial<SubtaskRow>): SubtaskRow => ({
  start: refusal,
  retry: refusal,
  setup: refusal,
  stop: refusal,
  close: refusal,
  work: refusal,
  resume: refusal,
  publish: refusal,
  merge: refusal,
  edit: refusal,
  ...allowed,
});

/** Null if the state allows the step. */
export const SUBTASK_REFUSALS: Readonly<Record<SubtaskState, SubtaskRow>> = {
  PENDING: allExcept('subtaskPlanned', { edit: null }),
  READY: allExcept('subtaskReady', { start: null, edit: null }),
  BLOCKED_DEPENDENCY: allExcept('subtaskWaiting', { edit: null }),
  BLOCKED_FAILURE: allExcept('subtaskFailed', { retry: null, edit: null }),
  IN_PROGRESS: allExcept('subtaskRunning', {
    setup: null,
    stop: null,
    close: null,
    work: null,
    resume: null,
    edit: 'subtaskStarted',
    publish: 'subtaskUnfinished',
    merge: 'subtaskUnfinished',
  }),
  COMPLETED: allExcept('subtaskCompleted', { publish: null, merge: null }),
  MERGED: allExcept('subtaskMerged', {}),
};

export const TASK_REFUSALS: Readonly<Record<TaskStatus, TaskRow>> = {
  PLANNING: {
    plan: 'taskPlanning',
    revise: 'taskPlanning',
    stopPlanning: null,
    acceptPlan: null,
    change: null,
    finish: 'taskPlanning',
  },
  PLANNING_FAILED: {
    plan: null,
    revise: 'taskPlanningFailed',
    stopPlanning: 'taskPlanningFailed',
    acceptPlan: 'taskPlanningFailed',
    change: 'taskPlanningFailed',
    finish: 'taskPlanningFailed',
  },
  ACTIVE: {
    plan: 'taskPlanned',
    revise: null,
    stopPlanning: 'taskPlanned',
    acceptPlan: 'taskPlanned',
    change: null,
    finish: null,
  },
  DONE: {
    plan: 'taskDone',
    revise: 'taskDone',
    stopPlanning: 'taskDone',
    acceptPlan: 'taskDone',
    change: 'taskDone',
    finish: 'taskDone',
  },
};

const STEP_INTO: Readonly<Record<TaskStatus, TaskAction>> = {
  PLANNING: 'plan',
  PLANNING_FAILED: 'stopPlanning',
  ACTIVE: 'acceptPlan',
  DONE: 'finish',
};

/** The step of a task from one status into another: a plan that was accepted is revised. */
export function stepInto(from: TaskStatus, to: TaskStatus): TaskAction {
  return from === 'ACTIVE' && to === 'PLANNING' ? 'revise' : STEP_INTO[to];
}

export function subtaskRefusal(id: string, state: SubtaskState, action: SubtaskAction): KernelError | undefined {
  const refusal = SUBTASK_REFUSALS[state][action];
  return refusal === null ? undefined : refused('subtask', id, state, action, refusal);
}

/** @throws KernelError `TASK_STATE` if the state refuses the step */
export function refuseSubtask(id: string, state: SubtaskState, action: SubtaskAction): void {
  const error = subtaskRefusal(id, state, action);
  if (error !== undefined) throw error;
}

/** @throws KernelError `TASK_STATE` if the state refuses the step */
export function refuseTask(id: string, status: TaskStatus, action: TaskAction): void {
  const refusal = TASK_REFUSALS[status][action];
  if (refusal !== null) throw refused('task', id, status, action, refusal);
}

const ENDED_RUN: Readonly<Record<RunStatus, 'Canceled' | 'Ended' | null>> = {
  active: null,
  completed: 'Ended',
  cancelled: 'Canceled',
  failed: 'Ended',
};
const ENDED_TASK: Readonly<Record<TaskStatus, StateRefusal | null>> = {
  PLANNING: 'subtaskTaskPlanning',
  PLANNING_FAILED: 'subtaskTaskFailed',
  ACTIVE: null,
  DONE: 'subtaskTaskDone',
};

/** Refuses work for a task or a run that has ended. @throws KernelError `TASK_STATE` */
export function refuseEndedWork(id: string, task: TaskStatus, run: RunStatus, action: SubtaskAction): void {
  const ended = ENDED_RUN[run];
  const refusal = ended === null ? ENDED_TASK[task] : (`subtaskRun${ended}` as const);
  if (refusal !== null) throw refused('subtask', id, ended === null ? task : run, action, refusal);
}

/** Refuses planning of a task whose run has ended. @throws KernelError `TASK_STATE` */
export function refuseEndedTask(id: string, run: RunStatus): void {
  const ended = ENDED_RUN[run];
  if (ended !== null) throw refused('task', id, run, 'plan', `taskRun${ended}`);
}

export function refused(
  what: 'task' | 'subtask',
  id: string,
  state: string,
  wanted: string,
  refusal: StateRefusal,
): KernelError {
  return new KernelError('TASK_STATE', { what, id, state, wanted, refusal });
}
