/** Allowed changes of the status of tasks, subtasks and agent runs (`docs/design/tasks.md#states`). */

export const TASK_STATUSES = ['PLANNING', 'PLANNING_FAILED', 'ACTIVE', 'DONE'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const SUBTASK_STATUSES = ['PENDING', 'READY', 'BLOCKED', 'IN_PROGRESS', 'COMPLETED', 'MERGED'] as const;
export type SubtaskStatus = (typeof SUBTASK_STATUSES)[number];

/** Why a subtask is blocked: an unmerged dependency, or its agent's failure. */
export const BLOCKED_REASONS = ['DEPENDENCY', 'FAILURE'] as const;
export type BlockedReason = (typeof BLOCKED_REASONS)[number];

export const AGENT_RUN_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type AgentRunStatus = (typeof AGENT_RUN_STATUSES)[number];

export const NEXT_TASK_STATUSES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  PLANNING: ['ACTIVE', 'PLANNING_FAILED'],
  PLANNING_FAILED: ['PLANNING'],
  ACTIVE: ['DONE', 'PLANNING'],
  DONE: [],
};

/** A subtask's status and, if blocked, the reason: the state machine uses both (D32). */
export type SubtaskState = Exclude<SubtaskStatus, 'BLOCKED'> | `BLOCKED_${BlockedReason}`;

export const SUBTASK_STATES: readonly SubtaskState[] = [
  'PENDING',
  'READY',
  'BLOCKED_DEPENDENCY',
  'BLOCKED_FAILURE',
  'IN_PROGRESS',
  'COMPLETED',
  'MERGED',
];

/**
 * `READY` changes to `BLOCKED_DEPENDENCY` when a dependency that is not merged is added, and back when the last one is
 * merged or removed. Both change to `PENDING` when the plan is revised. `COMPLETED` changes to `IN_PROGRESS` when its branch moved after the proof.
 */
export const NEXT_SUBTASK_STATES: Readonly<Record<SubtaskState, readonly SubtaskState[]>> = {
  PENDING: ['READY', 'BLOCKED_DEPENDENCY'],
  READY: ['IN_PROGRESS', 'BLOCKED_DEPENDENCY', 'PENDING'],
  BLOCKED_DEPENDENCY: ['READY', 'PENDING'],
  BLOCKED_FAILURE: ['IN_PROGRESS'],
  IN_PROGRESS: ['COMPLETED', 'BLOCKED_FAILURE'],
  COMPLETED: ['MERGED', 'IN_PROGRESS'],
  MERGED: [],
};

/** An ended agent run keeps its status. */
export const NEXT_AGENT_RUN_STATUSES: Readonly<Record<AgentRunStatus, readonly AgentRunStatus[]>> = {
  RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

export function taskMayBecome(from: TaskStatus, to: TaskStatus): boolean {
  return NEXT_TASK_STATUSES[from].includes(to);
}

export function subtaskMayBecome(from: SubtaskState, to: SubtaskState): boolean {
  return NEXT_SUBTASK_STATES[from].includes(to);
}

/** The state of a status and a reason; undefined for a reason without `BLOCKED`, and for `BLOCKED` without one. */
export function subtaskState(status: SubtaskStatus, reason: BlockedReason | null): SubtaskState | undefined {
  if (status === 'BLOCKED') return reason === null ? undefined : `BLOCKED_${reason}`;
  return reason === null ? status : undefined;
}

/** The columns of a state. */
export function statusOf(state: SubtaskState): {
  readonly status: SubtaskStatus;
  readonly reason: BlockedReason | null;
} {
  switch (state) {
    case 'BLOCKED_DEPENDENCY':
      return { status: 'BLOCKED', reason: 'DEPENDENCY' };
    case 'BLOCKED_FAILURE':
      return { status: 'BLOCKED', reason: 'FAILURE' };
    case 'PENDING':
    case 'READY':
    case 'IN_PROGRESS':
    case 'COMPLETED':
    case 'MERGED':
      return { status: state, reason: null };
  }
}
