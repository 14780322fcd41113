import assert from 'node:assert/strict';
import { isTerminal, nextStatus, RUN_COMMANDS, RUN_MACHINE } from '../../../src/kernel/run/record/machine';
import { RUN_STATUSES, type RunStatus } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { skipPhase } from '../../../src/kernel/run/skip';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { getRun } from '../../../src/kernel/run/record/queries';
import type { Unit } from '../../../src/kernel/unit';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';

const COMMANDS: Readonly<Record<string, (u: Unit, id: string) => unknown>> = {
  advance: (u, id) => advanceRun(u, id, { tier: 'none' }),
  override: (u, id) => overrideGate(u, id, { reason: 'known good' }),
  skip: (u, id) => skipPhase(u, id, { phase: 'c', reason: 'not needed' }),
  rollback: (u, id) => rollbackRun(u, id, { toPhase: 'a' }),
  cancel: (u, id) => cancelRun(u, id),
  set: (u, id) => setRun(u, id, { complexity: 2 }),
};

/** What each command makes of each status, written out apart from the table under test. */
const EXPECTED: Readonly<Record<string, Readonly<Record<RunStatus, RunStatus | 'refused'>>>> = {
  advance: { active: 'active', completed: 'refused', cancelled: 'refused', failed: 'refused' },
  override: { active: 'active', completed: 'refused', cancelled: 'refused', failed: 'refused' },
  skip: { active: 'active', completed: 'refused', cancelled: 'refused', failed: 'refused' },
  rollback: { active: 'active', completed: 'active', cancelled: 'refused', failed: 'refused' },
  cancel: { active: 'cancelled', completed: 'refused', cancelled: 'refused', failed: 'refused' },
  set: { active: 'active', completed: 'completed', cancelled: 'cancelled', failed: 'failed' },
};

function runWith(kernel: TestKernel, status: RunStatus): string {
  const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', phases: ['a', 'b', 'c', 'd'] }));
  kernel.exec(`UPDATE runs SET phase = 'b', status = '${status}' WHERE id = '${run.id}'`);
  return run.id;
}

describe('the run machine', () => {
  for (const status of RUN_STATUSES) {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const expected = EXPECTED[name]?.[status];
      it(`${name} of a run that is ${status}: ${String(expected)}`, async () => {
        const kernel = await openTestKernel();
        const id = runWith(kernel, status);
        if (expected === 'refused') {
          assert.deepEqual(
            refuses(kernel, 'RUN_TERMINAL', (u) => command(u, id)),
            { runId: id, status },
          );
        } else {
          kernel.write((u) => void command(u, id));
          assert.equal(kernel.read((r) => getRun(r, id)).status, expected);
        }
      });
    }
  }

  it('completes a run in its last phase, from active only', () => {
    assert.deepEqual(
      RUN_STATUSES.map((status) => RUN_MACHINE[status].complete),
      ['completed', null, null, null],
    );
  });

  it('has an answer for every pair, and never leaves the vocabulary', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    for (const status of RUN_STATUSES) {
      for (const command of RUN_COMMANDS) {
        const next = RUN_MACHINE[status][command];
        if (next === null) assert.throws(() => nextStatus({ ...run, status }, command), { code: 'RUN_TERMINAL' });
        else assert.ok(RUN_STATUSES.includes(nextStatus({ ...run, status }, command)));
      }
    }
  });

  it('calls every status but active terminal', () => {
    assert.deepEqual(RUN_STATUSES.filter(isTerminal), ['completed', 'cancelled', 'failed']);
  });
});
