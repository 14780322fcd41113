/** Every stage with every class of failure: a state with a reason and a known next step, and no try without a bound. */
import assert from 'node:assert/strict';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';
import { ERROR_CLASSES, errorClassOf, passesAt, type ErrorClass } from '../../../../src/kernel/failure/errorClasses';
import { listAgentRuns, startAgentRun, withdrawAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { agentFor, plannerFor } from '../../../../src/kernel/tasks/subtask/neededAgent';
import { failSubtask, recordProof, placeSubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { failPlanning, getTask, listProjects, openRevision, revisePlan } from '../../../../src/kernel/tasks/service';
import {
  clearStageFailure,
  failStage,
  handOverPlan,
  handOverWork,
  retryPlan,
  retryWork,
} from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { findStageFailure, isDue, stageFailures, workHeldUntil } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import {
  holdsWork,
  STAGE_NAMES,
  STAGE_SPECS,
  STAGE_TRIES,
  type StageName,
} from '../../../../src/kernel/tasks/stage/stages';
import { selectEvents } from '../../../../src/kernel/tasks/record/store';
import { getSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { stageItems } from '../../../../src/services/attention/items/stageItems';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';
import { aTask, planned, PROOF, workplace } from '../../../support/tasks/taskRecord';

describe('a stage that fails, in the record', () => {
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  /** Something that the stage works on, with an agent's attempt under way. */
  function subjectOf(stage: StageName): string {
    return kernel.write((u) => {
      switch (STAGE_SPECS[stage].of) {
        case 'task': {
          const { id } = aTask(u);
          startAgentRun(u, { taskId: id });
          return id;
        }
        case 'subtask': {
          const { A } = planned(u, { A: [] }).subtasks;
          const id = A?.id ?? assert.fail();
          startSubtask(u, id);
          placeSubtask(u, id, workplace(id));
          if (stage === 'publish') recordProof(u, id, PROOF);
          startAgentRun(u, { subtaskId: id });
          return id;
        }
        case 'project':
          aTask(u);
          return listProjects(u)[0]?.id ?? assert.fail();
        case 'folder':
          return '';
      }
    });
  }

  const fail = (stage: StageName, subject: string, failure: ErrorClass, at: number | null = null) =>
    kernel.write((u) =>
      failStage(u, {
        stage,
        subject,
        failure,
        reason: 'git died',
        code: null,
        passesAt: at,
        pause: (tries) => tries * 10,
      }),
    );

  for (const stage of STAGE_NAMES) {
    for (const failure of ERROR_CLASSES) {
      it(`gives ${stage} a known next step after ${failure}`, () => {
        const subject = subjectOf(stage);
        const isSubtask = STAGE_SPECS[stage].of === 'subtask';
        for (let tries = 1; tries <= 2 * STAGE_TRIES; tries += 1) {
          const result = fail(stage, subject, failure);
          const found = kernel.read((r) => findStageFailure(r, stage, subject));
          if (result !== 'held') {
            assert.equal(found, undefined, 'what has ended is not held');
            const error = isSubtask
              ? kernel.read((r) => getSubtask(r, subject)).lastError
              : kernel.read((r) => getTask(r, subject)).planningError;
            if (isSubtask || result === 'failed') assert.equal(error, 'git died');
            return;
          }
          assert.deepEqual({ tries: found?.tries, reason: found?.reason }, { tries, reason: 'git died' });
          if (isSubtask) {
            const until = kernel.read((r) => workHeldUntil(stageFailures(r), getSubtask(r, subject)));
            assert.equal(
              kernel.read((r) => isDue(r, until)),
              !holdsWork(stage),
              'it takes no place',
            );
          }
          if (found?.nextAt === null) {
            assert.equal(holdsWork(stage), true, 'upkeep continues automatically');
            return;
          }
          const needs = kernel.read(stageItems).filter(({ key }) => key === stage);
          assert.equal(needs.length > 0 || tries < STAGE_TRIES || stage === 'publish', true, 'it is shown');
        }
        assert.ok(holdsWork(stage) ? failure === 'passes' || failure === 'passesAtTime' : true, 'tries have a bound');
      });
    }
  }

  it('is tried again at the time that the failure names', () => {
    const limit = new KernelError('GITHUB_RATE_LIMIT', { resetsAt: '2026-01-01 03:00:00 UTC' });
    const subject = subjectOf('publish');
    fail('publish', subject, errorClassOf(limit), passesAt(limit));
    const failure = kernel.read((r) => findStageFailure(r, 'publish', subject));
    assert.equal(failure?.nextAt, Date.UTC(2026, 0, 1, 3) / 1000);
  });

  it('passes where the disk is full, in the words of each program', () => {
    const problem = 'ENOSPC: no space left on device, write';
    const errors = [
      new KernelError('DATABASE_WRITE_FAILED', {
        path: '/r',
        reason: 'disk-full',
        problem: foreignText<string>(problem),
      }),
      new KernelError('FILE_UNWRITABLE', {
        path: '/r',
        problem: foreignText<string>('EDQUOT: disk quota exceeded, open'),
      }),
      new Error(problem),
    ];
    assert.deepEqual(errors.map(errorClassOf), ['passes', 'passes', 'passes']);
  });

  it('is due at once where the clock was set back since', () => {
    const subject = subjectOf('check');
    fail('check', subject, 'passes');
    const dueNow = (): boolean => kernel.read((r) => isDue(r, workHeldUntil(stageFailures(r), getSubtask(r, subject))));
    assert.equal(dueNow(), false);
    kernel.clock.advance(-3600);
    assert.equal(dueNow(), true);
  });

  it('is forgotten once it succeeds, with the reason that it had given the subtask', () => {
    const subject = subjectOf('check');
    fail('check', subject, 'unknown');
    assert.equal(kernel.read((r) => getSubtask(r, subject)).lastError, 'git died');
    kernel.write((u) => clearStageFailure(u, 'check', subject));
    assert.deepEqual(
      { stageFailures: kernel.read(stageFailures), lastError: kernel.read((r) => getSubtask(r, subject)).lastError },
      { stageFailures: [], lastError: null },
    );
  });

  it('is due at once when a person retries the subtask or its planning', () => {
    const subtask = subjectOf('check');
    fail('check', subtask, 'person');
    assert.equal(kernel.read((r) => findStageFailure(r, 'check', subtask))?.nextAt, null);
    kernel.write((u) => retryWork(u, subtask));
    assert.equal(
      kernel.read((r) => isDue(r, workHeldUntil(stageFailures(r), getSubtask(r, subtask)))),
      true,
    );
    const task = subjectOf('planStore');
    fail('planStore', task, 'person');
    kernel.write((u) => retryPlan(u, task));
    assert.equal(kernel.read((r) => findStageFailure(r, 'planStore', task))?.nextAt, 0);
  });

  describe('whose subtask a person hands over to another agent kind', () => {
    /** Without an attempt: a limit withdrew it. */
    function waiting(stage?: StageName): string {
      const id = subjectOf('agent');
      const [run] = kernel.read((r) => listAgentRuns(r, getSubtask(r, id).taskId, id));
      kernel.write((u) => withdrawAgentRun(u, run?.id ?? ''));
      if (stage !== undefined) fail(stage, id, 'passes', kernel.read(({ now }) => now) + 7200);
      return id;
    }
    const handOver = (id: string) => kernel.write((u) => handOverWork(u, id, 'codex-acp'));

    it('is due at once, for an agent of this kind', () => {
      const id = waiting('agent');
      assert.deepEqual(agentFor(kernel.read((r) => getSubtask(r, id))), 'worker');
      assert.deepEqual(agentFor(handOver(id)), { kind: 'codex-acp' });
      assert.equal(kernel.read((r) => findStageFailure(r, 'agent', id))?.nextAt, 0);
      const events = kernel.read((r) => selectEvents(r, getSubtask(r, id).taskId, 0));
      assert.ok(events.some(({ reason }) => reason === 'handed over to codex-acp'));
    });

    it('needs no failure: it may wait for an account that was held before it started', () => {
      const id = waiting();
      assert.equal(handOver(id).agentKind, 'codex-acp');
    });

    it('starts again after it failed', () => {
      const id = waiting();
      kernel.write((u) => failSubtask(u, id, 'no attempt succeeded'));
      const { status, stage, agentKind } = handOver(id);
      assert.deepEqual(
        { status, stage, agentKind },
        { status: 'IN_PROGRESS', stage: 'prepare', agentKind: 'codex-acp' },
      );
    });

    it('is refused while its agent runs, and where it needs none', () => {
      const id = subjectOf('agent');
      refuses(kernel, 'AGENT_RUNNING', (u) => handOverWork(u, id, 'codex-acp'));
      const proven = waiting();
      kernel.write((u) => recordProof(u, proven, PROOF));
      refuses(kernel, 'TASK_STATE', (u) => handOverWork(u, proven, 'codex-acp'));
      const ready = kernel.write((u) => planned(u, { B: [] }).subtasks.B?.id ?? '');
      refuses(kernel, 'TASK_STATE', (u) => handOverWork(u, ready, 'codex-acp'));
    });
  });

  describe('whose planning a person hands over to another agent kind', () => {
    /** Without an attempt: a limit withdrew it. */
    function waiting(): string {
      const id = subjectOf('planAgent');
      for (const run of kernel.read((r) => listAgentRuns(r, id, null)))
        kernel.write((u) => withdrawAgentRun(u, run.id));
      return id;
    }
    const handOver = (id: string) => kernel.write((u) => handOverPlan(u, id, 'codex-acp'));

    it('is due at once, for a planner of this kind', () => {
      const id = waiting();
      fail('planAgent', id, 'passes', kernel.read(({ now }) => now) + 7200);
      assert.deepEqual(plannerFor(kernel.read((r) => getTask(r, id))), 'planner');
      assert.deepEqual(plannerFor(handOver(id)), { kind: 'codex-acp' });
      assert.equal(kernel.read((r) => findStageFailure(r, 'planAgent', id))?.nextAt, 0);
      const events = kernel.read((r) => selectEvents(r, id, 0));
      assert.ok(events.some(({ reason }) => reason === 'handed over to codex-acp'));
    });

    it('needs no failure: it may wait for an account that was held before it started', () => {
      assert.equal(handOver(waiting()).plannerKind, 'codex-acp');
    });

    it('starts again after it failed', () => {
      const id = waiting();
      kernel.write((u) => failPlanning(u, id, 'no attempt succeeded'));
      const { status, planningError, plannerKind } = handOver(id);
      assert.deepEqual(
        { status, planningError, plannerKind },
        { status: 'PLANNING', planningError: null, plannerKind: 'codex-acp' },
      );
    });

    it('keeps the sentence of an open revision', () => {
      const { task } = kernel.write((u) => planned(u, { B: [] }));
      kernel.write((u) => revisePlan(u, task.id, 'Split it.'));
      handOver(task.id);
      assert.equal(
        kernel.read((r) => openRevision(r, task.id)),
        'Split it.',
      );
    });

    it('is refused while its planner runs, and where there is a plan', () => {
      const running = waiting();
      kernel.write((u) => startAgentRun(u, { taskId: running }));
      refuses(kernel, 'AGENT_RUNNING', (u) => handOverPlan(u, running, 'codex-acp'));
      const { task } = kernel.write((u) => planned(u, { B: [] }));
      refuses(kernel, 'TASK_STATE', (u) => handOverPlan(u, task.id, 'codex-acp'));
    });
  });

  it('cannot be retried where nothing failed', () => {
    const subtask = subjectOf('check');
    refuses(kernel, 'TASK_STATE', (u) => retryWork(u, subtask));
  });
});
