/** The views on a record that was there before: rows, hovers, status bar, documents, and a change from outside. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDispatch, endDispatch } from '../../src/kernel/dispatch/service';
import { cancelRun } from '../../src/kernel/run/cancel';
import { advanceRun } from '../../src/kernel/run/advance';
import { createRun } from '../../src/kernel/run/record/runs';
import { addAgent, addArtifact } from '../../src/kernel/tracking/service';
import { openTestKernel, type TestKernel } from '../support/records/kernel';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { said } from './support/said';
import { viewName } from './support/titles';

const ODD_GOAL = '$(bug) **x** <b> [y](command:z)';
const PHASES = ['planned', 'executing', 'review', 'done'];

describe('the views in the window', () => {
  let kernel: TestKernel;
  let parent: string;
  let folder: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('views');
    const opens = await prepareFixture('folder', parent);
    assert.equal(opens.kind, 'folder');
    folder = opens.path;
    kernel = await openTestKernel();
    kernel.clock.advance(Math.floor(Date.now() / 1000) - kernel.clock.now);
    fill(kernel, folder);
    await save();
    return { opens, scale: 2 };
  });

  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  async function save(): Promise<void> {
    await mkdir(path.join(folder, '.clavain'), { recursive: true });
    await writeFile(path.join(folder, '.clavain', 'intercore.db'), kernel.kernel.export());
  }

  const runs = () => workbench().tree(viewName('runs'));

  it('open with the Intercore container of the activity bar', async () => {
    await workbench().openContainer('Intercore');
    await workbench().screenshot('views-container');
  });

  it('shows runs, phases and the gate, with states in words for a screen reader', async () => {
    const row = runs().row('Tell people when their parcel is late');
    await row.expand();
    assert.equal(await row.description(), said('gate blocked'));
    assert.match(await row.ariaLabel(), /^Run executing · Tell people.*active, gate blocked/);
    await runs().row(said('No agent still active')).waitFor();
    assert.equal(await runs().row('planned').description(), 'done');
    await runs().row(said('Events')).expand();
    await runs().row('planned → executing').waitFor();
    await workbench().screenshot('views-runs');
  });

  it('shows a title as it was written, whatever it looks like', async () => {
    const row = runs().row(ODD_GOAL);
    await row.waitFor();
    await row.locator.locator('.label-name').hover();
    const hover = workbench()
      .page.locator('.monaco-hover')
      .filter({ hasText: said('Phases') });
    // VS Code may keep a hover out of sight while a page has no focus; what it holds is what counts.
    await hover.waitFor({ state: 'attached' });
    assert.equal(await hover.locator('strong').textContent(), ODD_GOAL);
    assert.match((await hover.textContent()) ?? '', /Phases: planned → executing → review → done/);
    assert.equal(await hover.locator('.codicon, a, b, em').count(), 0);
  });

  it('opens the report of the gate from the row of the current phase', async () => {
    await runs().row('executing').click();
    await workbench()
      .editorTab(/^Gate of/)
      .waitFor();
    const report = await workbench().editorText();
    assert.match(report, /^Gate from executing to review: not satisfied/);
    assert.match(report, /\[FAIL\] No agent still active/);
    await workbench().screenshot('views-report');
  });

  it('shows dispatches by day with their details', async () => {
    const dispatches = workbench().tree(viewName('dispatches'));
    await dispatches.expand();
    const day = dispatches.rows.filter({ hasText: said('{0} dispatch', { 0: 1 }) });
    await day.waitFor();
    const row = dispatches.row('Reviewer');
    await row.waitFor();
    assert.match(await row.description(), /^codex · failed/);
    await row.expand();
    await dispatches.row(said('Error')).locator.filter({ hasText: 'no key' }).waitFor();
    await workbench().screenshot('views-dispatches');
  });

  it('keeps what is open when another program changes the record, and redraws the rest', async () => {
    const row = runs().row('Tell people when their parcel is late');
    kernel.write((u) => u.db.exec("UPDATE run_agents SET status = 'completed'"));
    await save();
    await row.locator.filter({ hasNotText: said('gate blocked') }).waitFor();
    assert.equal(await row.isExpanded(), true);
    assert.match(await runs().row('executing').description(), /^gate to review open$/);
  });

  it('says in the status bar what holds the newest run back, and offers what can be done', async () => {
    const item = workbench().statusItem('planned · needs an artifact');
    await item.waitFor();
    assert.match((await item.getAttribute('aria-label')) ?? '', /needs an artifact/);
    await workbench().screenshot('views-status');
    await item.click();
    await workbench().quickInput.rows.first().waitFor();
    await workbench().screenshot('views-next');
    await workbench().quickInput.cancel();
  });
});

/** One run on its way, one with an odd title, one that ended, and a dispatch that failed. */
function fill(kernel: TestKernel, projectDir: string): void {
  kernel.write((u) => {
    const run = createRun(u, { projectDir, goal: 'Tell people when their parcel is late', phases: PHASES });
    addArtifact(u, { runId: run.id, phase: 'planned', path: 'README.md' });
    advanceRun(u, run.id, { tier: 'hard' });
    addAgent(u, { runId: run.id, agentType: 'claude', name: 'Builder' });
    const dispatch = createDispatch(u, { agentType: 'codex', name: 'Reviewer', projectDir, scopeId: run.id });
    endDispatch(u, dispatch.id, { status: 'failed', exitCode: 1, errorMessage: 'no key' });
    const ended = createRun(u, { projectDir, goal: 'Say what late means', phases: PHASES });
    cancelRun(u, ended.id);
  });
  kernel.clock.advance(1);
  kernel.write((u) => {
    createRun(u, { projectDir, goal: ODD_GOAL, phases: PHASES });
  });
}
