import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { signed } from '../../../src/kernel/callers/service';
import { listWrites } from '../../../src/kernel/callers/writes';
import { listEvents } from '../../../src/kernel/events/service';
import { skipPhase } from '../../../src/kernel/run/skip';
import { createRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { openTestKernel } from '../../support/records/kernel';

const AGENT = { caller: 'agent a1', operation: 'runs.skip' };
const PERSON = { caller: 'vscode', operation: 'artifacts.add' };

describe('signed writes', () => {
  it('name the caller of each event, and of what makes no event', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    kernel.write((u) => signed(u, AGENT, () => skipPhase(u, run.id, { phase: 'strategized', reason: 'r' })));
    kernel.write((u) => signed(u, PERSON, () => addArtifact(u, { runId: run.id, phase: run.phase, path: 'a' })));
    const writes = kernel.read((r) => listWrites(r, { runId: run.id }));
    assert.deepEqual(
      writes.map(({ caller, operation, runId }) => [caller, operation, runId]),
      [
        ['vscode', 'artifacts.add', run.id],
        ['agent a1', 'runs.skip', run.id],
      ],
    );
    const events = kernel.read((r) => listEvents(r, { runId: run.id }));
    assert.deepEqual(
      events.map(({ type, caller }) => [type, caller]),
      [['skip', 'agent a1']],
    );
    assert.equal(kernel.read((r) => listWrites(r, { limit: 1 })).length, 1);
  });

  it('leave no trace of what changed nothing, or failed', async () => {
    const kernel = await openTestKernel();
    kernel.write((u) => signed(u, AGENT, () => undefined));
    assert.throws(() => kernel.write((u) => signed(u, AGENT, () => skipPhase(u, 'none', { phase: 'x', reason: 'r' }))));
    assert.deepEqual(
      kernel.read((r) => listWrites(r)),
      [],
    );
  });

  it('have no caller in a record that no version with signatures has written', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    kernel.write((u) => skipPhase(u, run.id, { phase: 'strategized', reason: 'r' }));
    kernel.write((u) => u.db.exec('DROP TABLE event_callers; DROP TABLE signed_writes;'));
    assert.deepEqual(
      kernel.read((r) => listWrites(r)),
      [],
    );
    assert.deepEqual(
      kernel.read((r) => listEvents(r)).map(({ caller }) => caller),
      [null],
    );
  });
});
