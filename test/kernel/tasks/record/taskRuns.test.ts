import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { checkGate } from '../../../../src/kernel/gate/service';
import type { GateTier } from '../../../../src/kernel/gate/model';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { skipPhase } from '../../../../src/kernel/run/skip';
import { rollbackRun } from '../../../../src/kernel/run/rollback';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { overrideGate } from '../../../../src/kernel/run/override';
import { createRun, setRun } from '../../../../src/kernel/run/record/runs';
import type { Unit } from '../../../../src/kernel/unit';
import { startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../../src/kernel/tasks/upkeep/invariants';
import { repairTasks } from '../../../../src/kernel/tasks/upkeep/repair';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  mergeSubtask,
  retrySubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, failPlanning, getTask, retryPlanning } from '../../../../src/kernel/tasks/service';
import { addSubtask, getSubtask, listSubtasks } from '../../../../src/kernel/tasks/subtask/subtasks';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';
import { aTask, build, DIAMOND, planned } from '../../../support/tasks/taskRecord';

const TIERS: readonly GateTier[] = ['hard', 'soft', 'none'];

describe('the run of a task', () => {
  let kernel: TestKernel;
  let task: Task;
  let idOf: (title: string) => string;

  beforeEach(async () => {
    kernel = await openTestKernel();
    const made = kernel.write((u) => planned(u, DIAMOND));
    task = made.task;
    idOf = (title) => made.subtasks[title]?.id ?? assert.fail(title);
  });
  afterEach(() => assert.deepEqual(kernel.read(taskRecordProblems), []));

  const conditions = (id: string) => kernel.read((r) => checkGate(r, id, { tier: 'hard' })).conditions;
  const phase = (): string => kernel.read((r) => getRun(r, task.runId)).phase;

  it('does not leave executing before every subtask is merged, and its gate names those that are not', () => {
    kernel.write((u) => build(u, idOf('A')));
    const found = conditions(task.runId).find(({ check }) => check === 'subtasks_merged');
    assert.deepEqual({ result: found?.result, count: found?.count }, { result: 'fail', count: 3 });
    assert.match(found?.detail ?? '', /3 subtasks not merged: 2\. B \(READY\), 3\. C \(READY\), 4\. D \(BLOCKED\)/);
    assert.equal(kernel.write((u) => advanceRun(u, task.runId, { tier: 'hard' })).eventType, 'block');
    assert.equal(phase(), 'executing');
  });

  it('does not leave planned before a plan is accepted', () => {
    const { runId } = kernel.write((u) => aTask(u, 'Another'));
    const found = conditions(runId).find(({ check }) => check === 'plan_accepted');
    assert.deepEqual(
      { result: found?.result, detail: found?.detail },
      { result: 'fail', detail: 'its task is PLANNING: no plan is accepted' },
    );
  });

  it('goes past its task in no way: not by a soft gate, without one, over it, back or by a skip', () => {
    const { runId, id } = task;
    const facts = { runId, taskId: id, status: 'ACTIVE', phase: 'review' };
    assert.deepEqual(
      refuses(kernel, 'TASK_OWNS_RUN', (u) => advanceRun(u, runId, { tier: 'soft' })),
      facts,
    );
    refuses(kernel, 'TASK_OWNS_RUN', (u) => advanceRun(u, runId, { tier: 'none' }));
    refuses(kernel, 'TASK_OWNS_RUN', (u) => overrideGate(u, runId, { reason: 'I want to' }));
    refuses(kernel, 'TASK_OWNS_RUN', (u) => rollbackRun(u, runId, { toPhase: 'planned' }));
    const waiting = kernel.write((u) => aTask(u, 'Another'));
    refuses(kernel, 'PHASE_NOT_SKIPPABLE', (u) =>
      skipPhase(u, waiting.runId, { phase: 'executing', reason: 'in a hurry' }),
    );
    assert.equal(phase(), 'executing');
  });

  it('is not asked about subtasks where no task owns it', () => {
    const phases = ['planned', 'executing', 'review', 'done'];
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'by hand', phases }));
    assert.deepEqual(
      conditions(run.id).map(({ check }) => check),
      ['artifact_exists'],
    );
    kernel.write((u) => overrideGate(u, run.id, { reason: 'no plan needed' }));
    kernel.write((u) => rollbackRun(u, run.id, { toPhase: 'planned' }));
  });

  it('moves with its task also where it does not advance automatically', () => {
    const waiting = kernel.write((u) => aTask(u, 'Another'));
    kernel.write((u) => setRun(u, waiting.runId, { autoAdvance: false }));
    kernel.write((u) => addSubtask(u, { taskId: waiting.id, title: 'only' }));
    kernel.write((u) => acceptPlan(u, waiting.id, { path: 'plan.md' }));
    const [only] = kernel.read((r) => listSubtasks(r, waiting.id));
    kernel.write((u) => build(u, only?.id ?? ''));
    assert.equal(kernel.read((r) => getRun(r, waiting.runId)).status, 'completed');
  });

  it('ends planning when it is cancelled, and refuses to plan again', () => {
    const { id, runId } = kernel.write((u) => aTask(u, 'Another'));
    kernel.write((u) => cancelRun(u, runId));
    const { status, planningError } = kernel.read((r) => getTask(r, id));
    assert.deepEqual({ status, planningError }, { status: 'PLANNING_FAILED', planningError: 'run cancelled' });
    assert.match(refuses(kernel, 'TASK_STATE', (u) => retryPlanning(u, id)).state, /cancelled/);
  });

  it('ends work when it is cancelled, and lets what is completed be merged', () => {
    const { id } = kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'E' }));
    kernel.write((u) => {
      startSubtask(u, id);
      completeSubtask(u, id, { pullRequest: null });
      startSubtask(u, idOf('A'));
    });
    kernel.write((u) => cancelRun(u, task.runId));
    const stopped = kernel.read((r) => getSubtask(r, idOf('A')));
    assert.deepEqual(
      { status: stopped.status, blockedReason: stopped.blockedReason, lastError: stopped.lastError },
      { status: 'BLOCKED', blockedReason: 'FAILURE', lastError: 'run cancelled' },
    );
    refuses(kernel, 'TASK_STATE', (u) => retrySubtask(u, idOf('A')));
    kernel.write((u) => mergeSubtask(u, id));
  });

  it('is set right where another program moved rows: waiting, attempts and the end of a task', () => {
    kernel.write((u) => {
      startSubtask(u, idOf('A'));
      startAgentRun(u, { subtaskId: idOf('A') });
    });
    kernel.exec(`INSERT INTO agent_runs (id, task_id, subtask_id, agent_type, attempt, status, started_at)
      SELECT 'twice', task_id, subtask_id, agent_type, 2, 'RUNNING', 0 FROM agent_runs;
      UPDATE subtasks SET status = 'READY', blocked_reason = NULL WHERE title = 'D';
      UPDATE runs SET status = 'cancelled'`);
    assert.equal(kernel.read(taskRecordProblems).length, 3);
    const repaired = kernel.write(repairTasks);
    assert.deepEqual(repaired, [
      `ended attempt 1 at ${idOf('A')}`,
      `${idOf('D')} waits for what it depends on`,
      `ended the work of ${task.id}, whose run is cancelled`,
    ]);
  });

  it('never stands elsewhere than its task, whatever is done to both', () => {
    const steps: readonly ((u: Unit, one: Task, tier: GateTier) => unknown)[] = [
      (u, { runId }, tier) => advanceRun(u, runId, { tier }),
      (u, { runId }, tier) => advanceRun(u, runId, { tier, skipReason: 'by hand' }),
      (u, { runId }) => overrideGate(u, runId, { reason: 'by hand', applySkips: true }),
      (u, { runId }) => rollbackRun(u, runId, { toPhase: 'planned' }),
      (u, { runId }) => rollbackRun(u, runId, { toPhase: 'executing' }),
      (u, { runId }) => skipPhase(u, runId, { phase: 'review', reason: 'no review needed' }),
      (u, { runId }) => skipPhase(u, runId, { phase: 'executing', reason: 'by hand' }),
      (u, { runId }) => cancelRun(u, runId),
      (u, { id }) => addSubtask(u, { taskId: id, title: 'one more' }),
      (u, { id }) => acceptPlan(u, id, { path: 'plan.md' }),
      (u, { id }) => failPlanning(u, id, 'stopped'),
      (u, { id }) => retryPlanning(u, id),
      (u, { id }) => listSubtasks(u, id).forEach((subtask) => build(u, subtask.id)),
      (u, { id }) => listSubtasks(u, id).forEach((subtask) => startSubtask(u, subtask.id)),
    ];
    const step = fc.record({ act: fc.nat(steps.length - 1), tier: fc.constantFrom(...TIERS) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (sequence) => {
        const subject = kernel.write((u) => aTask(u));
        for (const { act, tier } of sequence) {
          try {
            kernel.write((u) => void steps[act]?.(u, subject, tier));
          } catch (error) {
            assert.ok(error instanceof KernelError && error.code !== 'SQL_FAILED', String(error));
          }
          assert.deepEqual(kernel.read(taskRecordProblems), []);
        }
        kernel.exec(`DELETE FROM tasks WHERE id = '${subject.id}'`);
      }),
      { numRuns: 100 },
    );
  });
});
