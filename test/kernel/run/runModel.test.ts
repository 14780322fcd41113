import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../src/kernel/errors/errors';
import type { PhaseEvent, RunStatus } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { skipPhase } from '../../../src/kernel/run/skip';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { addArtifact } from '../../../src/kernel/tracking/service';
import type { Unit } from '../../../src/kernel/unit';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { MODEL_CHAIN, NEW_MODEL_RUN, step, type ModelCommand } from '../../support/records/runModel';

const phase = fc.nat({ max: MODEL_CHAIN.length - 1 });
const command: fc.Arbitrary<ModelCommand> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      tier: fc.constantFrom('hard' as const, 'soft' as const, 'none' as const),
      withReason: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('skip' as const, 'rollback' as const, 'artifact' as const), phase }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), autoAdvance: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'override' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'cancel' } as const) },
);

function nameOf(at: number): string {
  return MODEL_CHAIN[at] ?? assert.fail(`phase ${at}`);
}

function perform(u: Unit, id: string, asked: ModelCommand): string {
  switch (asked.kind) {
    case 'advance':
      return advanceRun(u, id, { tier: asked.tier, ...(asked.withReason ? { skipReason: 'asked' } : {}) }).eventType;
    case 'skip':
      skipPhase(u, id, { phase: nameOf(asked.phase), reason: 'r' });
      return 'skip';
    case 'rollback':
      rollbackRun(u, id, { toPhase: nameOf(asked.phase) });
      return 'rollback';
    case 'artifact':
      addArtifact(u, { runId: id, phase: nameOf(asked.phase), path: 'x' });
      return 'artifact';
    case 'set':
      setRun(u, id, { autoAdvance: asked.autoAdvance });
      return 'set';
    case 'override':
      overrideGate(u, id, { reason: 'r' });
      return 'override';
    case 'cancel':
      cancelRun(u, id);
      return 'cancel';
  }
}

function attempt(kernel: TestKernel, id: string, asked: ModelCommand): string {
  try {
    return kernel.write((u) => perform(u, id, asked));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return (error as KernelError).code;
  }
}

/** Phase and status as the events alone tell them; every event must start where the one before ended. */
function replay(events: readonly PhaseEvent[]): { phase: string; status: RunStatus } {
  let state: { phase: string; status: RunStatus } = { phase: MODEL_CHAIN[0], status: 'active' };
  for (const event of events) {
    assert.equal(event.fromPhase, state.phase);
    if (event.type === 'cancel') state = { ...state, status: 'cancelled' };
    if (['advance', 'override', 'rollback'].includes(event.type)) {
      state = { phase: event.toPhase, status: event.toPhase === MODEL_CHAIN.at(-1) ? 'completed' : 'active' };
    }
  }
  return state;
}

describe('random commands', () => {
  it('do to a run what the model says, and its events tell the same', async function () {
    this.timeout(60_000);
    const kernel = await openTestKernel();
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        const { id } = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', phases: [...MODEL_CHAIN] }));
        let model = NEW_MODEL_RUN;
        for (const asked of commands) {
          const expected = step(model, asked);
          assert.equal(attempt(kernel, id, asked), expected.said, JSON.stringify(asked));
          model = expected.run;
          const run = kernel.read((r) => getRun(r, id));
          assert.deepEqual({ phase: run.phase, status: run.status }, { phase: nameOf(model.at), status: model.status });
          assert.equal(run.completedAt === null, run.status === 'active');
        }
        const run = kernel.read((r) => getRun(r, id));
        assert.deepEqual(replay(kernel.read((r) => phaseEvents(r, id))), { phase: run.phase, status: run.status });
      }),
      { numRuns: 300 },
    );
  });
});
