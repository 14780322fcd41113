import assert from 'node:assert/strict';
import { createDispatch } from '../../../../src/kernel/dispatch/service';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../../src/kernel/tracking/service';
import { statusSummary } from '../../../../src/views/projections/run/statusSummary';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';

function createIn(folder: TestFolder, goal: string) {
  return folder.write((u) => createRun(u, { projectDir: folder.folder, goal, phases: ['planned', 'executing'] }));
}

describe('the status bar item', () => {
  let folder: TestFolder;

  beforeEach(async () => {
    folder = await openTestFolder();
  });

  it('says nothing where no run is active', () => {
    assert.equal(statusSummary(viewContextOf(), undefined), undefined);
    const run = createIn(folder, 'Work');
    folder.write((u) => cancelRun(u, run.id));
    assert.equal(statusSummary(viewContextOf(folder), undefined), undefined);
    folder.state = { kind: 'missing' };
    assert.equal(statusSummary(viewContextOf(folder), folder.folder), undefined);
  });

  it('says what blocks the run, and calls for a person only while no agent is running', () => {
    const run = createIn(folder, 'Work');
    const blocked = statusSummary(viewContextOf(folder), undefined);
    assert.equal(blocked?.text, 'planned · needs an artifact');
    assert.equal(blocked.icon, 'lock');
    assert.equal(blocked.needsPerson, true);
    assert.equal(blocked.spoken, 'Intercore run Work: planned · needs an artifact');

    folder.write((u) => createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: run.id }));
    const working = statusSummary(viewContextOf(folder), undefined);
    assert.equal(working?.text, 'planned · needs an artifact · 1 running');
    assert.equal(working.needsPerson, false);
  });

  it('shows no warning if the gate is open', () => {
    const run = createIn(folder, 'Work');
    folder.write((u) => addArtifact(u, { runId: run.id, phase: 'planned', path: 'plan.md' }));
    const summary = statusSummary(viewContextOf(folder), undefined);
    assert.deepEqual(
      { text: summary?.text, icon: summary?.icon, needsPerson: summary?.needsPerson },
      { text: 'planned', icon: 'play-circle', needsPerson: false },
    );
  });

  it('follows the folder of the active editor, else takes the first with an active run', async () => {
    const other = await openTestFolder('/projects/beta');
    createIn(other, 'There');
    const context = viewContextOf(folder, other);
    assert.equal(statusSummary(context, undefined)?.folder, other.folder);
    assert.equal(statusSummary(context, folder.folder), undefined);
    const here = createIn(folder, 'Here');
    assert.equal(statusSummary(context, folder.folder)?.runId, here.id);
    assert.equal(statusSummary(context, '/elsewhere')?.runId, here.id);
  });

  it('takes the newest run of this project', () => {
    createIn(folder, 'Older');
    folder.kernel.clock.advance(60);
    const newer = createIn(folder, 'Newer');
    folder.kernel.clock.advance(60);
    folder.write((u) => createRun(u, { projectDir: '/elsewhere', goal: 'Not this project' }));
    assert.equal(statusSummary(viewContextOf(folder), undefined)?.runId, newer.id);
  });
});
