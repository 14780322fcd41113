import assert from 'node:assert/strict';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun } from '../../../src/kernel/run/record/runs';
import { phaseEvents } from '../../../src/kernel/run/record/queries';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { report } from '../../../src/views/documents/reports';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';

describe('documents of the record', () => {
  let folder: TestFolder;
  let runId: string;

  beforeEach(async () => {
    folder = await openTestFolder();
    const phases = ['planned', 'executing', 'review', 'done'];
    runId = folder.write((u) => createRun(u, { projectDir: folder.folder, goal: 'Fix *it*\nfor good', phases })).id;
  });

  const text = (kind: 'run' | 'gate' | 'events') =>
    atOnce(report(viewContextOf(folder), { kind, folder: folder.folder, runId }));
  const evidence = (eventId: number) =>
    atOnce(report(viewContextOf(folder), { kind: 'evidence', folder: folder.folder, runId, eventId }));

  it('says of a gate which condition fails, what it found and what would satisfy it', () => {
    const red = text('gate');
    assert.match(red, /^Gate from planned to executing: not satisfied\n=+\n/);
    assert.match(red, /^Tier {2}hard: a failed condition blocks the run$/m);
    assert.match(red, /^\[FAIL\] An artifact of phase planned$/m);
    assert.match(red, /Found {4}no artifacts found for phase "planned"$/m);
    assert.match(red, /To do {4}Add an artifact to phase planned of this run\.$/m);
    folder.write((u) => addArtifact(u, { runId, phase: 'planned', path: 'plan.md' }));
    const green = text('gate');
    assert.match(green, /^Gate from planned to executing: open$/m);
    assert.match(green, /^\[PASS\] An artifact of phase planned$/m);
    assert.doesNotMatch(green, /To do/);
  });

  it('shows the evidence of an event as it was, without advice for what is past', () => {
    folder.write((u) => advanceRun(u, runId, { tier: 'hard' }));
    const event = folder.kernel.read((r) => phaseEvents(r, runId))[0];
    assert.ok(event !== undefined);
    folder.write((u) => addArtifact(u, { runId, phase: 'planned', path: 'plan.md' }));
    const shown = evidence(event.id);
    assert.match(shown, /block from planned to executing/);
    assert.match(shown, /^\[FAIL\] An artifact of phase planned$/m);
    assert.doesNotMatch(shown, /To do/);
    assert.doesNotMatch(shown, /conditions"/);
  });

  it('gives the reason of an override', () => {
    folder.write((u) => overrideGate(u, runId, { reason: 'seen by two people', actor: 'Ann' }));
    const event = folder.kernel.read((r) => phaseEvents(r, runId))[0];
    assert.ok(event !== undefined);
    const shown = evidence(event.id);
    assert.match(shown, /^Reason {2}actor=Ann: seen by two people$/m);
    assert.match(shown, /This event has no evidence\./);
  });

  it('lists the events of phases and dispatches in one order', () => {
    folder.write((u) => createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: runId }));
    folder.kernel.clock.advance(60);
    folder.write((u) => advanceRun(u, runId, { tier: 'hard' }));
    const lines = text('events').trim().split('\n').slice(3);
    assert.match(lines.at(-1) ?? '', /block +planned → executing {3}\(with evidence\)$/);
  });

  it('keeps the events in columns, however long their names are', () => {
    folder.write((u) => advanceRun(u, runId, { tier: 'hard' }));
    folder.write((u) => overrideGate(u, runId, { reason: 'Seen by two people', actor: 'Ann' }));
    const lines = text('events').trim().split('\n').slice(3);
    const columns = lines.map((line) => line.indexOf('planned →'));
    assert.ok(columns.length > 1 && columns.every((column) => column > 0 && column === columns[0]), lines.join('\n'));
  });

  it('sums a run up: phases, artifacts, agents', () => {
    folder.write((u) => addArtifact(u, { runId, phase: 'planned', path: 'plan.md' }));
    const shown = text('run');
    assert.match(shown, /^Fix \*it\*\nfor good\n/);
    assert.match(shown, /^planned {4}current phase, artifacts: 1$/m);
    assert.match(shown, /^review {5}to come$/m);
    assert.match(shown, /^planned {2}plan\.md$/m);
  });

  it('says why there is nothing to show', () => {
    assert.match(
      atOnce(report(viewContextOf(), { kind: 'run', folder: '/gone', runId })),
      /The folder \/gone is not open in this window/,
    );
    assert.match(evidence(999), /The event 999 was not found/);
    folder.write((u) => cancelRun(u, runId));
    assert.match(text('gate'), /This run is cancelled, so no gate follows\./);
    const error = new KernelError('DATABASE_HOT_JOURNAL', { path: '/p', journal: '/p-journal' });
    folder.state = { kind: 'failed', error };
    assert.match(text('run'), /left \/p-journal\. Run Recover Database/);
  });
});
