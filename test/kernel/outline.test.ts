import assert from 'node:assert/strict';
import { createDispatch, endDispatch, outlineDispatches } from '../../src/kernel/dispatch/service';
import { cancelRun, createRun, outlineRuns } from '../../src/kernel/run/service';
import { openTestKernel, TEST_START_SEC } from '../support/kernel';

describe('lists in outline', () => {
  it('tell status and moments of every run and dispatch', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    const dispatch = kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: '/p' }));
    kernel.clock.advance(60);
    kernel.write((u) => cancelRun(u, run.id));
    kernel.write((u) => endDispatch(u, dispatch.id, { status: 'failed' }));
    const moments = { createdAt: TEST_START_SEC, endedAt: TEST_START_SEC + 60 };
    assert.deepEqual(kernel.read(outlineRuns), [{ id: run.id, status: 'cancelled', ...moments }]);
    assert.deepEqual(kernel.read(outlineDispatches), [{ id: dispatch.id, status: 'failed', ...moments }]);
  });

  it('are read whatever another program stored', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    kernel.exec(`UPDATE runs SET status = x'ff00', created_at = 'never', updated_at = x'01'`);
    assert.equal(kernel.read(outlineRuns)[0]?.id, run.id);
    assert.equal(kernel.read(outlineRuns)[0]?.createdAt, 0);
  });

  it('are empty for an empty record', async () => {
    const kernel = await openTestKernel();
    assert.deepEqual(kernel.read(outlineRuns), []);
    assert.deepEqual(kernel.read(outlineDispatches), []);
  });
});
