import assert from 'node:assert/strict';
import { createDispatch, endDispatch } from '../../../src/kernel/dispatch/service';
import { askOverride, blockedRunOf, blockedRuns, openOverrideRequest } from '../../../src/kernel/gate/service';
import { skipPhase } from '../../../src/kernel/run/skip';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { getRun } from '../../../src/kernel/run/record/queries';
import { dispatchId } from '../../../src/kernel/ids';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { placeSubtask, recordProof, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addAgent, addArtifact, updateAgent } from '../../../src/kernel/tracking/service';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';
import { planned, PROOF, workplace } from '../../support/tasks/taskRecord';

import { check, runAt } from '../../support/tasks/gates';

describe('the gate of a transition', () => {
  it('asks for an active artifact of the phase being left', async () => {
    const kernel = await openTestKernel();
    for (const phase of ['brainstorm', 'brainstorm-reviewed', 'strategized', 'planned', 'reflect']) {
      const id = runAt(kernel, phase);
      kernel.write((u) => addArtifact(u, { runId: id, phase: 'other', path: 'x' }));
      assert.deepEqual(check(kernel, id).conditions, [
        {
          check: 'artifact_exists',
          phase,
          result: 'fail',
          count: 0,
          detail: `no artifacts found for phase "${phase}"`,
        },
      ]);
      kernel.write((u) => addArtifact(u, { runId: id, phase, path: 'x' }));
      kernel.write((u) => addArtifact(u, { runId: id, phase, path: 'y' }));
      assert.deepEqual(check(kernel, id).conditions, [{ check: 'artifact_exists', phase, result: 'pass', count: 2 }]);
    }
  });

  it('does not count artifacts that were rolled back', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'strategized');
    kernel.write((u) => addArtifact(u, { runId: id, phase: 'strategized', path: 'x' }));
    kernel.write((u) => rollbackRun(u, id, { toPhase: 'brainstorm' }));
    kernel.exec(`UPDATE runs SET phase = 'strategized'`);
    assert.equal(check(kernel, id).result, 'fail');
  });

  it('lists the runs that it blocks, the longest blocked first', async () => {
    const kernel = await openTestKernel();
    const [later, earlier] = [runAt(kernel, 'brainstorm'), runAt(kernel, 'brainstorm')];
    runAt(kernel, 'brainstorm');
    const blockedAt: number[] = [];
    for (const id of [earlier, later]) {
      kernel.clock.advance(60);
      blockedAt.push(kernel.clock.now);
      kernel.write((u) => advanceRun(u, id, { tier: 'hard' }));
    }
    kernel.clock.advance(60);
    kernel.write((u) => advanceRun(u, earlier, { tier: 'hard' }));
    assert.deepEqual(
      kernel.read((r) => blockedRuns(r)),
      [
        { runId: earlier, since: blockedAt[0] },
        { runId: later, since: blockedAt[1] },
      ],
    );
  });

  it('ends a block with a rollback, even from a phase that another program entered without an event', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'brainstorm');
    assert.equal(kernel.write((u) => advanceRun(u, id, { tier: 'hard' })).advanced, false);
    kernel.write((u) => askOverride(u, id, { reason: 'in a hurry' }));
    const waiting = (): readonly boolean[] =>
      kernel.read((r) => [blockedRunOf(r, id) !== undefined, openOverrideRequest(r, getRun(r, id)) !== undefined]);
    kernel.exec(`UPDATE runs SET phase = 'strategized'`);
    kernel.exec(`UPDATE runs SET phase = 'brainstorm'`);
    assert.deepEqual(waiting(), [true, true]);
    kernel.exec(`UPDATE runs SET phase = 'strategized'`);
    kernel.write((u) => rollbackRun(u, id, { toPhase: 'brainstorm' }));
    assert.deepEqual(waiting(), [false, false]);
  });

  it('waits for active agents before review, not for failed ones', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'executing');
    assert.deepEqual(check(kernel, id).conditions, [{ check: 'agents_complete', result: 'pass', count: 0 }]);
    const agents = [1, 2].map(() => kernel.write((u) => addAgent(u, { runId: id })).id);
    assert.deepEqual(check(kernel, id).conditions, [
      { check: 'agents_complete', result: 'fail', count: 2, detail: '2 agents still active' },
    ]);
    for (const agent of agents) kernel.write((u) => updateAgent(u, agent, 'failed'));
    assert.equal(check(kernel, id).result, 'pass');
  });

  const verdicts: Readonly<Record<string, 'pass' | 'fail'>> = {
    pass: 'pass',
    warn: 'pass',
    approve: 'pass',
    fail: 'fail',
    ' FAIL\r': 'fail',
    reject: 'fail',
    Rejected: 'pass',
    '': 'fail',
  };
  for (const [verdictStatus, result] of Object.entries(verdicts)) {
    it(`is ${result === 'pass' ? 'opened' : 'not opened'} by a verdict ${JSON.stringify(verdictStatus)}`, async () => {
      const kernel = await openTestKernel();
      const id = runAt(kernel, 'review');
      const scoped = { agentType: 'shell', projectDir: '/p', scopeId: id };
      const dispatch = kernel.write((u) => createDispatch(u, scoped)).id;
      assert.equal(check(kernel, id).result, 'fail');
      kernel.write((u) => void endDispatch(u, dispatch, { status: 'completed' }));
      kernel.write((u) => u.db.run('UPDATE dispatches SET verdict_status = ? WHERE id = ?', [verdictStatus, dispatch]));
      const detail = result === 'pass' ? {} : { detail: 'no passing verdict found' };
      assert.deepEqual(check(kernel, id).conditions, [{ check: 'verdict_exists', result, ...detail }]);
    });
  }

  it('finds verdicts by the id of the run and by its scope, not by another', async () => {
    for (const [scope, result] of [
      ['team', 'pass'],
      ['run', 'pass'],
      ['stranger', 'fail'],
    ] as const) {
      const kernel = await openTestKernel();
      const id = runAt(kernel, 'review', { scopeId: 'team' });
      const scopeId = scope === 'run' ? id : scope;
      const { id: dispatch } = kernel.write((u) =>
        createDispatch(u, { agentType: 'shell', projectDir: '/p', scopeId }),
      );
      kernel.write((u) => void endDispatch(u, dispatch, { status: 'completed', verdictStatus: 'pass' }));
      assert.equal(check(kernel, id).result, result, scope);
    }
  });

  describe('counts a verdict only of a dispatch that did none of the work and started after it:', () => {
    /** A run at review whose work was done at 1000, with one passing verdict of a dispatch that started at `started`. */
    async function reviewed(started: number): Promise<{ kernel: TestKernel; id: string; dispatch: string }> {
      const kernel = await openTestKernel();
      const id = runAt(kernel, 'review');
      const { id: dispatch } = kernel.write((u) =>
        createDispatch(u, { agentType: 'shell', projectDir: '/p', scopeId: id }),
      );
      kernel.write((u) => void endDispatch(u, dispatch, { status: 'completed', verdictStatus: 'pass' }));
      kernel.write((u) => addArtifact(u, { runId: id, phase: 'executing', path: 'diff.patch' }));
      kernel.exec(`UPDATE dispatches SET started_at = ${started}; UPDATE run_artifacts SET created_at = 1000`);
      return { kernel, id, dispatch };
    }
    const judged = (kernel: TestKernel, id: string): readonly [string, string | undefined] => {
      const [condition] = check(kernel, id).conditions;
      return [condition?.result ?? '', condition?.detail];
    };
    const refused = (dispatch: string, why: string): readonly [string, string] => [
      'fail',
      `no passing verdict counts: ${dispatch} ${why}`,
    ];

    it('one that started later counts', async () => {
      const { kernel, id } = await reviewed(1000);
      assert.deepEqual(judged(kernel, id), ['pass', undefined]);
    });

    it('one that started before the last artifact of an earlier phase does not', async () => {
      const { kernel, id, dispatch } = await reviewed(999);
      assert.deepEqual(judged(kernel, id), refused(dispatch, 'started before the last work was done'));
    });

    it('its own report is no work', async () => {
      const { kernel, id, dispatch } = await reviewed(1001);
      kernel.write((u) => addArtifact(u, { runId: id, phase: 'review', path: 'review.md', dispatchId: dispatch }));
      assert.deepEqual(judged(kernel, id), ['pass', undefined]);
    });

    it('one that made an artifact of an earlier phase does not', async () => {
      const { kernel, id, dispatch } = await reviewed(1001);
      kernel.exec(`UPDATE run_artifacts SET dispatch_id = '${dispatch}'`);
      assert.deepEqual(judged(kernel, id), refused(dispatch, 'did work of this run'));
    });

    it('one of an agent that was registered and started before the review does not', async () => {
      const { kernel, id, dispatch } = await reviewed(1001);
      kernel.write((u) => addAgent(u, { runId: id, dispatchId: dispatch }));
      assert.deepEqual(judged(kernel, id), ['pass', undefined]);
      kernel.exec(`INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, created_at)
        VALUES ('${id}', 'executing', 'review', 'advance', 2000)`);
      assert.deepEqual(judged(kernel, id), refused(dispatch, 'did work of this run'));
    });

    it('one of a planner or a worker does not, nor one that started before the last proof', async () => {
      const kernel = await openTestKernel();
      const { task, subtasks } = kernel.write((u) => planned(u, { A: [] }));
      const subtaskId = subtasks['A']?.id ?? '';
      const [worker, reviewer] = kernel.write((u) => {
        startSubtask(u, subtaskId);
        return [1, 2].map(() => {
          const made = createDispatch(u, { agentType: 'shell', projectDir: '/p', scopeId: task.runId });
          return endDispatch(u, made.id, { status: 'completed', verdictStatus: 'pass' }).id;
        });
      });
      kernel.write((u) => {
        const attempt = linkAgentRun(u, startAgentRun(u, { subtaskId }).id, dispatchId.parse(worker));
        endAgentRun(u, attempt.id, { status: 'SUCCEEDED' });
        placeSubtask(u, subtaskId, workplace(subtaskId));
        recordProof(u, subtaskId, PROOF);
      });
      kernel.exec(`UPDATE runs SET phase = 'review', phases = '["planned","executing","review","polish","done"]';
        UPDATE agent_runs SET ended_at = 900; UPDATE subtasks SET proven_at = 1000; UPDATE run_artifacts SET created_at = 1;
        UPDATE dispatches SET started_at = 950 WHERE id = '${reviewer ?? ''}';
        UPDATE dispatches SET started_at = 1001 WHERE id = '${worker ?? ''}'`);
      const verdict = () =>
        check(kernel, task.runId).conditions.find((condition) => condition.check === 'verdict_exists');
      assert.match(verdict()?.detail ?? '', new RegExp(`${worker ?? ''} did work of this run`));
      assert.match(verdict()?.detail ?? '', new RegExp(`${reviewer ?? ''} started before the last work was done`));
      kernel.exec(`UPDATE dispatches SET started_at = 1000 WHERE id = '${reviewer ?? ''}'`);
      assert.equal(verdict()?.result, 'pass');
    });
  });

  it('finds the dispatches of a run that another program made without a scope', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'review');
    kernel.exec(`UPDATE runs SET scope_id = NULL;
      INSERT INTO dispatches (id, project_dir, verdict_status, scope_id) VALUES ('d', '/p', 'pass', '${id}')`);
    assert.equal(check(kernel, id).result, 'pass');
  });

  it('has no rules for other pairs, also of skipped phases', async () => {
    const kernel = await openTestKernel();
    assert.deepEqual(check(kernel, runAt(kernel, 'polish')).conditions, []);
    assert.equal(check(kernel, runAt(kernel, 'polish')).result, 'pass');
    const id = runAt(kernel, 'x', { phases: ['x', 'review', 'executing'] });
    assert.deepEqual(check(kernel, id).conditions, []);
  });

  it('applies to chains of their own that use the same names', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned', { phases: ['planned', 'executing', 'review', 'done'] });
    assert.equal(check(kernel, id).result, 'fail');
  });
});

describe('checking a gate', () => {
  it('changes nothing', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned');
    const before = dumpDatabase(kernel.kernel);
    const { conditions, ...report } = check(kernel, id, { tier: 'soft' });
    assert.deepEqual(report, { runId: id, fromPhase: 'planned', toPhase: 'executing', tier: 'soft', result: 'fail' });
    assert.equal(conditions.length, 1);
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });

  it('checks nothing at tier none', async () => {
    const kernel = await openTestKernel();
    const report = check(kernel, runAt(kernel, 'planned'), { tier: 'none' });
    assert.deepEqual(
      { result: report.result, tier: report.tier, conditions: report.conditions },
      { result: 'none', tier: 'none', conditions: [] },
    );
  });

  it('judges the next phase of the chain, or the one that advancing would enter', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'brainstorm');
    kernel.write((u) => skipPhase(u, id, { phase: 'brainstorm-reviewed', reason: 'r' }));
    assert.deepEqual(
      { toPhase: check(kernel, id).toPhase, result: check(kernel, id).result },
      { toPhase: 'brainstorm-reviewed', result: 'fail' },
    );
    const real = check(kernel, id, { applySkips: true });
    assert.deepEqual({ toPhase: real.toPhase, result: real.result }, { toPhase: 'strategized', result: 'pass' });
    assert.equal(kernel.write((u) => advanceRun(u, id, { tier: 'hard' })).toPhase, real.toPhase);
  });

  it('refuses runs that cannot advance', async () => {
    const kernel = await openTestKernel();
    const thrown = (id: string, code: string): void => {
      assert.throws(() => check(kernel, id), { code });
    };
    thrown('nope', 'NOT_FOUND');
    thrown(runAt(kernel, 'done'), 'PHASE_TERMINAL');
    thrown(runAt(kernel, 'elsewhere'), 'PHASE_NOT_IN_CHAIN');
    const ended = runAt(kernel, 'planned');
    kernel.exec(`UPDATE runs SET status = 'failed' WHERE id = '${ended}'`);
    thrown(ended, 'RUN_TERMINAL');
  });
});
