import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { endAgentRun, startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../../src/kernel/tasks/upkeep/invariants';
import type { Subtask } from '../../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  enterStage,
  failSubtask,
  mergeSubtask,
  placeSubtask,
  recordPullRequest,
  removeSubtask,
  reopenSubtask,
  retrySubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { getTask } from '../../../../src/kernel/tasks/service';
import {
  addNote,
  addSubtask,
  addSubtaskDependency,
  closeSubtask,
  editSubtask,
  getSubtask,
  listNotes,
  listSubtasks,
  removeSubtaskDependency,
  reorderSubtask,
} from '../../../../src/kernel/tasks/subtask/subtasks';
import type { Unit } from '../../../../src/kernel/unit';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';
import { build, DIAMOND, planned, workplace, type PlanOutline } from '../../../support/tasks/taskRecord';

describe('subtasks on their way to merged', () => {
  let kernel: TestKernel;
  let ids: Readonly<Record<string, string>>;
  let taskId: string;
  beforeEach(async () => {
    kernel = await openTestKernel();
    plan(DIAMOND);
  });
  afterEach(() => assert.deepEqual(kernel.read(taskRecordProblems), []));

  function plan(outline: PlanOutline): void {
    const { task, subtasks } = kernel.write((u) => planned(u, outline));
    taskId = task.id;
    ids = Object.fromEntries(Object.entries(subtasks).map(([title, { id }]) => [title, id]));
  }
  const idOf = (title: string): string => ids[title] ?? assert.fail(`no subtask ${title}`);
  const states = (): Record<string, string> =>
    Object.fromEntries(
      kernel.read((r) => listSubtasks(r, taskId)).map((one) => [one.title, one.blockedReason ?? one.status]),
    );

  it('frees what waited for a merged subtask only, and ends the task once, with the last (I8)', () => {
    assert.deepEqual(states(), { A: 'READY', B: 'DEPENDENCY', C: 'DEPENDENCY', D: 'DEPENDENCY' });
    const first = kernel.write((u) => build(u, idOf('A')));
    assert.deepEqual(
      first.unblocked.map(({ title }) => title),
      ['B', 'C'],
    );
    assert.deepEqual(kernel.write((u) => build(u, idOf('B'))).unblocked, []);
    assert.deepEqual(states(), { A: 'MERGED', B: 'MERGED', C: 'READY', D: 'DEPENDENCY' });
    assert.deepEqual(
      kernel.write((u) => build(u, idOf('C'))).unblocked.map(({ title }) => title),
      ['D'],
    );
    assert.equal(kernel.write((u) => build(u, idOf('D'))).taskDone, true);
    const task = kernel.read((r) => getTask(r, taskId));
    const run = kernel.read((r) => getRun(r, task.runId));
    assert.deepEqual(
      { taskStatus: task.status, phase: run.phase, runStatus: run.status },
      { taskStatus: 'DONE', phase: 'done', runStatus: 'completed' },
    );
    refuses(kernel, 'TASK_STATE', (u) => mergeSubtask(u, idOf('D')));
  });

  it('is not satisfied by a dependency that is completed and not merged', () => {
    kernel.write((u) => startSubtask(u, idOf('A')));
    kernel.write((u) => completeSubtask(u, idOf('A'), { pullRequest: null }));
    assert.equal(states()['B'], 'DEPENDENCY');
    refuses(kernel, 'TASK_STATE', (u) => startSubtask(u, idOf('B')));
  });

  it('starts once (D31)', () => {
    kernel.write((u) => startSubtask(u, idOf('A')));
    refuses(kernel, 'TASK_STATE', (u) => startSubtask(u, idOf('A')));
    refuses(kernel, 'TASK_STATE', (u) => retrySubtask(u, idOf('A')));
  });

  it('does not start what has failed: that is what a retry is for (D20)', () => {
    kernel.write((u) => startSubtask(u, idOf('A')));
    const attempt = kernel.write((u) => startAgentRun(u, { subtaskId: idOf('A') }));
    kernel.write((u) => endAgentRun(u, attempt.id, { status: 'FAILED' }));
    const failed = kernel.write((u) => failSubtask(u, idOf('A'), 'tests fail'));
    assert.deepEqual(
      { lastError: failed.lastError, failedAt: failed.failedAt, stage: failed.stage },
      { lastError: 'tests fail', failedAt: kernel.clock.now, stage: null },
    );
    refuses(kernel, 'TASK_STATE', (u) => startSubtask(u, idOf('A')));
    const again = kernel.write((u) => retrySubtask(u, idOf('A')));
    assert.deepEqual(
      { status: again.status, lastError: again.lastError, failedAt: again.failedAt },
      { status: 'IN_PROGRESS', lastError: null, failedAt: null },
    );
    assert.deepEqual({ stage: again.stage, firstAttempt: again.firstAttempt }, { stage: 'prepare', firstAttempt: 2 });
    const placed = kernel.write((u) => placeSubtask(u, idOf('A'), workplace('A')));
    assert.deepEqual(
      { stage: placed.stage, worktreePath: placed.worktreePath },
      { stage: 'agent', worktreePath: '/worktrees/A' },
    );
  });

  it('does not free a subtask that failed when its dependency is merged again (D32)', () => {
    plan({ A: [], B: [] });
    kernel.write((u) => startSubtask(u, idOf('B')));
    kernel.write((u) => failSubtask(u, idOf('B'), 'no luck'));
    kernel.exec(`INSERT INTO subtask_dependencies VALUES ('${idOf('B')}', '${idOf('A')}', 0)`);
    assert.deepEqual(kernel.write((u) => build(u, idOf('A'))).unblocked, []);
    assert.equal(states()['B'], 'FAILURE');
  });

  it('keeps a claim apart from the fact: closed is not completed (D34)', () => {
    refuses(kernel, 'TASK_STATE', (u) => closeSubtask(u, idOf('A'), 'done'));
    kernel.write((u) => startSubtask(u, idOf('A')));
    const closed = kernel.write((u) => closeSubtask(u, idOf('A'), 'all done'));
    assert.deepEqual(
      { status: closed.status, closedAt: closed.closedAt, closeReason: closed.closeReason },
      { status: 'IN_PROGRESS', closedAt: kernel.clock.now, closeReason: 'all done' },
    );
    assert.equal(kernel.write((u) => closeSubtask(u, idOf('A'), 'said again')).closeReason, 'all done');
    const reopened = kernel.write((u) => reopenSubtask(u, idOf('A'), 'nothing is committed'));
    assert.deepEqual(
      { closedAt: reopened.closedAt, lastError: reopened.lastError },
      { closedAt: null, lastError: 'nothing is committed' },
    );
  });

  it('can be given a pull request after it was completed without one (D3)', () => {
    kernel.write((u) => startSubtask(u, idOf('A')));
    const done = kernel.write((u) => completeSubtask(u, idOf('A'), { pullRequest: null, problem: 'push refused' }));
    assert.deepEqual(
      { prUrl: done.prUrl, prNumber: done.prNumber, lastError: done.lastError },
      { prUrl: null, prNumber: null, lastError: 'push refused' },
    );
    const pullRequest = { url: 'https://github.com/o/r/pull/7', number: 7 };
    const later = kernel.write((u) => recordPullRequest(u, idOf('A'), { pullRequest }));
    assert.deepEqual(
      { prUrl: later.prUrl, prNumber: later.prNumber, lastError: later.lastError },
      { prUrl: pullRequest.url, prNumber: 7, lastError: null },
    );
    kernel.write((u) => mergeSubtask(u, idOf('A')));
  });

  it('blocks a ready subtask that gets something to wait for, and frees it when that goes', () => {
    plan({ A: [], B: [] });
    kernel.write((u) => addSubtaskDependency(u, idOf('B'), idOf('A')));
    assert.equal(states()['B'], 'DEPENDENCY');
    kernel.write((u) => removeSubtaskDependency(u, idOf('B'), idOf('A')));
    assert.equal(states()['B'], 'READY');
    kernel.write((u) => addSubtaskDependency(u, idOf('B'), idOf('A')));
    kernel.write((u) => removeSubtask(u, idOf('A')));
    assert.deepEqual(states(), { B: 'READY' });
    refuses(kernel, 'TASK_STATE', (u) => removeSubtask(u, idOf('B')));
  });

  it('refuses a circle and shows it (D33)', () => {
    const { problem } = refuses(kernel, 'INVALID_ARGUMENT', (u) => addSubtaskDependency(u, idOf('A'), idOf('D')));
    assert.match(problem.text, /D → A → B → D|D → A → C → D/);
    refuses(kernel, 'INVALID_ARGUMENT', (u) => addSubtaskDependency(u, idOf('A'), idOf('A')));
  });

  it('lets text change until work starts, and keeps notes', () => {
    kernel.write((u) => editSubtask(u, idOf('A'), { title: 'A', spec: 'do it', acceptanceCriteria: 'it is done' }));
    assert.equal(kernel.read((r) => getSubtask(r, idOf('A'))).acceptanceCriteria, 'it is done');
    kernel.write((u) => startSubtask(u, idOf('A')));
    refuses(kernel, 'TASK_STATE', (u) => editSubtask(u, idOf('A'), { spec: 'else' }));
    kernel.write((u) => addNote(u, idOf('A'), { author: 'claude', text: 'stuck' }));
    assert.deepEqual(
      kernel.read((r) => listNotes(r, idOf('A'))).map(({ text }) => text),
      ['stuck'],
    );
  });

  it('keeps the planner’s order and lets a person change it (D17, D22)', () => {
    const titles = (): string[] => kernel.read((r) => listSubtasks(r, taskId)).map(({ title }) => title);
    assert.deepEqual(titles(), ['A', 'B', 'C', 'D']);
    kernel.write((u) => reorderSubtask(u, idOf('D'), idOf('B')));
    assert.deepEqual(titles(), ['A', 'D', 'B', 'C']);
    kernel.write((u) => reorderSubtask(u, idOf('A'), null));
    assert.deepEqual(titles(), ['D', 'B', 'C', 'A']);
    assert.deepEqual(
      kernel.read((r) => listSubtasks(r, taskId)).map(({ position }) => position),
      [1, 2, 3, 4],
    );
  });
});

describe('any sequence of steps', () => {
  const STEPS: readonly ((u: Unit, id: string, other: string) => unknown)[] = [
    (u, id) => startSubtask(u, id),
    (u, id) => retrySubtask(u, id),
    (u, id) => placeSubtask(u, id, workplace(id)),
    (u, id) => enterStage(u, id, 'verify'),
    (u, id) => failSubtask(u, id, 'no luck'),
    (u, id) => closeSubtask(u, id, 'done'),
    (u, id) => reopenSubtask(u, id, 'not done'),
    (u, id) => completeSubtask(u, id, { pullRequest: null }),
    (u, id) => mergeSubtask(u, id),
    (u, id, other) => addSubtaskDependency(u, id, other),
    (u, id, other) => removeSubtaskDependency(u, id, other),
    (u, id) => removeSubtask(u, id),
    (u, id) => build(u, id),
    (u, id) => build(u, id),
    (u, id, other) => reorderSubtask(u, id, other),
    (u, id) => addSubtask(u, { taskId: getSubtask(u, id).taskId, title: 'one more' }),
  ];

  it('keeps the record consistent, and refuses what it refuses with a typed error', async () => {
    const step = fc.record({ act: fc.nat(STEPS.length - 1), one: fc.nat(9), other: fc.nat(9) });
    const kernel = await openTestKernel();
    let round = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        round += 1;
        kernel.exec('DELETE FROM tasks; DELETE FROM projects');
        const { task } = kernel.write((u) => planned(u, DIAMOND));
        for (const { act, one, other } of steps) {
          const subtasks: readonly Subtask[] = kernel.read((r) => listSubtasks(r, task.id));
          const pick = (index: number): string => subtasks[index % subtasks.length]?.id ?? 'unknown';
          try {
            kernel.write((u) => void STEPS[act]?.(u, pick(one), pick(other)));
          } catch (error) {
            assert.ok(error instanceof KernelError && error.code !== 'SQL_FAILED', String(error));
          }
          assert.deepEqual(kernel.read(taskRecordProblems), []);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(round >= 60);
  });
});
