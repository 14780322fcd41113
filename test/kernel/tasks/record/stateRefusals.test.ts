import assert from 'node:assert/strict';
import type { Unit } from '../../../../src/kernel/unit';
import {
  SUBTASK_STATES,
  TASK_STATUSES,
  taskMayBecome,
  type SubtaskState,
  type TaskStatus,
} from '../../../../src/kernel/tasks/record/machine';
import {
  announceMerge,
  completeSubtask,
  completeWithoutPullRequest,
  enterStage,
  failSubtask,
  mergeSubtask,
  recordPullRequest,
  removeSubtask,
  resumePublishing,
  retrySubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, failPlanning, getTask, retryPlanning, revisePlan } from '../../../../src/kernel/tasks/service';
import {
  stepInto,
  SUBTASK_ACTIONS,
  TASK_ACTIONS,
  SUBTASK_REFUSALS,
  TASK_REFUSALS,
  type SubtaskAction,
  type TaskAction,
} from '../../../../src/kernel/tasks/record/stateRefusals';
import {
  addSubtask,
  addSubtaskDependency,
  closeSubtask,
  editSubtask,
  getSubtask,
  listSubtasks,
} from '../../../../src/kernel/tasks/subtask/subtasks';
import { STATE_SENTENCES } from '../../../../src/kernel/errors/stateSentences';
import { retryPlan, retrySetup, retryWork } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';
import { aTask, build, planned, PROOF } from '../../../support/tasks/taskRecord';

type Step = (u: Unit, id: string) => unknown;

/** Every operation that is one of the table's steps. */
const SUBTASK_STEPS: Readonly<Record<SubtaskAction, readonly Step[]>> = {
  start: [startSubtask],
  retry: [retrySubtask, retryWork],
  setup: [retrySetup],
  stop: [(u, id) => failSubtask(u, id, 'stopped')],
  close: [(u, id) => closeSubtask(u, id, 'done')],
  work: [(u, id) => enterStage(u, id, 'verify'), (u, id) => completeSubtask(u, id, { pullRequest: null })],
  resume: [resumePublishing, completeWithoutPullRequest],
  publish: [(u, id) => recordPullRequest(u, id, { pullRequest: null })],
  merge: [mergeSubtask, (u, id) => announceMerge(u, id, PROOF.commit)],
  edit: [
    (u, id) => editSubtask(u, id, { spec: 'other' }),
    (u, id) => addSubtaskDependency(u, id, otherThan(u, id)),
    removeSubtask,
  ],
};

const TASK_STEPS: Readonly<Record<Exclude<TaskAction, 'finish'>, readonly Step[]>> = {
  plan: [retryPlanning, retryPlan],
  revise: [(u, id) => revisePlan(u, id, 'Use one subtask.')],
  stopPlanning: [(u, id) => failPlanning(u, id, 'stopped')],
  acceptPlan: [(u, id) => acceptPlan(u, id, { path: 'plan.md' })],
  change: [(u, id) => addSubtask(u, { taskId: id, title: 'more' })],
};

const otherThan = (u: Unit, id: string): string =>
  listSubtasks(u, getSubtask(u, id).taskId).find(({ title }) => title === 'Other')?.id ?? assert.fail('no other');

/** A subtask in each state, as its operations bring it there. */
const SUBTASK_IN: Readonly<Record<SubtaskState, (u: Unit) => string>> = {
  PENDING: (u) => {
    const task = aTask(u);
    addSubtask(u, { taskId: task.id, title: 'Other' });
    return addSubtask(u, { taskId: task.id, title: 'Subject' }).id;
  },
  READY: (u) => subject(u),
  BLOCKED_DEPENDENCY: (u) => subject(u, ['Upstream']),
  BLOCKED_FAILURE: (u) => failSubtask(u, startSubtask(u, subject(u)).id, 'stopped').id,
  IN_PROGRESS: (u) => startSubtask(u, subject(u)).id,
  COMPLETED: (u) => completeSubtask(u, startSubtask(u, subject(u)).id, { pullRequest: null }).id,
  MERGED: (u) => build(u, subject(u)).subtask.id,
};

function subject(u: Unit, waits: readonly string[] = []): string {
  const { subtasks } = planned(u, { Other: [], Upstream: [], Subject: waits });
  return subtasks['Subject']?.id ?? assert.fail('no subject');
}

const TASK_IN: Readonly<Record<TaskStatus, (u: Unit) => string>> = {
  PLANNING: (u) => aTask(u).id,
  PLANNING_FAILED: (u) => failPlanning(u, aTask(u).id, 'stopped').id,
  ACTIVE: (u) => planned(u, { Subject: [] }).task.id,
  DONE: (u) => {
    const { task, subtasks } = planned(u, { Subject: [] });
    build(u, subtasks['Subject']?.id ?? '');
    return task.id;
  },
};

describe('a step that the state of a task or subtask refuses', () => {
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  it('is refused with the sentence of the state, for every state and every step of a subtask', () => {
    for (const state of SUBTASK_STATES) {
      const id = kernel.write(SUBTASK_IN[state]);
      for (const action of SUBTASK_ACTIONS) {
        const refusal = SUBTASK_REFUSALS[state][action];
        if (refusal === null) continue;
        for (const step of SUBTASK_STEPS[action]) {
          const facts = refuses(kernel, 'TASK_STATE', (u) => step(u, id));
          assert.equal(facts.refusal, refusal, `${action} of ${state}`);
        }
      }
    }
  });

  it('is refused with the sentence of the state, for every status and every step of a task', () => {
    for (const status of TASK_STATUSES) {
      const id = kernel.write(TASK_IN[status]);
      for (const action of TASK_ACTIONS) {
        const refusal = TASK_REFUSALS[status][action];
        if (refusal === null || action === 'finish') continue;
        for (const step of TASK_STEPS[action]) {
          const facts = refuses(kernel, 'TASK_STATE', (u) => step(u, id));
          assert.equal(facts.refusal, refusal, `${action} of ${status}`);
        }
      }
    }
  });

  it('is refused exactly where the state machine has no such step', () => {
    for (const from of TASK_STATUSES) {
      for (const to of TASK_STATUSES) {
        assert.equal(TASK_REFUSALS[from][stepInto(from, to)] === null, taskMayBecome(from, to), `${from} → ${to}`);
      }
    }
  });

  it('says what has happened already, and what to do', () => {
    const stopped = kernel.write(SUBTASK_IN.BLOCKED_FAILURE);
    assert.throws(() => kernel.write((u) => failSubtask(u, stopped, 'stopped')), {
      message: `Subtask ${stopped} has already failed.`,
      hint: 'Retry it to start it again.',
    });
    const sentences = Object.values(STATE_SENTENCES).map(({ text }) => text);
    assert.equal(new Set(sentences).size, sentences.length);
    for (const text of sentences) {
      assert.match(text, /\{id\}.*\b(?:already|yet|still|only subtask|not failed)\b.*\.$/);
      assert.doesNotMatch(text, /[A-Z]{3}/);
    }
  });

  it('names the end of the run where a task was canceled', () => {
    const ready = kernel.write(SUBTASK_IN.READY);
    const planning = kernel.write(TASK_IN.PLANNING);
    for (const task of [kernel.read((r) => getSubtask(r, ready).taskId), planning]) {
      kernel.write((u) => cancelRun(u, getTask(u, task).runId));
    }
    assert.equal(refuses(kernel, 'TASK_STATE', (u) => startSubtask(u, ready)).refusal, 'subtaskRunCanceled');
    assert.equal(refuses(kernel, 'TASK_STATE', (u) => retryPlanning(u, planning)).refusal, 'taskRunCanceled');
  });
});
