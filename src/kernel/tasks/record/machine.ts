/** Which status of a task, a subtask and an agent run may follow which (`docs/design/tasks.md#states`). */

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
  ACTIVE: ['DONE'],
  DONE: [],
};

/** A subtask's status and, where it is blocked, the reason: the machine goes by both (D32). */
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
 * `READY` to `BLOCKED_DEPENDENCY` happens where a new dependency that is not merged appears; back again where the last
 * one is merged or taken away. `COMPLETED` to `IN_PROGRESS` happens where its branch moved after the proof.
 */
export const NEXT_SUBTASK_STATES: Readonly<Record<SubtaskState, readonly SubtaskState[]>> = {
  PENDING: ['READY', 'BLOCKED_DEPENDENCY'],
  READY: ['IN_PROGRESS', 'BLOCKED_DEPENDENCY'],
  BLOCKED_DEPENDENCY: ['READY'],
  BLOCKED_FAILURE: ['IN_PROGRESS'],
  IN_PROGRESS: ['COMPLETED', 'BLOCKED_FAILURE'],
  COMPLETED: ['MERGED', 'IN_PROGRESS'],
  MERGED: [],
};

/** A run that has ended keeps its ending. */
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

/** The one state that a status and a reason make; a reason without `BLOCKED`, or none with it, is no state. */
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
