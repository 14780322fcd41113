/** Operations on subtasks, which worker agents do (`docs/design/tasks.md#a-task-and-its-run`). */
import * as z from 'zod';
import { addSubtaskInput, type Subtask, type SubtaskNote } from '../../kernel/tasks/record/model';
import type { MergeOutcome } from '../../kernel/tasks/subtask/progress';
import type { ListedSubtask, SubtaskChanges, SubtaskDetails, SubtaskLanding, TrustedLocation } from '../results/tasks';
import { folder, id, location, ofSubtask, ofTask, someSubtask } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import {
  BY_WINDOW,
  IN_PERSON,
  IN_VIEW,
  SHOWN_PATH,
  SOME_SUBTASK,
  SOME_TASK,
  TEXT_FILES,
  WRITABLE,
} from '../declarations/ways';

/** Of commands that change a subtask. */
const CHANGEABLE = `${WRITABLE} && ${SOME_SUBTASK}`;

const dependency = z.strictObject({ ...ofSubtask, dependsOn: id });

export const SUBTASK_OPERATIONS = {
  /** To the plan while the task is being planned, to the work while it is active. */
  'subtasks.add': operation({
    args: addSubtaskInput.extend({ folder }),
    result: resultOf<Subtask>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Adds a subtask to the end of a task.',
    /** Without a title it asks, and the rest is written in an editor. */
    command: { id: 'intercore.subtask.add', title: 'Add Subtask…', palette: `${WRITABLE} && ${SOME_TASK}` },
    ic: 'subtask create',
    icArguments: { spec: TEXT_FILES, implementationPlan: TEXT_FILES, acceptanceCriteria: TEXT_FILES },
  }),
  'subtasks.list': operation({
    args: z.strictObject(ofTask),
    /** In their order. */
    result: resultOf<readonly ListedSubtask[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The subtasks of a task, in their order.',
    command: IN_VIEW,
    ic: 'subtask list',
    core: true,
  }),
  'subtasks.get': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<SubtaskDetails>(),
    effect: 'read',
    decides: 'anyone',
    about: 'A subtask with its plan, notes, dependencies, and the attempts of its worker.',
    command: { id: 'intercore.subtask.show', title: 'Show Subtask', palette: SOME_SUBTASK },
    ic: 'subtask show',
    core: true,
  }),
  'subtasks.start': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'start',
    decides: 'anyone',
    about: `Starts the work on a subtask. ${BY_WINDOW}`,
    command: { id: 'intercore.subtask.start', title: 'Start Subtask', palette: CHANGEABLE, confirm: true },
    ic: 'subtask start',
    core: true,
  }),
  'subtasks.retry': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'start',
    decides: 'anyone',
    about: `Works again on a subtask that failed or was stopped, on the branch there is. ${BY_WINDOW}`,
    command: { id: 'intercore.subtask.retry', title: 'Retry Subtask', palette: CHANGEABLE, confirm: true },
    ic: 'subtask retry',
  }),
  /** Agents of the chosen kind do the work from its next attempt on. */
  'subtasks.handOver': operation({
    args: z.strictObject({ ...ofSubtask, kind: z.string().min(1).max(64) }),
    result: resultOf<Subtask>(),
    effect: 'start',
    decides: 'person',
    about: `Hands the work on a subtask that failed, or whose agent waits for its account, over to another agent kind, with what was done. ${BY_WINDOW}`,
    command: { id: 'intercore.subtask.handOver', title: 'Hand Over Subtask to…', palette: CHANGEABLE },
    ic: 'subtask hand-over',
    icArguments: { kind: '--to' },
  }),
  /** Runs the set-up of its worktree again, where that failed. */
  'subtasks.retrySetup': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'start',
    decides: 'anyone',
    about: `Runs the set-up of a worktree that failed again, without another attempt of an agent. ${BY_WINDOW}`,
    command: { id: 'intercore.subtask.retrySetup', title: 'Retry Setup', palette: CHANGEABLE, confirm: true },
    ic: 'subtask retry-setup',
  }),
  'subtasks.stop': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Stops the work on a subtask. Its branch and worktree are kept.',
    command: { id: 'intercore.subtask.stop', title: 'Stop Subtask', palette: CHANGEABLE },
    ic: 'subtask stop',
  }),
  /** Into the base branch on this machine, or its open pull request on GitHub. */
  'subtasks.merge': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<MergeOutcome>(),
    effect: 'change',
    decides: 'person',
    about:
      'Merges a completed subtask, either into the base branch on this machine or by its open pull request on GitHub. Subtasks that depend on it can then start.',
    command: { id: 'intercore.subtask.merge', title: 'Merge Subtask…', palette: CHANGEABLE, confirm: true },
    ic: 'subtask merge',
  }),
  /** The state of its work, from GitHub, or from git if it has no pull request. */
  'subtasks.landing': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<SubtaskLanding>(),
    effect: 'read',
    trust: true,
    decides: 'anyone',
    about: 'The pull request of a subtask: open, closed, or merged.',
    command: {
      id: 'intercore.subtask.openPullRequest',
      title: 'Open Pull Request',
      palette: SOME_SUBTASK,
      changes: false,
    },
    ic: 'subtask landing',
  }),
  /** Records a merge that happened elsewhere. `force`: without asking whether it did. */
  'subtasks.markMerged': operation({
    args: z.strictObject({ ...ofSubtask, force: z.boolean().optional() }),
    result: resultOf<MergeOutcome>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Records that the work on a subtask was merged elsewhere. With force, GitHub is not checked.',
    /** `force` given stands for the answer to its question. */
    command: { id: 'intercore.subtask.markMerged', title: 'Mark as Merged…', palette: CHANGEABLE },
    ic: 'subtask mark-merged',
  }),
  /** Brings a held subtask out again: pushes what is not pushed, and opens its pull request. */
  'subtasks.retryPullRequest': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'change',
    decides: 'anyone',
    about: `Pushes proven work again that could not be brought out, and opens its pull request. ${BY_WINDOW}`,
    command: { id: 'intercore.subtask.retryPullRequest', title: 'Retry Pull Request', palette: CHANGEABLE },
    ic: 'subtask retry-pull-request',
  }),
  'subtasks.changes': operation({
    args: z.strictObject(ofSubtask),
    result: resultOf<SubtaskChanges>(),
    effect: 'read',
    trust: true,
    decides: 'anyone',
    about: 'The changed files and commits of a subtask.',
    /** It runs git in the repository, so it needs trust. */
    command: { id: 'intercore.subtask.showChanges', title: 'Show Changes', palette: CHANGEABLE },
    ic: { not: 'git shows it: the branch is in ic subtask show' },
  }),
  /** Allows git to run in its worktree. `path`: the real path that the person was shown. */
  'subtasks.trustLocation': operation({
    args: z.strictObject({ ...ofSubtask, path: location.optional() }),
    result: resultOf<TrustedLocation>(),
    effect: 'change',
    decides: 'person',
    about: 'Allows git to run in a worktree that is recorded at another location.',
    command: {
      id: 'intercore.subtask.trustLocation',
      title: 'Trust This Worktree Location…',
      palette: CHANGEABLE,
      confirm: true,
    },
    ic: 'subtask trust',
    icArguments: { path: SHOWN_PATH },
    mcp: IN_PERSON,
  }),
  'subtasks.addDependency': operation({
    args: dependency,
    result: resultOf<SubtaskDetails>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Makes a subtask wait until another is merged.',
    command: { id: 'intercore.subtask.addDependency', title: 'Add Subtask Dependency…', palette: CHANGEABLE },
    ic: 'subtask depend',
    icArguments: { dependsOn: '--on' },
  }),
  'subtasks.removeDependency': operation({
    args: dependency,
    result: resultOf<SubtaskDetails>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Removes a dependency between two subtasks.',
    command: { id: 'intercore.subtask.removeDependency', title: 'Remove Subtask Dependency…', palette: CHANGEABLE },
    ic: 'subtask depend',
    icArguments: { dependsOn: '--on' },
  }),
  /** `before` null: to the end. */
  'subtasks.reorder': operation({
    args: z.strictObject({ ...ofSubtask, before: id.nullable() }),
    result: resultOf<readonly Subtask[]>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Moves a subtask before another of its task; if before is null, to the end.',
    command: { not: 'Move Subtask Up and Move Subtask Down move it by one place' },
    ic: 'subtask move',
  }),
  'subtasks.edit': operation({
    args: addSubtaskInput.omit({ taskId: true }).partial().extend(ofSubtask),
    result: resultOf<Subtask>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Changes the texts of a subtask that has not started. Omitted texts are not changed.',
    /** Without a text: in an editor. */
    command: { id: 'intercore.subtask.edit', title: 'Edit Subtask…', palette: CHANGEABLE },
    ic: 'subtask edit',
    icArguments: { spec: TEXT_FILES, implementationPlan: TEXT_FILES, acceptanceCriteria: TEXT_FILES },
  }),
  /** One that has not started. */
  'subtasks.remove': operation({
    args: z.strictObject(ofSubtask),
    /** As it was. */
    result: resultOf<Subtask>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Removes a subtask that has not started from the plan.',
    command: { id: 'intercore.subtask.remove', title: 'Remove Subtask…', palette: CHANGEABLE, confirm: true },
    ic: 'subtask remove',
  }),
  'subtasks.note': operation({
    args: z.strictObject({ ...ofSubtask, text: z.string().min(1).max(1_000_000) }),
    result: resultOf<SubtaskNote>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Adds a note to a subtask for the next agent or person who works on it.',
    command: { id: 'intercore.subtask.addNote', title: 'Add Subtask Note…', palette: CHANGEABLE },
    ic: 'subtask note',
    icArguments: { text: TEXT_FILES },
    core: true,
  }),
};

/** Commands that do no operation. */
export const SUBTASK_GESTURES = {
  'intercore.subtask.showLog': { title: 'Show Subtask Log', palette: SOME_SUBTASK, args: someSubtask, changes: false },
  'intercore.subtask.showPrompt': {
    title: 'Show Subtask Prompt',
    palette: SOME_SUBTASK,
    args: someSubtask,
    changes: false,
  },
  'intercore.subtask.openWorktree': {
    title: 'Open Worktree in New Window',
    palette: SOME_SUBTASK,
    args: someSubtask,
    changes: false,
  },
  'intercore.subtask.moveUp': { title: 'Move Subtask Up', palette: CHANGEABLE, args: someSubtask, changes: true },
  'intercore.subtask.moveDown': { title: 'Move Subtask Down', palette: CHANGEABLE, args: someSubtask, changes: true },
  'intercore.subtask.copyId': { title: 'Copy Subtask Id', palette: SOME_SUBTASK, args: someSubtask, changes: false },
  'intercore.subtask.copyBranch': { title: 'Copy Branch', palette: SOME_SUBTASK, args: someSubtask, changes: false },
} as const satisfies Gestures;
