/** Projects, tasks, subtasks and the attempts of their agents (`docs/design/tasks.md#rows`). */
import * as z from 'zod';
import { refName, sha, type RefName, type Sha } from '../../text/gitNames';
import type { AgentRunId, DispatchId, ProjectId, RunId, SubtaskId, TaskId } from '../../ids';
import { nonBlank, plainText } from '../../input';
import type { AgentRunStatus, BlockedReason, SubtaskStatus, TaskStatus } from './machine';

export const AGENT_TYPES = ['PLANNER', 'WORKER'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/**
 * The stage of a subtask in progress, from which work resumes after a crash. `prepare` creates the worktree, `agent`
 * runs agents, `verify` checks their work, `push` and `pr` publish it.
 */
export const STAGES = ['prepare', 'agent', 'verify', 'push', 'pr'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Where checks ran. `clean tree`: a checkout of our own, after the set-up command. `agent tree`: the agent's working
 * tree, shown to be exactly the commit, with or without files that the commit ignores.
 */
export const PROOF_LOCATIONS = ['clean tree', 'agent tree', 'agent tree with ignored files'] as const;
export type ProofLocation = (typeof PROOF_LOCATIONS)[number];

/** The result of a proof: exactly this commit is pushed, proposed and merged. */
export interface Proof {
  readonly commit: Sha;
  readonly where: ProofLocation;
  /** Files changed by the commit that decide what its checks do: their scripts and configuration. */
  readonly decidingFiles: readonly string[];
}

/** Where the repository of a project is hosted, if it is. */
export interface Remote {
  /** Of the cloned repository: the fork, if there is one. */
  readonly owner: string;
  readonly repo: string;
  /** The repository that was forked because we have no push access. */
  readonly upstream: { readonly owner: string; readonly repo: string } | null;
}

export interface Project {
  readonly id: ProjectId;
  readonly name: string;
  readonly remote: Remote | null;
  /** The branch that work lands on. */
  readonly defaultBranch: RefName;
  /** Absolute. */
  readonly clonePath: string;
  /** Intercore created the clone, so it may remove it. */
  readonly isOurs: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Task {
  readonly id: TaskId;
  readonly projectId: ProjectId;
  /** The run whose gates guard it (`docs/design/tasks.md#a-task-and-its-run`). */
  readonly runId: RunId;
  readonly title: string;
  readonly description: string;
  readonly status: TaskStatus;
  /** Why planning failed; null in every other status. */
  readonly planningError: string | null;
  /** A worker starts automatically when the last dependency of its subtask is merged. */
  readonly autoStart: boolean;
  readonly plannedAt: number | null;
  /** The first attempt of this round of planning. */
  readonly firstAttempt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Subtask {
  readonly id: SubtaskId;
  readonly taskId: TaskId;
  /** 1, 2, 3 … in the order of creation, forever. */
  readonly number: number;
  readonly title: string;
  readonly spec: string;
  readonly implementationPlan: string;
  readonly acceptanceCriteria: string;
  readonly status: SubtaskStatus;
  readonly blockedReason: BlockedReason | null;
  readonly branchName: RefName | null;
  /** Absolute; null while there is none. */
  readonly worktreePath: string | null;
  /** The commit the branch started at. */
  readonly baseSha: Sha | null;
  /** Of a subtask in progress. */
  readonly stage: Stage | null;
  /** The first attempt after the last start or retry: earlier ones do not count toward the limit. */
  readonly firstAttempt: number;
  readonly prUrl: string | null;
  readonly prNumber: number | null;
  /** Order among the subtasks of the task. */
  readonly position: number;
  readonly lastError: string | null;
  readonly failedAt: number | null;
  /** When the agent reported that it is done, in the tracker. A claim, which is checked. */
  readonly closedAt: number | null;
  readonly closeReason: string | null;
  readonly mergedAt: number | null;
  /** The last proven commit; null before that, and once the work continues. */
  readonly provenSha: Sha | null;
  readonly provenAt: number | null;
  readonly provenWhere: ProofLocation | null;
  readonly decidingFiles: readonly string[];
  /** The commit that our merge moves the base branch to, recorded before the branch moves. */
  readonly mergeSha: Sha | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface SubtaskDependency {
  /** The subtask that waits. */
  readonly subtaskId: SubtaskId;
  /** The subtask that must be merged first. */
  readonly dependsOnId: SubtaskId;
}

/** A note of an agent or a person on a subtask. */
export interface SubtaskNote {
  readonly id: number;
  readonly subtaskId: SubtaskId;
  readonly author: string;
  readonly text: string;
  readonly createdAt: number;
}

/** One change of state of a task, or of a subtask of it. */
export interface TaskEvent {
  readonly id: number;
  readonly taskId: TaskId;
  readonly subtaskId: SubtaskId | null;
  /** Empty for its creation. */
  readonly from: string;
  readonly to: string;
  readonly reason: string | null;
  readonly createdAt: number;
}

/** One attempt of a planner or a worker. Its process, log, prompt and tokens are its dispatch's. */
export interface AgentRun {
  readonly id: AgentRunId;
  readonly taskId: TaskId;
  /** Null for a planner. */
  readonly subtaskId: SubtaskId | null;
  readonly agentType: AgentType;
  /** 1, 2, 3 … for this planner or worker, never reused. */
  readonly attempt: number;
  readonly status: AgentRunStatus;
  readonly dispatchId: DispatchId | null;
  readonly errorMessage: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export const MAX_TITLE_LENGTH = 200;
const MAX_TEXT_LENGTH = 1_000_000;

const title = nonBlank.max(MAX_TITLE_LENGTH).transform((text) => text.trim());
const longText = plainText.max(MAX_TEXT_LENGTH);
const remoteName = z.strictObject({ owner: nonBlank.max(100), repo: nonBlank.max(100) });

export const addProjectInput = z.strictObject({
  name: nonBlank.max(200),
  clonePath: nonBlank.max(4096),
  defaultBranch: refName,
  isOurs: z.boolean().optional(),
  /** The commit of the base branch; it identifies the repository before work starts. */
  baseCommit: sha.optional(),
  remote: remoteName.extend({ upstream: remoteName.nullable().optional() }).nullable().optional(),
});
export type AddProjectInput = z.input<typeof addProjectInput>;

export const createTaskInput = z.strictObject({
  projectId: nonBlank,
  title,
  description: nonBlank.max(MAX_TEXT_LENGTH).transform((text) => text.trim()),
  autoStart: z.boolean().optional(),
  tokenBudget: z.int().positive().optional(),
});
export type CreateTaskInput = z.input<typeof createTaskInput>;

export const addSubtaskInput = z.strictObject({
  taskId: nonBlank,
  title,
  spec: longText.optional(),
  implementationPlan: longText.optional(),
  acceptanceCriteria: longText.optional(),
});
export type AddSubtaskInput = z.input<typeof addSubtaskInput>;
