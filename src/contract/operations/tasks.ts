/**
 * Operations on projects, tasks and subtasks: work that planner and worker agents do
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import * as z from 'zod';
import { TASK_STATUSES } from '../../kernel/tasks/record/machine';
import {
  addSubtaskInput,
  createTaskInput,
  type AgentRun,
  type Project,
  type Subtask,
  type SubtaskNote,
  type Task,
} from '../../kernel/tasks/record/model';
import type { SyncReport } from '../../kernel/tasks/issue/issueSync';
import type { MergeOutcome } from '../../kernel/tasks/subtask/progress';

const folder = z.string().min(1).optional();
const id = z.string().min(1).max(128);
const location = z.string().min(1).max(4096);
const ofProject = { folder, projectId: id };
const ofTask = { folder, taskId: id };
const ofSubtask = { folder, subtaskId: id };
const dependency = z.strictObject({ ...ofSubtask, dependsOn: id });

/** The arguments of every operation. */
export const TASK_OPERATIONS = {
  /** Makes the repository that the folder is in a project. A folder without a record gets one. */
  'projects.add': z.strictObject({
    folder,
    name: z.string().min(1).max(200).optional(),
    defaultBranch: z.string().min(1).max(255).optional(),
  }),
  /**
   * Clones a repository of GitHub, or the person's fork of it where they may not push to it, and makes the clone a
   * project, in a record of its own. `open` left out: its folder joins the workspace, where there is one.
   */
  'projects.addFromGitHub': z.strictObject({ url: z.string().max(2000), open: z.boolean().optional() }),
  /** Fetches what its remote has, brings a fork up to date, and records what was merged on GitHub. */
  'projects.sync': z.strictObject(ofProject),
  /**
   * Takes the files of a clone that we made from the disk, all but its record; whatever needs it next clones it again.
   * `discard`: also what is nowhere else.
   */
  'projects.freeClone': z.strictObject({ ...ofProject, discard: z.literal(true).optional() }),
  'projects.list': z.strictObject({ folder }),
  /** Lets git run in its clone. `path`: the real path that the person was shown. */
  'projects.trustLocation': z.strictObject({ ...ofProject, path: location.optional() }),
  /** Its repository was moved; `to`: the folder where it is now, which a person has chosen. */
  'projects.relocate': z.strictObject({ ...ofProject, to: location }),
  /** What is in work keeps the commit that it began at. */
  'projects.changeBase': z.strictObject({ ...ofProject, branch: z.string().min(1).max(255) }),
  /** Its repository stays as it is, unless `clone`: the clone that we made goes with it, and the record in it. */
  'projects.remove': z.strictObject({
    ...ofProject,
    clone: z.literal(true).optional(),
    /** Its tasks go with it: agents end, worktrees go after a snapshot, unmerged branches stay. */
    tasks: z.literal(true).optional(),
    discard: z.literal(true).optional(),
  }),
  /** `projectId` left out: the only project of the folder. */
  'tasks.create': createTaskInput.omit({ projectId: true }).extend({ folder, projectId: id.optional() }),
  'tasks.list': z.strictObject({ folder, projectId: id.optional(), status: z.enum(TASK_STATUSES).optional() }),
  'tasks.get': z.strictObject(ofTask),
  'tasks.retryPlanning': z.strictObject(ofTask),
  'tasks.stopPlanning': z.strictObject(ofTask),
  /** With Beads, for tasks that are tracked there. `taskId` left out: all of the folder. */
  'tasks.sync': z.strictObject({ folder, taskId: id.optional() }),
  'tasks.setAutoStart': z.strictObject({ ...ofTask, autoStart: z.boolean() }),
  'tasks.delete': z.strictObject(ofTask),
  /** To the plan while the task is being planned, to the work while it is active. */
  'subtasks.add': addSubtaskInput.extend({ folder }),
  'subtasks.list': z.strictObject(ofTask),
  'subtasks.get': z.strictObject(ofSubtask),
  'subtasks.start': z.strictObject(ofSubtask),
  'subtasks.retry': z.strictObject(ofSubtask),
  /** Runs the set-up of its worktree again, where that failed. */
  'subtasks.retrySetup': z.strictObject(ofSubtask),
  'subtasks.stop': z.strictObject(ofSubtask),
  /** Into the base branch on this machine, or its open pull request on GitHub. */
  'subtasks.merge': z.strictObject(ofSubtask),
  /** What has become of its work: GitHub is asked, or git where it has no pull request. */
  'subtasks.landing': z.strictObject(ofSubtask),
  /** Records a merge that happened elsewhere. `force`: without asking whether it did. */
  'subtasks.markMerged': z.strictObject({ ...ofSubtask, force: z.boolean().optional() }),
  /** Brings a held subtask out once more: pushes what is not pushed, and opens its pull request. */
  'subtasks.retryPullRequest': z.strictObject(ofSubtask),
  'subtasks.changes': z.strictObject(ofSubtask),
  /** Lets git run in its worktree. `path`: the real path that the person was shown. */
  'subtasks.trustLocation': z.strictObject({ ...ofSubtask, path: location.optional() }),
  'subtasks.addDependency': dependency,
  'subtasks.removeDependency': dependency,
  /** `before` null: to the end. */
  'subtasks.reorder': z.strictObject({ ...ofSubtask, before: id.nullable() }),
  'subtasks.edit': addSubtaskInput.omit({ taskId: true }).partial().extend(ofSubtask),
  /** One that nobody has begun. */
  'subtasks.remove': z.strictObject(ofSubtask),
  'subtasks.note': z.strictObject({ ...ofSubtask, text: z.string().min(1).max(1_000_000) }),
} as const;

/** What each operation resolves with. */
export interface TaskResults {
  'projects.add': Project;
  /** Oldest first. */
  'projects.list': readonly ListedProject[];
  'projects.trustLocation': TrustedLocation;
  'projects.addFromGitHub': Project;
  'projects.sync': ProjectSync;
  'projects.freeClone': Project;
  'projects.relocate': Project;
  'projects.changeBase': Project;
  'projects.remove': Project;
  'tasks.create': Task;
  /** Newest first. */
  'tasks.list': readonly Task[];
  'tasks.get': TaskDetails;
  'tasks.retryPlanning': Task;
  'tasks.stopPlanning': Task;
  'tasks.sync': readonly TaskSync[];
  'tasks.setAutoStart': Task;
  'tasks.delete': TaskDeletion;
  'subtasks.add': Subtask;
  /** In their order. */
  'subtasks.list': readonly ListedSubtask[];
  'subtasks.get': SubtaskDetails;
  'subtasks.start': Subtask;
  'subtasks.retry': Subtask;
  'subtasks.retrySetup': Subtask;
  'subtasks.stop': Subtask;
  'subtasks.merge': MergeOutcome;
  'subtasks.landing': SubtaskLanding;
  'subtasks.markMerged': MergeOutcome;
  'subtasks.retryPullRequest': Subtask;
  'subtasks.changes': SubtaskChanges;
  'subtasks.trustLocation': TrustedLocation;
  'subtasks.addDependency': SubtaskDetails;
  'subtasks.removeDependency': SubtaskDetails;
  'subtasks.reorder': readonly Subtask[];
  'subtasks.edit': Subtask;
  /** As it was. */
  'subtasks.remove': Subtask;
  'subtasks.note': SubtaskNote;
}

/** `isElsewhere`: its clone is recorded elsewhere. Git does not run there before a person trusts the location. */
export interface ListedProject extends Project {
  readonly isElsewhere: boolean;
}

/** `isElsewhere`: its worktree is recorded elsewhere. */
export interface ListedSubtask extends Subtask {
  readonly isElsewhere: boolean;
}

/** A location that a person has trusted. */
export interface TrustedLocation {
  /** Without links. */
  readonly path: string;
  /** False where it was known before. */
  readonly isNew: boolean;
}

/**
 * Who makes agents work on the tasks of a folder: nobody, this window, another one, or nobody before the person allows
 * agents that ask for nothing.
 */
export type LeaderState = 'off' | 'leading' | 'following' | 'forbidden';

export interface TaskDetails {
  readonly task: Task;
  /** In their order. */
  readonly subtasks: readonly Subtask[];
  /** Which subtask waits for which. */
  readonly dependencies: readonly { readonly upstream: string; readonly downstream: string }[];
  /** Of its planner, newest first. */
  readonly attempts: readonly AgentRun[];
}

export interface SubtaskDetails {
  readonly subtask: Subtask;
  /** Ids of those it waits for. */
  readonly dependsOn: readonly string[];
  /** Ids of those that wait for it. */
  readonly dependents: readonly string[];
  /** Oldest first. */
  readonly notes: readonly SubtaskNote[];
  /** Of its worker, newest first. */
  readonly attempts: readonly AgentRun[];
}

/** What a look into Beads brought, for one task. Ids are those of subtasks. */
export interface TaskSync extends SyncReport {
  readonly taskId: string;
}

/**
 * What has become of the work on a subtask. `none`: it has no pull request, and its base branch lacks its commits. `url`
 * is that of its pull request; `sha` is where the base branch stood then, where that is known.
 */
export type SubtaskLanding =
  | { readonly kind: 'none' }
  | { readonly kind: 'open' | 'closed'; readonly url: string; readonly head: string }
  | { readonly kind: 'merged'; readonly url: string | null; readonly sha: string | null; readonly head: string | null };

/** What a synchronised project has now. */
export interface ProjectSync {
  /** The commit that work begins at from now on. */
  readonly baseSha: string;
  /** Subtasks that were found merged on GitHub. */
  readonly merged: readonly Subtask[];
  /** The default branch that the remote names, where it is another than the base branch; null where it is that one. */
  readonly otherDefault: string | null;
}

/** What deleting a task left behind. */
export interface TaskDeletion {
  readonly taskId: string;
  /** Branches that stay, for they hold work that is not merged. */
  readonly branches: readonly string[];
  /** Refs that keep what was not committed in a worktree. */
  readonly snapshots: readonly string[];
  /** Worktrees that could not be removed, and why. */
  readonly left: readonly { readonly path: string; readonly problem: string }[];
}

/** What the work on a subtask has changed. */
export interface SubtaskChanges {
  /** The repository, absolute. */
  readonly clonePath: string;
  readonly branch: string;
  /** The commit it is compared with. */
  readonly baseSha: string;
  /** The worktree as it is now is what is compared, committed or not; null: the head of the branch is. */
  readonly worktree: string | null;
  readonly headSha: string;
  readonly files: readonly FileChange[];
  /** Oldest first. */
  readonly commits: readonly { readonly sha: string; readonly subject: string }[];
  /** Hooks that `git merge` would run there and a merge of ours does not; none where it is merged on GitHub. */
  readonly skippedHooks: readonly string[];
}

/** Paths are relative to the repository, with slashes. */
export interface FileChange {
  /** Null for a file that is new. */
  readonly before: string | null;
  /** Null for a file that is gone. */
  readonly after: string | null;
}

/** What removing a project with its tasks means. */
export interface ProjectContents {
  readonly tasks: readonly { readonly id: string; readonly title: string }[];
  readonly subtasks: number;
  /** Agents that would end. */
  readonly agents: number;
  /** That would go, each after a snapshot. */
  readonly worktrees: readonly string[];
  /** With work that is not merged; they stay. */
  readonly branches: readonly string[];
}
