import type { Subtask } from '../../kernel/tasks/record/model';
import { present, type JsonValue } from './output';

/** A subtask as JSON, without fields that are not set. */
export function subtaskMap(subtask: Subtask): { readonly [key: string]: JsonValue } {
  return {
    id: subtask.id,
    task_id: subtask.taskId,
    number: subtask.number,
    title: subtask.title,
    status: subtask.status,
    created_at: subtask.createdAt,
    updated_at: subtask.updatedAt,
    ...(subtask.decidingFiles.length === 0 ? {} : { deciding_files: [...subtask.decidingFiles] }),
    ...present({
      blocked_reason: subtask.blockedReason,
      branch: subtask.branchName,
      worktree: subtask.worktreePath,
      stage: subtask.stage,
      pr_url: subtask.prUrl,
      pr_number: subtask.prNumber,
      agent_kind: subtask.agentKind,
      last_error: subtask.lastError,
      closed_at: subtask.closedAt,
      merged_at: subtask.mergedAt,
      proven_sha: subtask.provenSha,
      proven_at: subtask.provenAt,
      proven_where: subtask.provenWhere,
    }),
  };
}
