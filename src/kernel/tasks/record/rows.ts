/** Codecs of the rows of tasks. */
import * as z from 'zod';
import { rowCodec } from '../../db/rows';
import { refName, sha } from '../../text/gitNames';
import { agentRunId, dispatchId, projectId, runId, subtaskId, taskId } from '../../ids';
import { AGENT_RUN_STATUSES, BLOCKED_REASONS, SUBTASK_STATUSES, TASK_STATUSES } from './machine';
import {
  AGENT_TYPES,
  PROOF_LOCATIONS,
  STAGES,
  type AgentRun,
  type Project,
  type Subtask,
  type SubtaskNote,
  type Task,
  type TaskEvent,
} from './model';
import { ownerName, repositoryName } from '../../text/repositoryUrl';

/** A JSON list of paths. */
const fileList = z.preprocess(readJson, z.array(z.string().max(4096)).max(10_000));

function readJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);
const text = z.string().nullable();
const seconds = z.int().nullable();
const files = z
  .string()
  .nullable()
  .transform((stored, context) => {
    const parsed = fileList.safeParse(stored ?? '[]');
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'it is not a list of files' });
    return z.NEVER;
  });
const made = { created_at: z.int(), updated_at: z.int() };

export const projectCodec = rowCodec<Project>(
  'projects',
  z
    .object({
      id: projectId,
      name: z.string(),
      github_owner: ownerName.nullable(),
      github_repo: repositoryName.nullable(),
      upstream_owner: ownerName.nullable(),
      upstream_repo: repositoryName.nullable(),
      default_branch: refName,
      clone_path: z.string(),
      is_ours: flag,
      ...made,
    })
    .transform((row) => ({
      id: row.id,
      name: row.name,
      remote:
        row.github_owner === null || row.github_repo === null
          ? null
          : { owner: row.github_owner, repo: row.github_repo, upstream: named(row.upstream_owner, row.upstream_repo) },
      defaultBranch: row.default_branch,
      clonePath: row.clone_path,
      isOurs: row.is_ours,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    })),
);

function named(owner: string | null, repo: string | null): { owner: string; repo: string } | null {
  return owner === null || repo === null ? null : { owner, repo };
}

export const taskCodec = rowCodec<Task>(
  'tasks',
  z
    .object({
      id: taskId,
      project_id: projectId,
      run_id: runId,
      title: z.string(),
      description: z.string(),
      status: z.enum(TASK_STATUSES),
      planning_error: text,
      auto_start: flag,
      planned_at: seconds,
      first_attempt: z.int(),
      ...made,
    })
    .transform((row) => ({
      id: row.id,
      projectId: row.project_id,
      runId: row.run_id,
      title: row.title,
      description: row.description,
      status: row.status,
      planningError: row.planning_error,
      autoStart: row.auto_start,
      plannedAt: row.planned_at,
      firstAttempt: row.first_attempt,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    })),
);

export const subtaskCodec = rowCodec<Subtask>(
  'subtasks',
  z
    .object({
      id: subtaskId,
      task_id: taskId,
      number: z.int(),
      title: z.string(),
      spec: z.string(),
      implementation_plan: z.string(),
      acceptance_criteria: z.string(),
      status: z.enum(SUBTASK_STATUSES),
      blocked_reason: z.enum(BLOCKED_REASONS).nullable(),
      branch_name: refName.nullable(),
      worktree_path: text,
      base_sha: sha.nullable(),
      stage: z.enum(STAGES).nullable(),
      first_attempt: z.int(),
      pr_url: text,
      pr_number: z.int().nullable(),
      position: z.number(),
      last_error: text,
      failed_at: seconds,
      closed_at: seconds,
      close_reason: text,
      merged_at: seconds,
      proven_sha: sha.nullable(),
      proven_at: seconds,
      proven_where: z.enum(PROOF_LOCATIONS).nullable(),
      deciding_files: files,
      merge_sha: sha.nullable(),
      ...made,
    })
    .transform((row) => ({
      id: row.id,
      taskId: row.task_id,
      number: row.number,
      title: row.title,
      spec: row.spec,
      implementationPlan: row.implementation_plan,
      acceptanceCriteria: row.acceptance_criteria,
      status: row.status,
      blockedReason: row.blocked_reason,
      branchName: row.branch_name,
      worktreePath: row.worktree_path,
      baseSha: row.base_sha,
      stage: row.stage,
      firstAttempt: row.first_attempt,
      prUrl: row.pr_url,
      prNumber: row.pr_number,
      position: row.position,
      lastError: row.last_error,
      failedAt: row.failed_at,
      closedAt: row.closed_at,
      closeReason: row.close_reason,
      mergedAt: row.merged_at,
      provenSha: row.proven_sha,
      provenAt: row.proven_at,
      provenWhere: row.proven_where,
      decidingFiles: row.deciding_files,
      mergeSha: row.merge_sha,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    })),
);

export const noteCodec = rowCodec<SubtaskNote>(
  'subtask_notes',
  z
    .object({ id: z.int(), subtask_id: subtaskId, author: z.string(), text: z.string(), created_at: z.int() })
    .transform((row) => ({
      id: row.id,
      subtaskId: row.subtask_id,
      author: row.author,
      text: row.text,
      createdAt: row.created_at,
    })),
);

export const agentRunCodec = rowCodec<AgentRun>(
  'agent_runs',
  z
    .object({
      id: agentRunId,
      task_id: taskId,
      subtask_id: subtaskId.nullable(),
      agent_type: z.enum(AGENT_TYPES),
      attempt: z.int(),
      status: z.enum(AGENT_RUN_STATUSES),
      dispatch_id: dispatchId.nullable(),
      error_message: text,
      started_at: z.int(),
      ended_at: seconds,
    })
    .transform((row) => ({
      id: row.id,
      taskId: row.task_id,
      subtaskId: row.subtask_id,
      agentType: row.agent_type,
      attempt: row.attempt,
      status: row.status,
      dispatchId: row.dispatch_id,
      errorMessage: row.error_message,
      startedAt: row.started_at,
      endedAt: row.ended_at,
    })),
);

export const eventCodec = rowCodec<TaskEvent>(
  'village_events',
  z
    .object({
      id: z.int(),
      task_id: taskId,
      subtask_id: subtaskId.nullable(),
      from_state: z.string(),
      to_state: z.string(),
      reason: text,
      created_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      taskId: row.task_id,
      subtaskId: row.subtask_id,
      from: row.from_state,
      to: row.to_state,
      reason: row.reason,
      createdAt: row.created_at,
    })),
);
