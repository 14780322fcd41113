import assert from 'node:assert/strict';
import { GATE_TIERS, type AdvanceOptions, type AdvanceOutcome } from '../../../src/kernel/gate/model';
import { skipPhase } from '../../../src/kernel/run/skip';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents, skippedPhases } from '../../../src/kernel/run/record/queries';
import type { CreateRunInput } from '../../../src/kernel/run/record/model';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';

function create(kernel: TestKernel, input: Partial<CreateRunInput> = {}): string {
  return kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', ...input })).id;
}

function advance(kernel: TestKernel, id: string, options: Partial<AdvanceOptions> = {}): AdvanceOutcome {
  return kernel.write((u) => advanceRun(u, id, { tier: 'none', ...options }));
}

function lastEvent(kernel: TestKernel, id: string): unknown {
  const event = kernel.read((r) => phaseEvents(r, id)).at(-1);
  return event && [event.type, event.fromPhase, event.toPhase, event.gateResult, event.gateTier, event.reason];
}

const MISSING =
  '{"conditions":[{"check":"artifact_exists","phase":"brainstorm","result":"fail","count":0,"detail":"no artifacts found for phase \\"brainstorm\\""}]}';

describe('advancing', () => {
  it('goes one phase on and records it, without a gate at tier none', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.clock.advance(5);
    assert.deepEqual(advance(kernel, id), {
      advanced: true,
      eventType: 'advance',
      fromPhase: 'brainstorm',
      toPhase: 'brainstorm-reviewed',
      gateResult: 'none',
      gateTier: 'none',
      reason: '',
      conditions: [],
      completed: false,
    });
    assert.deepEqual(lastEvent(kernel, id), ['advance', 'brainstorm', 'brainstorm-reviewed', 'none', 'none', null]);
    const run = kernel.read((r) => getRun(r, id));
    assert.deepEqual(
      { phase: run.phase, status: run.status, updatedAt: run.updatedAt },
      { phase: 'brainstorm-reviewed', status: 'active', updatedAt: TEST_START_SEC + 5 },
    );
    assert.ok(kernel.touched?.runs.has(run.id));
  });

  it('refuses to advance a run whose hard gate is red, and leaves the evidence', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.clock.advance(5);
    const outcome = advance(kernel, id, { tier: 'hard' });
    assert.deepEqual(
      {
        advanced: outcome.advanced,
        eventType: outcome.eventType,
        gateResult: outcome.gateResult,
        gateTier: outcome.gateTier,
      },
      { advanced: false, eventType: 'block', gateResult: 'fail', gateTier: 'hard' },
    );
    assert.equal(outcome.reason, MISSING);
    assert.deepEqual(lastEvent(kernel, id), ['block', 'brainstorm', 'brainstorm-reviewed', 'fail', 'hard', MISSING]);
    const run = kernel.read((r) => getRun(r, id));
    assert.deepEqual(
      { phase: run.phase, updatedAt: run.updatedAt },
      { phase: 'brainstorm', updatedAt: TEST_START_SEC },
    );
    assert.ok(kernel.touched?.runs.has(run.id));
  });

  it('continues through a soft gate that is red, and says so', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    const outcome = advance(kernel, id, { tier: 'soft' });
    assert.deepEqual(
      { advanced: outcome.advanced, gateResult: outcome.gateResult, gateTier: outcome.gateTier },
      { advanced: true, gateResult: 'fail', gateTier: 'soft' },
    );
    assert.deepEqual(lastEvent(kernel, id), ['advance', 'brainstorm', 'brainstorm-reviewed', 'fail', 'soft', MISSING]);
  });

  it('goes through a green gate with the evidence', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.write((u) => addArtifact(u, { runId: id, phase: 'brainstorm', path: 'ideas.md' }));
    const outcome = advance(kernel, id, { tier: 'hard' });
    assert.deepEqual(
      { advanced: outcome.advanced, gateResult: outcome.gateResult },
      { advanced: true, gateResult: 'pass' },
    );
    assert.equal(
      outcome.reason,
      '{"conditions":[{"check":"artifact_exists","phase":"brainstorm","result":"pass","count":1}]}',
    );
  });

  it('passes a gate without rules, without evidence', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { phases: ['x', 'y', 'z'] });
    const outcome = advance(kernel, id, { tier: 'hard' });
    assert.deepEqual(
      { gateResult: outcome.gateResult, gateTier: outcome.gateTier, reason: outcome.reason },
      { gateResult: 'pass', gateTier: 'hard', reason: '' },
    );
    assert.deepEqual(lastEvent(kernel, id), ['advance', 'x', 'y', 'pass', 'hard', null]);
  });

  for (const tier of GATE_TIERS) {
    it(`completes the run in its last phase, at tier ${tier}`, async () => {
      const kernel = await openTestKernel();
      const id = create(kernel, { phases: ['x', 'y'] });
      kernel.clock.advance(9);
      assert.equal(advance(kernel, id, { tier }).completed, true);
      const run = kernel.read((r) => getRun(r, id));
      assert.deepEqual(
        { phase: run.phase, status: run.status, completedAt: run.completedAt },
        { phase: 'y', status: 'completed', completedAt: TEST_START_SEC + 9 },
      );
      refuses(kernel, 'RUN_TERMINAL', (u) => advanceRun(u, id, { tier }));
    });
  }

  it('pauses a run that does not advance automatically, before its gate is checked', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { autoAdvance: false });
    const outcome = advance(kernel, id, { tier: 'hard' });
    assert.deepEqual(
      { advanced: outcome.advanced, eventType: outcome.eventType, conditions: outcome.conditions },
      { advanced: false, eventType: 'pause', conditions: [] },
    );
    assert.deepEqual(lastEvent(kernel, id), [
      'pause',
      'brainstorm',
      'brainstorm-reviewed',
      'none',
      'none',
      'auto_advance disabled',
    ]);
    assert.equal(kernel.read((r) => getRun(r, id)).phase, 'brainstorm');
  });

  it('lets a reason pass the pause, but never a hard gate', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { autoAdvance: false });
    const blocked = advance(kernel, id, { tier: 'hard', skipReason: 'by hand' });
    assert.deepEqual(
      { eventType: blocked.eventType, reason: blocked.reason },
      { eventType: 'block', reason: `by hand | ${MISSING}` },
    );
    const passed = advance(kernel, id, { tier: 'none', skipReason: 'by hand' });
    assert.deepEqual({ advanced: passed.advanced, reason: passed.reason }, { advanced: true, reason: 'by hand' });
  });

  it('passes over skipped phases, and judges the pair it really crosses', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.write((u) => skipPhase(u, id, { phase: 'brainstorm-reviewed', reason: 'small' }));
    const outcome = advance(kernel, id, { tier: 'hard' });
    assert.deepEqual(
      { toPhase: outcome.toPhase, gateResult: outcome.gateResult, conditions: outcome.conditions },
      { toPhase: 'strategized', gateResult: 'pass', conditions: [] },
    );
  });

  it('goes to the last phase when all before it are skipped', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { phases: ['a', 'b', 'c', 'd'] });
    kernel.write((u) => skipPhase(u, id, { phase: 'b', reason: 'r' }));
    kernel.write((u) => skipPhase(u, id, { phase: 'c', reason: 'r' }));
    assert.deepEqual(
      { toPhase: advance(kernel, id).toPhase, status: kernel.read((r) => getRun(r, id)).status },
      { toPhase: 'd', status: 'completed' },
    );
  });

  it('does not pass over the last phase, even where another program marked it', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { phases: ['a', 'b'] });
    kernel.exec(
      `INSERT INTO phase_events (run_id, from_phase, to_phase, event_type) VALUES ('${id}', 'a', 'b', 'skip')`,
    );
    assert.equal(advance(kernel, id).toPhase, 'b');
  });

  it('refuses a run that is active in its last phase', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { phases: ['a', 'b'] });
    kernel.exec("UPDATE runs SET phase = 'b'");
    const facts = refuses(kernel, 'PHASE_TERMINAL', (u) => advanceRun(u, id, { tier: 'none' }));
    assert.deepEqual(facts, { runId: id, phase: 'b' });
  });

  it('refuses a run whose phase its chain lacks', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { phases: ['a', 'b'] });
    kernel.exec("UPDATE runs SET phase = 'elsewhere'");
    const facts = refuses(kernel, 'PHASE_NOT_IN_CHAIN', (u) => advanceRun(u, id, { tier: 'none' }));
    assert.deepEqual(facts, { runId: id, phase: 'elsewhere', chain: 'a, b' });
  });

  it('refuses an unknown run and a blank reason', async () => {
    const kernel = await openTestKernel();
    refuses(kernel, 'NOT_FOUND', (u) => advanceRun(u, 'nope', { tier: 'none' }));
    const id = create(kernel);
    refuses(kernel, 'INVALID_ARGUMENT', (u) => advanceRun(u, id, { tier: 'none', skipReason: ' ' }));
  });

  it('writes nothing where the compare-and-set finds another phase', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.exec('CREATE TRIGGER other BEFORE UPDATE OF phase ON runs BEGIN SELECT raise(IGNORE); END');
    const facts = refuses(kernel, 'STALE', (u) => advanceRun(u, id, { tier: 'none' }));
    assert.equal(facts.expected, 'brainstorm (active)');
  });

  it('leaves no phase change behind where the event cannot be written', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.exec("CREATE TRIGGER full BEFORE INSERT ON phase_events BEGIN SELECT raise(ABORT, 'no room'); END");
    refuses(kernel, 'SQL_FAILED', (u) => advanceRun(u, id, { tier: 'none' }));
  });

  it('follows a setting changed on the way', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.write((u) => setRun(u, id, { autoAdvance: false }));
    assert.equal(advance(kernel, id).eventType, 'pause');
    kernel.write((u) => setRun(u, id, { autoAdvance: true }));
    assert.equal(advance(kernel, id).eventType, 'advance');
  });
});

describe('skipping a phase', () => {
  it('marks it, leaves the run where it is, and may be said twice', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    const skip = { phase: 'planned', reason: 'no plan needed', actor: 'ann' };
    assert.deepEqual(
      kernel.write((u) => skipPhase(u, id, skip)),
      { phase: 'planned', reason: 'actor=ann: no plan needed' },
    );
    kernel.write((u) => skipPhase(u, id, { phase: 'planned', reason: 'again' }));
    assert.deepEqual(lastEvent(kernel, id), ['skip', 'brainstorm', 'planned', null, null, 'again']);
    assert.deepEqual([...kernel.read((r) => skippedPhases(r, id))], ['planned']);
    assert.equal(kernel.read((r) => getRun(r, id)).phase, 'brainstorm');
  });

  const refusals = {
    'an unknown phase': ['PHASE_NOT_IN_CHAIN', { phase: 'nowhere', reason: 'r' }],
    'the present phase': ['PHASE_NOT_AHEAD', { phase: 'b', reason: 'r' }],
    'an earlier phase': ['PHASE_NOT_AHEAD', { phase: 'a', reason: 'r' }],
    'the last phase': ['PHASE_NOT_SKIPPABLE', { phase: 'd', reason: 'r' }],
    'no reason': ['INVALID_ARGUMENT', { phase: 'c', reason: '' }],
    'a blank actor': ['INVALID_ARGUMENT', { phase: 'c', reason: 'r', actor: ' ' }],
  } as const;
  for (const [what, [code, input]] of Object.entries(refusals)) {
    it(`refuses ${what}`, async () => {
      const kernel = await openTestKernel();
      const id = create(kernel, { phases: ['a', 'b', 'c', 'd'] });
      advance(kernel, id);
      refuses(kernel, code, (u) => skipPhase(u, id, input));
      refuses(kernel, code === 'INVALID_ARGUMENT' ? code : 'NOT_FOUND', (u) => skipPhase(u, 'nope', input));
    });
  }
});
