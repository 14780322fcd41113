/** What operations on projects, tasks and subtasks resolve with. */
import type { FormField, OpenRequest } from '../sessions';
import type { SyncReport } from '../../kernel/tasks/issue/issueSync';
import type { AgentRun, Project, Subtask, SubtaskNote, Task } from '../../kernel/tasks/record/model';

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
 * Who makes agents work on the tasks of a folder: none, this window, another one, or none before the person allows
 * agents that ask for nothing.
 */
export type LeaderState = 'off' | 'leading' | 'following' | 'forbidden';

/** `continuesSession`: false where the planner starts again, with the old plan. */
export interface RevisedTask extends Task {
  readonly continuesSession: boolean;
}

export interface TaskDetails {
  readonly task: Task;
  /** In their order. */
  readonly subtasks: readonly Subtask[];
  /** Which subtask waits for which. */
  readonly dependencies: readonly { readonly upstream: string; readonly downstream: string }[];
  /** Of its planner, newest first. */
  readonly attempts: readonly AgentRun[];
  /** Open requests of its running agents, of the planner and of workers. */
  readonly requests: readonly AgentRequest[];
  /** Kinds of its agents that ask for nothing, so that its permission policy does not hold them back. */
  readonly unasked: readonly string[];
}

/** A request of an agent in a session that waits for a person. */
export interface AgentRequest {
  readonly dispatchId: string;
  /** Within the session. */
  readonly number: number;
  readonly kind: OpenRequest['kind'];
  /** The command, the files, or the question. */
  readonly text: string;
  /** Of a question; else empty. */
  readonly fields: readonly FormField[];
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

/** The result of a synchronization with Beads, for one task. Ids are those of subtasks. */
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

/** What a synchronized project has now. */
export interface ProjectSync {
  /** The commit that work starts at from now on. */
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

/** A project that was taken out of the record, as it was. */
export interface RemovedProject extends Project {
  /** Its tasks, where they were deleted with it. */
  readonly deleted: readonly TaskDeletion[];
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
