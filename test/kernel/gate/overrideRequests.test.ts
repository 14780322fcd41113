/** Requests for an override are open until the run moves or ends. */
import assert from 'node:assert/strict';
import { askOverride, openOverrideRequest } from '../../../src/kernel/gate/service';
import { advanceRun } from '../../../src/kernel/run/advance';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { overrideGate } from '../../../src/kernel/run/override';
import { getRun } from '../../../src/kernel/run/record/queries';
import { refuses } from '../../support/hostile/refusals';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { runAt } from '../../support/tasks/gates';

const open = (kernel: TestKernel, id: string) => kernel.read((r) => openOverrideRequest(r, getRun(r, id)));

describe('a request for an override', () => {
  it('is kept with its reason, its phase, and who asks', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned');
    assert.equal(open(kernel, id), undefined);
    const asked = kernel.write((u) => askOverride(u, id, { reason: 'in a hurry', actor: 'ann' }));
    assert.deepEqual(
      { runId: asked.runId, phase: asked.phase, reason: asked.reason, actor: asked.actor },
      { runId: id, phase: 'planned', reason: 'in a hurry', actor: 'ann' },
    );
    assert.deepEqual(open(kernel, id), asked);
    const again = kernel.write((u) => askOverride(u, id, { reason: 'still' }));
    assert.deepEqual({ open: open(kernel, id), actor: again.actor }, { open: again, actor: null });
  });

  it('is settled by a move, and by the end of the run', async () => {
    const kernel = await openTestKernel();
    const [moved, ended] = [runAt(kernel, 'planned'), runAt(kernel, 'planned')];
    for (const id of [moved, ended]) kernel.write((u) => askOverride(u, id, { reason: 'r' }));
    kernel.write((u) => overrideGate(u, moved, { reason: 'r' }));
    kernel.write((u) => cancelRun(u, ended));
    assert.deepEqual(
      { moved: open(kernel, moved), ended: open(kernel, ended) },
      { moved: undefined, ended: undefined },
    );
  });

  it('stays open where the run was only held by its gate', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned');
    const asked = kernel.write((u) => askOverride(u, id, { reason: 'r' }));
    kernel.write((u) => advanceRun(u, id, { tier: 'hard' }));
    assert.deepEqual(open(kernel, id), asked);
  });

  it('is refused without a reason, for an ended run, and in the last phase', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned');
    refuses(kernel, 'INVALID_ARGUMENT', (u) => askOverride(u, id, { reason: ' ' }));
    refuses(kernel, 'INVALID_ARGUMENT', (u) => askOverride(u, id, { reason: 'r', actor: 'a'.repeat(201) }));
    kernel.write((u) => cancelRun(u, id));
    refuses(kernel, 'RUN_TERMINAL', (u) => askOverride(u, id, { reason: 'r' }));
    const last = runAt(kernel, 'done');
    refuses(kernel, 'PHASE_TERMINAL', (u) => askOverride(u, last, { reason: 'r' }));
  });
});
