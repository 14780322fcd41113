import assert from 'node:assert/strict';
import {
  createDispatch,
  dispatchEvents,
  endDispatch,
  getDispatch,
  markRunning,
} from '../../../src/kernel/dispatch/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { skipPhase } from '../../../src/kernel/run/skip';
import { planRollback, rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { addAgent, addArtifact, listAgents, listArtifacts, updateAgent } from '../../../src/kernel/tracking/service';
import { PROCESS } from '../../support/dispatch/dispatches';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';

const CHAIN = ['a', 'b', 'c', 'd'];

function runAt(kernel: TestKernel, phase: string, scopeId?: string): string {
  const scope = scopeId === undefined ? {} : { scopeId };
  const { id } = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', phases: CHAIN, ...scope }));
  for (let at = 0; at < CHAIN.indexOf(phase); at++) kernel.write((u) => advanceRun(u, id, { tier: 'none' }));
  return id;
}

function dispatchIn(kernel: TestKernel, scopeId: string): string {
  return kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: '/p', scopeId })).id;
}

describe('rolling back', () => {
  it('goes back, marks artifacts, fails agents and cancels dispatches, all at once', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'c');
    for (const phase of CHAIN) kernel.write((u) => addArtifact(u, { runId: id, phase, path: `${phase}.md` }));
    const busy = kernel.write((u) => addAgent(u, { runId: id })).id;
    const idle = kernel.write((u) => addAgent(u, { runId: id })).id;
    kernel.write((u) => updateAgent(u, idle, 'completed'));
    const [spawned, running, ended] = [dispatchIn(kernel, id), dispatchIn(kernel, id), dispatchIn(kernel, id)];
    kernel.write((u) => markRunning(u, running, PROCESS));
    kernel.write((u) => endDispatch(u, ended, { status: 'completed' }));
    const elsewhere = dispatchIn(kernel, 'other');

    const outcome = kernel.write((u) => rollbackRun(u, id, { toPhase: 'a', reason: 'wrong plan' }));
    assert.deepEqual(outcome, {
      fromPhase: 'c',
      toPhase: 'a',
      reason: 'wrong plan',
      rolledBackPhases: ['b', 'c'],
      markedArtifacts: 2,
      failedAgents: 1,
      cancelledDispatches: [spawned, running],
    });
    kernel.read((r) => {
      assert.deepEqual(
        listArtifacts(r, id).map((artifact) => [artifact.phase, artifact.status]),
        [
          ['a', 'active'],
          ['b', 'rolled_back'],
          ['c', 'rolled_back'],
          ['d', 'active'],
        ],
      );
      assert.deepEqual(
        listAgents(r, id).map((agent) => [agent.id, agent.status]),
        [
          [busy, 'failed'],
          [idle, 'completed'],
        ],
      );
      const statuses = [spawned, running, ended, elsewhere].map((dispatch) => getDispatch(r, dispatch).status);
      assert.deepEqual(statuses, ['cancelled', 'cancelled', 'completed', 'spawned']);
      const last = dispatchEvents(r, running).at(-1);
      assert.deepEqual(
        { fromStatus: last?.fromStatus, toStatus: last?.toStatus, runId: last?.runId, reason: last?.reason },
        { fromStatus: 'running', toStatus: 'cancelled', runId: id, reason: `run ${id} rolled back to a` },
      );
      const event = phaseEvents(r, id).at(-1);
      assert.deepEqual(
        { type: event?.type, fromPhase: event?.fromPhase, toPhase: event?.toPhase, reason: event?.reason },
        { type: 'rollback', fromPhase: 'c', toPhase: 'a', reason: 'wrong plan' },
      );
      assert.equal(getRun(r, id).phase, 'a');
    });
    assert.deepEqual([...(kernel.touched?.dispatches ?? [])], [spawned, running]);
  });

  it('marks and fails each thing once', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'b');
    kernel.write((u) => addArtifact(u, { runId: id, phase: 'b', path: 'x' }));
    kernel.write((u) => addAgent(u, { runId: id }));
    kernel.write((u) => rollbackRun(u, id, { toPhase: 'a' }));
    kernel.write((u) => advanceRun(u, id, { tier: 'none' }));
    const again = kernel.write((u) => rollbackRun(u, id, { toPhase: 'a' }));
    assert.deepEqual(
      { markedArtifacts: again.markedArtifacts, failedAgents: again.failedAgents },
      { markedArtifacts: 0, failedAgents: 0 },
    );
  });

  it('revives a completed run', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'd');
    kernel.write((u) => rollbackRun(u, id, { toPhase: 'c' }));
    const run = kernel.read((r) => getRun(r, id));
    assert.deepEqual(
      { status: run.status, phase: run.phase, completedAt: run.completedAt },
      { status: 'active', phase: 'c', completedAt: null },
    );
    assert.equal(kernel.read((r) => phaseEvents(r, id)).at(-1)?.reason, null);
  });

  it('keeps marks of skipped phases', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'a');
    kernel.write((u) => skipPhase(u, id, { phase: 'b', reason: 'r' }));
    kernel.write((u) => advanceRun(u, id, { tier: 'none' }));
    const { rolledBackPhases } = kernel.write((u) => rollbackRun(u, id, { toPhase: 'a' }));
    assert.deepEqual(rolledBackPhases, ['b', 'c']);
    assert.equal(kernel.write((u) => advanceRun(u, id, { tier: 'none' })).toPhase, 'c');
  });

  it('can go back to a phase that was skipped', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'a');
    kernel.write((u) => skipPhase(u, id, { phase: 'b', reason: 'r' }));
    kernel.write((u) => advanceRun(u, id, { tier: 'none' }));
    kernel.write((u) => rollbackRun(u, id, { toPhase: 'b' }));
    assert.equal(kernel.read((r) => getRun(r, id)).phase, 'b');
  });

  it('cancels the dispatches of a scope of its own, and spares those it shares with another active run', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'c', 'team');
    const other = runAt(kernel, 'b', 'team');
    const dispatch = dispatchIn(kernel, 'team');
    assert.deepEqual(kernel.write((u) => rollbackRun(u, id, { toPhase: 'b' })).cancelledDispatches, []);
    kernel.write((u) => cancelRun(u, other));
    assert.deepEqual(kernel.write((u) => rollbackRun(u, id, { toPhase: 'a' })).cancelledDispatches, [dispatch]);
  });

  it('shows beforehand what it would undo, whatever the status, and writes nothing', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'c');
    kernel.write((u) => cancelRun(u, id));
    const before = dumpDatabase(kernel.kernel);
    const plan = kernel.read((r) => planRollback(r, id, 'a'));
    assert.deepEqual(plan, { fromPhase: 'c', toPhase: 'a', rolledBackPhases: ['b', 'c'] });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });

  const refusals = {
    'an unknown phase': ['PHASE_NOT_IN_CHAIN', 'nowhere'],
    'the present phase': ['PHASE_NOT_BEHIND', 'c'],
    'a later phase': ['PHASE_NOT_BEHIND', 'd'],
    'an empty phase': ['INVALID_ARGUMENT', ''],
  } as const;
  for (const [what, [code, toPhase]] of Object.entries(refusals)) {
    it(`refuses ${what}`, async () => {
      const kernel = await openTestKernel();
      const id = runAt(kernel, 'c');
      refuses(kernel, code, (u) => rollbackRun(u, id, { toPhase }));
    });
  }

  it('refuses an unknown run, and a run outside its chain', async () => {
    const kernel = await openTestKernel();
    refuses(kernel, 'NOT_FOUND', (u) => rollbackRun(u, 'nope', { toPhase: 'a' }));
    const id = runAt(kernel, 'c');
    kernel.exec("UPDATE runs SET phase = 'elsewhere'");
    refuses(kernel, 'PHASE_NOT_IN_CHAIN', (u) => rollbackRun(u, id, { toPhase: 'a' }));
  });

  it('moves nothing where part of the clean-up fails', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'c');
    kernel.write((u) => addAgent(u, { runId: id }));
    kernel.exec("CREATE TRIGGER stuck BEFORE UPDATE ON run_agents BEGIN SELECT raise(ABORT, 'stuck'); END");
    refuses(kernel, 'SQL_FAILED', (u) => rollbackRun(u, id, { toPhase: 'a' }));
  });
});
