/** Projects, tasks, subtasks and the attempts of their agents (`docs/design/tasks.md#rows`). */
import * as z from 'zod';
import { column, defineTable, unread, type RowOf } from '../../db/defineTable';
import { refName, sha, type Sha } from '../../text/gitNames';
import { NARROWEST_POLICY, PERMISSION_POLICIES } from '../../dispatch/permissionPolicy';
import { agentRunId, dispatchId, projectId, runId, subtaskId, taskId } from '../../ids';
import { nonBlank, plainText } from '../../input';
import { ownerName, repositoryName } from '../../text/repositoryUrl';
import { storableReason } from './reasons';
import { AGENT_RUN_STATUSES, BLOCKED_REASONS, SUBTASK_STATUSES, TASK_STATUSES } from './machine';

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

/** A JSON list of paths. */
const fileList = z.preprocess(readJson, z.array(z.string().max(4096)).max(10_000));

function readJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

const storedFiles = z
  .string()
  .nullable()
  .transform((stored, context): readonly string[] => {
    const parsed = fileList.safeParse(stored ?? '[]');
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'it is not a list of files' });
    return z.NEVER;
  });
const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);
const text = z.string().nullable();
const seconds = z.int().nullable();
const times = { createdAt: column('created_at', z.int()), updatedAt: column('updated_at', z.int()) };

function named(owner: string | null, repo: string | null): { owner: string; repo: string } | null {
  return owner === null || repo === null ? null : { owner, repo };
}

export const PROJECTS = defineTable(
  'projects',
  {
    id: column('id', projectId),
    name: column('name', z.string()),
    /** Of the cloned repository: the fork, if there is one. */
    owner: column('github_owner', ownerName.nullable()),
    repo: column('github_repo', repositoryName.nullable()),
    /** Of the repository that was forked because we have no push access. */
    upstreamOwner: column('upstream_owner', ownerName.nullable()),
    upstreamRepo: column('upstream_repo', repositoryName.nullable()),
    /** The branch that work lands on. */
    defaultBranch: column('default_branch', refName),
    /** Absolute. */
    clonePath: column('clone_path', z.string()),
    /** Intercore created the clone, so it may remove it. */
    isOurs: column('is_ours', flag, Number),
    /** The commit of the base branch when the project was added; null if it was not recorded. */
    baseCommit: unread(column('base_commit', sha.nullable())),
    ...times,
  },
  'id',
  ({ owner, repo, upstreamOwner, upstreamRepo, ...row }) => ({
    ...row,
    /** Where the repository is hosted, if it is. */
    remote: owner === null || repo === null ? null : { owner, repo, upstream: named(upstreamOwner, upstreamRepo) },
  }),
);
export type Project = RowOf<typeof PROJECTS>;
export type Remote = NonNullable<Project['remote']>;

export const TASKS = defineTable('tasks', {
  id: column('id', taskId),
  projectId: column('project_id', projectId),
  /** The run whose gates guard it (`docs/design/tasks.md#a-task-and-its-run`). */
  runId: column('run_id', runId),
  title: column('title', z.string()),
  description: column('description', z.string()),
  status: column('status', z.enum(TASK_STATUSES)),
  /** Why planning failed; null in every other status. */
  planningError: column('planning_error', text),
  /** A worker starts automatically when the last dependency of its subtask is merged. */
  autoStart: column('auto_start', flag, Number),
  plannedAt: column('planned_at', seconds),
  /** The first attempt of this round of planning. */
  firstAttempt: column('first_attempt', z.int()),
  /** The permission policy of its agents in sessions, which only narrows that of the machine; null for none. */
  permissions: column('permissions', z.enum(PERMISSION_POLICIES).nullable().catch(NARROWEST_POLICY)),
  /** The kind of its next planners, chosen by a person; null for that of the settings. */
  plannerKind: column('planner_kind', text, storableReason),
  ...times,
});
export type Task = RowOf<typeof TASKS>;

export const SUBTASKS = defineTable('subtasks', {
  id: column('id', subtaskId),
  taskId: column('task_id', taskId),
  /** 1, 2, 3 … in the order of creation, forever. */
  number: column('number', z.int()),
  title: column('title', z.string(), storableReason),
  spec: column('spec', z.string(), storableReason),
  implementationPlan: column('implementation_plan', z.string(), storableReason),
  acceptanceCriteria: column('acceptance_criteria', z.string(), storableReason),
  status: column('status', z.enum(SUBTASK_STATUSES)),
  blockedReason: column('blocked_reason', z.enum(BLOCKED_REASONS).nullable()),
  branchName: column('branch_name', refName.nullable(), storableReason),
  /** Absolute; null while there is none. */
  worktreePath: column('worktree_path', text, storableReason),
  /** The commit the branch started at. */
  baseSha: column('base_sha', sha.nullable()),
  /** Of a subtask in progress. */
  stage: column('stage', z.enum(STAGES).nullable()),
  /** The first attempt after the last start or retry: earlier ones do not count toward the limit. */
  firstAttempt: column('first_attempt', z.int()),
  prUrl: column('pr_url', text, storableReason),
  prNumber: column('pr_number', z.int().nullable()),
  /** Order among the subtasks of the task. */
  position: column('position', z.number()),
  lastError: column('last_error', text, storableReason),
  failedAt: column('failed_at', seconds),
  /** When the agent reported that it is done, in the tracker. A claim, which is checked. */
  closedAt: column('closed_at', seconds),
  closeReason: column('close_reason', text, storableReason),
  mergedAt: column('merged_at', seconds),
  /** The last proven commit; null before that, and once the work continues. */
  provenSha: column('proven_sha', sha.nullable()),
  provenAt: column('proven_at', seconds),
  provenWhere: column('proven_where', z.enum(PROOF_LOCATIONS).nullable()),
  decidingFiles: column('deciding_files', storedFiles, JSON.stringify),
  /** The commit that our merge moves the base branch to, recorded before the branch moves. */
  mergeSha: column('merge_sha', sha.nullable()),
  /** The kind of its next agents, chosen by a person; null for that of the settings. */
  agentKind: column('agent_kind', text, storableReason),
  ...times,
});
export type Subtask = RowOf<typeof SUBTASKS>;

export const SUBTASK_DEPENDENCIES = defineTable(
  'subtask_dependencies',
  {
    /** The subtask that waits. */
    subtaskId: column('subtask_id', subtaskId),
    /** The subtask that must be merged first. */
    dependsOnId: column('depends_on_id', subtaskId),
    createdAt: unread(column('created_at', z.int())),
  },
  'subtaskId',
);
export type SubtaskDependency = RowOf<typeof SUBTASK_DEPENDENCIES>;

/** Notes of agents and people on subtasks. */
export const SUBTASK_NOTES = defineTable('subtask_notes', {
  id: column('id', z.int()),
  subtaskId: column('subtask_id', subtaskId),
  author: column('author', z.string()),
  text: column('text', z.string()),
  createdAt: column('created_at', z.int()),
});
export type SubtaskNote = RowOf<typeof SUBTASK_NOTES>;

/** Changes of state of tasks, and of subtasks of them. */
export const TASK_EVENTS = defineTable('village_events', {
  id: column('id', z.int()),
  taskId: column('task_id', taskId),
  subtaskId: column('subtask_id', subtaskId.nullable()),
  /** Empty for its creation. */
  from: column('from_state', z.string()),
  to: column('to_state', z.string()),
  reason: column('reason', text, storableReason),
  createdAt: column('created_at', z.int()),
});
export type TaskEvent = RowOf<typeof TASK_EVENTS>;

/** Attempts of planners and workers. The process, log, prompt and tokens of an attempt are its dispatch's. */
export const AGENT_RUNS = defineTable('agent_runs', {
  id: column('id', agentRunId),
  taskId: column('task_id', taskId),
  /** Null for a planner. */
  subtaskId: column('subtask_id', subtaskId.nullable()),
  agentType: column('agent_type', z.enum(AGENT_TYPES)),
  /** 1, 2, 3 … for this planner or worker, never reused. */
  attempt: column('attempt', z.int()),
  status: column('status', z.enum(AGENT_RUN_STATUSES)),
  dispatchId: column('dispatch_id', dispatchId.nullable()),
  errorMessage: column('error_message', text),
  startedAt: column('started_at', z.int()),
  endedAt: column('ended_at', seconds),
});
export type AgentRun = RowOf<typeof AGENT_RUNS>;

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
  permissions: z.enum(PERMISSION_POLICIES).optional(),
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
