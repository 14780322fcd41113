import assert from 'node:assert/strict';
import type { CreateRunInput } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { createRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';

const PLAIN: CreateRunInput = { projectDir: '/p', goal: 'ship it' };

function create(kernel: TestKernel, input: Partial<CreateRunInput> = {}): string {
  return kernel.write((u) => createRun(u, { ...PLAIN, ...input })).id;
}

function events(kernel: TestKernel, id: string): (string | null)[][] {
  return kernel.read((r) => phaseEvents(r, id)).map((e) => [e.type, e.fromPhase, e.toPhase, e.reason]);
}

describe('cancelling a run', () => {
  it('ends it where it stands', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.clock.advance(3);
    assert.deepEqual(
      kernel.write((u) => cancelRun(u, id)),
      { runId: id, children: [] },
    );
    const run = kernel.read((r) => getRun(r, id));
    assert.deepEqual(
      { status: run.status, completedAt: run.completedAt, updatedAt: run.updatedAt },
      { status: 'cancelled', completedAt: TEST_START_SEC + 3, updatedAt: TEST_START_SEC + 3 },
    );
    assert.deepEqual(events(kernel, id), [['cancel', 'brainstorm', 'brainstorm', null]]);
  });

  it('refuses an unknown run', async () => {
    const kernel = await openTestKernel();
    refuses(kernel, 'NOT_FOUND', (u) => cancelRun(u, 'nope'));
  });
});
