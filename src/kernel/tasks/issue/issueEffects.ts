/** The effect of an issue's status in an external tracker on its subtask (`docs/design/beads.md`). */
import type { Reader } from '../../unit';
import { subtaskState, type SubtaskState } from '../record/machine';
import type { Subtask } from '../record/model';
import { selectSubtasksAmong } from '../record/subtaskStore';
import { endedIssues, type IssueStatus } from './tracked';

/**
 * The effect of an issue's status on its subtask. `follow`: text and dependencies are adopted. `claim`: the agent
 * reports that it is done. `outside`: it was closed although no agent works on it here, which is reported and changes
 * nothing. `orphan`: it is gone; the subtask is kept, unless the plan is still being written. `none`: the record takes
 * precedence.
 */
export type SyncEffect = 'follow' | 'claim' | 'outside' | 'orphan' | 'none';

type Effects = Readonly<Record<SubtaskState, SyncEffect>>;

const OPEN: Effects = {
  PENDING: 'follow',
  READY: 'follow',
  BLOCKED_DEPENDENCY: 'follow',
  BLOCKED_FAILURE: 'follow',
  IN_PROGRESS: 'none',
  COMPLETED: 'none',
  MERGED: 'none',
};
const IGNORED: Effects = {
  PENDING: 'none',
  READY: 'none',
  BLOCKED_DEPENDENCY: 'none',
  BLOCKED_FAILURE: 'none',
  IN_PROGRESS: 'none',
  COMPLETED: 'none',
  MERGED: 'none',
};

export const SYNC_EFFECTS: Readonly<Record<IssueStatus, Effects>> = {
  open: OPEN,
  in_progress: OPEN,
  blocked: OPEN,
  deferred: OPEN,
  hooked: OPEN,
  pinned: IGNORED,
  closed: {
    ...IGNORED,
    PENDING: 'outside',
    READY: 'outside',
    BLOCKED_DEPENDENCY: 'outside',
    BLOCKED_FAILURE: 'outside',
    IN_PROGRESS: 'claim',
  },
  missing: {
    ...IGNORED,
    PENDING: 'orphan',
    READY: 'orphan',
    BLOCKED_DEPENDENCY: 'orphan',
    BLOCKED_FAILURE: 'orphan',
  },
};

/** An issue that was closed or deleted before its subtask was started: a person decides about the subtask. */
export interface LeftIssue {
  readonly issueId: string;
  readonly subtask: Subtask;
  readonly how: 'closed' | 'deleted';
}

/** Of one task, in the order in which the issues were recorded. */
export function leftIssues(r: Reader, taskId: string): LeftIssue[] {
  const ended = endedIssues(r, taskId);
  const { sound } = selectSubtasksAmong(
    r,
    ended.map(({ subtaskId }) => subtaskId),
  );
  const subtasks = new Map(sound.map((subtask) => [subtask.id, subtask]));
  return ended.flatMap(({ issueId, subtaskId, status }): LeftIssue[] => {
    const subtask = subtasks.get(subtaskId);
    const how = subtask && leftHow(status, subtask);
    return subtask === undefined || how === undefined ? [] : [{ issueId, subtask, how }];
  });
}

/**
 * What happened to the issue of a subtask that was not started; undefined where it is open or the record takes
 * precedence.
 */
export function leftHow(status: IssueStatus, { status: of, blockedReason }: Subtask): LeftIssue['how'] | undefined {
  const state = subtaskState(of, blockedReason);
  const effect = state === undefined ? 'none' : SYNC_EFFECTS[status][state];
  if (effect === 'outside') return 'closed';
  return effect === 'orphan' ? 'deleted' : undefined;
}
