import assert from 'node:assert/strict';
import {
  AGENT_RUN_STATUSES,
  BLOCKED_REASONS,
  NEXT_AGENT_RUN_STATUSES,
  NEXT_SUBTASK_STATES,
  NEXT_TASK_STATUSES,
  SUBTASK_STATES,
  SUBTASK_STATUSES,
  statusOf,
  subtaskMayBecome,
  subtaskState,
  TASK_STATUSES,
  taskMayBecome,
} from '../../../../src/kernel/tasks/record/machine';

describe('the state machines of tasks', () => {
  it('lets a task continue from planning only, and be planned again after it failed or to be revised', () => {
    const allowed = TASK_STATUSES.flatMap((from) =>
      TASK_STATUSES.filter((to) => taskMayBecome(from, to)).map((to) => `${from} → ${to}`),
    );
    assert.deepEqual(allowed, [
      'PLANNING → PLANNING_FAILED',
      'PLANNING → ACTIVE',
      'PLANNING_FAILED → PLANNING',
      'ACTIVE → PLANNING',
      'ACTIVE → DONE',
    ]);
  });

  it('knows every pair of a subtask’s states (D32)', () => {
    const allowed = SUBTASK_STATES.flatMap((from) =>
      SUBTASK_STATES.filter((to) => subtaskMayBecome(from, to)).map((to) => `${from} → ${to}`),
    );
    assert.deepEqual(allowed, [
      'PENDING → READY',
      'PENDING → BLOCKED_DEPENDENCY',
      'READY → PENDING',
      'READY → BLOCKED_DEPENDENCY',
      'READY → IN_PROGRESS',
      'BLOCKED_DEPENDENCY → PENDING',
      'BLOCKED_DEPENDENCY → READY',
      'BLOCKED_FAILURE → IN_PROGRESS',
      'IN_PROGRESS → BLOCKED_FAILURE',
      'IN_PROGRESS → COMPLETED',
      'COMPLETED → IN_PROGRESS',
      'COMPLETED → MERGED',
    ]);
  });

  it('ends in DONE, in MERGED and in whatever an agent run came to', () => {
    assert.deepEqual(NEXT_TASK_STATUSES.DONE, []);
    assert.deepEqual(NEXT_SUBTASK_STATES.MERGED, []);
    const ends = AGENT_RUN_STATUSES.filter((status) => NEXT_AGENT_RUN_STATUSES[status].length === 0);
    assert.deepEqual(ends, ['SUCCEEDED', 'FAILED', 'CANCELLED']);
  });

  it('has a reason for BLOCKED and for nothing else', () => {
    for (const status of SUBTASK_STATUSES) {
      for (const reason of [null, ...BLOCKED_REASONS]) {
        const state = subtaskState(status, reason);
        assert.equal(state !== undefined, (status === 'BLOCKED') === (reason !== null), `${status} ${reason}`);
        if (state !== undefined) assert.deepEqual(statusOf(state), { status, reason });
      }
    }
  });
});
