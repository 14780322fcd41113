/** Operations on tasks, which a planner agent splits into subtasks (`docs/design/tasks.md#a-task-and-its-run`). */
import * as z from 'zod';
import { PERMISSION_POLICIES } from '../../kernel/dispatch/permissionPolicy';
import { TASK_STATUSES } from '../../kernel/tasks/record/machine';
import { createTaskInput, type Task } from '../../kernel/tasks/record/model';
import type { RevisedTask, TaskDeletion, TaskDetails, TaskSync } from '../results/tasks';
import { folder, id, ofTask, reason, someTask } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { BY_WINDOW, IN_VIEW, SOME_PROJECT, SOME_TASK, TEXT_FILES, WRITABLE } from '../declarations/ways';

const ONE_RECORD = { not: 'a record of ic has the projects of one folder' };

export const TASK_OPERATIONS = {
  /** `projectId` left out: the only project of the folder. */
  'tasks.create': operation({
    args: createTaskInput.omit({ projectId: true }).extend({ folder, projectId: id.optional() }),
    result: resultOf<Task>(),
    effect: 'start',
    decides: 'anyone',
    about: `Writes down a task. A planner agent splits it into subtasks. ${BY_WINDOW}`,
    /** `confirm` stands for the permission that agents without permission prompts need, here and below. */
    command: { id: 'intercore.task.create', title: 'Create Task…', palette: SOME_PROJECT, confirm: true },
    ic: 'task create',
    icArguments: { description: TEXT_FILES },
    core: true,
  }),
  'tasks.list': operation({
    args: z.strictObject({ folder, projectId: id.optional(), status: z.enum(TASK_STATUSES).optional() }),
    /** Newest first. */
    result: resultOf<readonly Task[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Tasks, newest first, with their status.',
    command: IN_VIEW,
    ic: 'task list',
    icArguments: { projectId: ONE_RECORD },
    core: true,
  }),
  'tasks.get': operation({
    args: z.strictObject(ofTask),
    result: resultOf<TaskDetails>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'A task with its subtasks, their dependencies, the attempts of its planner, and open requests of its agents.',
    command: { id: 'intercore.task.show', title: 'Show Task', palette: SOME_TASK },
    ic: 'task show',
    core: true,
  }),
  'tasks.retryPlanning': operation({
    args: z.strictObject(ofTask),
    result: resultOf<Task>(),
    effect: 'start',
    decides: 'anyone',
    about: `Plans a task again whose planning failed or was stopped. ${BY_WINDOW}`,
    command: {
      id: 'intercore.task.retryPlanning',
      title: 'Retry Planning',
      palette: `${WRITABLE} && ${SOME_TASK}`,
      confirm: true,
    },
    ic: 'task retry',
  }),
  'tasks.revisePlan': operation({
    args: z.strictObject({ ...ofTask, text: reason }),
    result: resultOf<RevisedTask>(),
    effect: 'start',
    decides: 'anyone',
    about: `Gives the plan of a task back to its planner with what must change, before a subtask has started. ${BY_WINDOW}`,
    command: {
      id: 'intercore.task.revisePlan',
      title: 'Revise Plan…',
      palette: `${WRITABLE} && ${SOME_TASK}`,
      confirm: true,
    },
    ic: 'task revise',
  }),
  /** Planners of the chosen kind make the plan from their next attempt on. */
  'tasks.handOver': operation({
    args: z.strictObject({ ...ofTask, kind: z.string().min(1).max(64) }),
    result: resultOf<Task>(),
    effect: 'start',
    decides: 'person',
    about: `Hands the planning of a task that failed, or whose planner waits for its account, over to another agent kind, with the plan so far. ${BY_WINDOW}`,
    command: {
      id: 'intercore.task.handOver',
      title: 'Hand Over Plan to…',
      palette: `${WRITABLE} && ${SOME_TASK}`,
    },
    ic: 'task hand-over',
    icArguments: { kind: '--to' },
  }),
  'tasks.stopPlanning': operation({
    args: z.strictObject(ofTask),
    result: resultOf<Task>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Stops the planner of a task.',
    command: { id: 'intercore.task.stopPlanning', title: 'Stop Planning', palette: `${WRITABLE} && ${SOME_TASK}` },
    ic: 'task stop',
  }),
  /** With Beads, for tasks that are tracked there. `taskId` left out: all of the folder. */
  'tasks.sync': operation({
    args: z.strictObject({ folder, taskId: id.optional() }),
    result: resultOf<readonly TaskSync[]>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Synchronizes tasks with their Beads issues. Reports what could not be synchronized.',
    /** `taskId` left out: every task of the folder that is in Beads. */
    command: { id: 'intercore.task.sync', title: 'Sync Tasks with Beads', palette: `${WRITABLE} && ${SOME_TASK}` },
    ic: 'task sync',
  }),
  'tasks.setAutoStart': operation({
    args: z.strictObject({ ...ofTask, autoStart: z.boolean() }),
    result: resultOf<Task>(),
    effect: 'start',
    decides: 'anyone',
    about: 'Sets whether subtasks of a task start automatically when their dependencies are merged.',
    /** `autoStart` left out: the other way. */
    command: {
      id: 'intercore.task.toggleAutoStart',
      title: 'Toggle Automatic Start',
      palette: `${WRITABLE} && ${SOME_TASK}`,
      confirm: true,
    },
    ic: { not: 'ic task create --auto-start says it beforehand' },
  }),
  /** `permissions` left out: the policy of the machine. */
  'tasks.setPermissions': operation({
    args: z.strictObject({ ...ofTask, permissions: z.enum(PERMISSION_POLICIES).optional() }),
    result: resultOf<Task>(),
    effect: 'change',
    decides: 'person',
    about:
      'Sets the permission policy of the next agents of a task. It only narrows the policy of the machine that starts them.',
    command: {
      id: 'intercore.task.setPermissions',
      title: 'Set Task Permissions…',
      palette: `${WRITABLE} && ${SOME_TASK}`,
    },
    ic: 'task permissions',
  }),
  'tasks.delete': operation({
    args: z.strictObject(ofTask),
    result: resultOf<TaskDeletion>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Deletes a task and ends its agents. Unmerged branches and a snapshot of each worktree are kept.',
    command: {
      id: 'intercore.task.delete',
      title: 'Delete Task…',
      palette: `${WRITABLE} && ${SOME_TASK}`,
      confirm: true,
    },
    ic: 'task delete',
  }),
};

/** Commands that do no operation. */
export const TASK_GESTURES = {
  'intercore.task.showLog': { title: 'Show Planning Log', palette: SOME_TASK, args: someTask, changes: false },
  'intercore.task.showPrompt': { title: 'Show Planning Prompt', palette: SOME_TASK, args: someTask, changes: false },
  'intercore.task.copyId': { title: 'Copy Task Id', palette: SOME_TASK, args: someTask, changes: false },
} as const satisfies Gestures;
