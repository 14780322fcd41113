/** A newcomer: from *Try the Demo* to a first gated, merged change, without a network, a sign-in or a cost. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { git } from '../../scripts/demo/repositories';
import { describeTask } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { showsFolders } from './support/workspaceFolders';
import { inManifest, inPalette, titleOf, viewName } from './support/titles';
import { describeLong, itLong } from '../support/long';
import { said } from './support/said';

const TASK = 'Tell people when their parcel is late';

describeLong('the demo', function () {
  this.timeout(180_000);
  const workbench = withWorkbench({ opens: 'empty', trust: 'prompt', width: 1500, height: 1200 });

  const view = () => workbench().tree(viewName('tasks'));
  const input = () => workbench().quickInput;
  const says = async (label: string, text: RegExp): Promise<void> => {
    await view().row(label).locator.locator('.label-description', { hasText: text }).waitFor({ timeout: 60_000 });
  };
  const demo = (): string =>
    path.join(workbench().session.folder, 'data/data/User/globalStorage/intercore.intercore/demo');
  /** A step of the walkthrough that is marked as done by what happened. */
  const stepDone = async (title: string): Promise<void> => {
    const step = workbench().page.locator('.getting-started-step', { hasText: title });
    await step.locator('.codicon.complete').waitFor({ timeout: 30_000 });
  };
  let beganMs: number;

  it('is made and opened by one command, which VS Code asks to trust as usual', async () => {
    beganMs = Date.now();
    await workbench().runCommand(inPalette('demo.open'));
    await workbench().page.waitForURL((url) => url.searchParams.has('workspace'), { timeout: 60_000 });
    const { page, folder } = workbench().session;
    await showsFolders(page, path.join(folder, 'data/data'));
    await workbench()
      .dialog.getByText(/Do you trust the authors/)
      .first()
      .waitFor({ timeout: 60_000 });
    await workbench().screenshot('demo-trust');
    await workbench().dialog.getByRole('button', { name: /^Yes/ }).click();
    await workbench()
      .page.locator('.gettingStartedContainer')
      .getByText(inManifest('walkthrough.task.title'))
      .first()
      .waitFor({ timeout: 60_000 });
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(560);
    await stepDone('Start with the demo');
    await workbench().screenshot('demo-walkthrough');
  });

  it('has sessions that talk, ask, and do what they were allowed to do', async () => {
    const needs = () => workbench().tree(viewName('needsYou'));
    const command = () => needs().row('`git log --oneline` · Summarize the history of the page');
    await command().waitFor();
    await needs()
      .row(/In which unit/)
      .waitFor();
    await workbench().screenshot('demo-sessions');
    await command().contextMenu(titleOf('dispatch.showTranscript'));
    const transcript = await workbench().webview('#viewport');
    await transcript.locator('#entries', { hasText: 'a script' }).waitFor();
    await workbench().screenshot('demo-session-transcript');
    await workbench().leavePage();
    await command().contextMenu(titleOf('session.allow'));
    const answered = await workbench().webview('#viewport');
    await answered.locator('#entries', { hasText: 'The page has 4 commits.' }).waitFor();
    await workbench().screenshot('demo-session-allowed');
    await workbench().leavePage();
    await workbench().runCommand('View: Close Editor');
  });

  it('lets a task be planned by its scripted agent', async () => {
    await workbench().runCommand(inPalette('task.create'));
    await input().pick(/parcel-api/);
    await describeTask(workbench(), TASK);
    await stepDone(inManifest('walkthrough.task.title'));
    await view().expand();
    await view().row('parcel-api').expand();
    await view().row(TASK).expand();
    await says('Know when a parcel last moved', /^ready$/);
    await says('Say that a parcel is late', /^waits for Know when/);
    await workbench().screenshot('demo-planned');
  });

  it('builds, proves and merges a first change', async () => {
    await view().row('Know when a parcel last moved').inlineAction(titleOf('subtask.start'));
    await says('Know when a parcel last moved', /^completed, ready to merge( · proven.*)?$/);
    await stepDone(inManifest('walkthrough.build.title'));
    await view().row('Know when a parcel last moved').inlineAction(titleOf('subtask.merge'));
    await workbench().answerDialog(said('Merge'));
    await says('Know when a parcel last moved', /^merged/);
    await stepDone(inManifest('walkthrough.merge.title'));
    console.log(`      from the command to a merged change: ${Math.round((Date.now() - beganMs) / 1000)} s`);
    const log = await git(path.join(demo(), 'parcel-api'), ['log', '--format=%s', 'main']);
    assert.match(log, /Know when a parcel last moved/);
  });

  itLong('goes through the gate when all is merged, and every step of the walkthrough is done', async () => {
    await view().row('Say that a parcel is late').inlineAction(titleOf('subtask.start'));
    await says('Say that a parcel is late', /^completed, ready to merge( · proven.*)?$/);
    await view().row('Say that a parcel is late').inlineAction(titleOf('subtask.merge'));
    await workbench().answerDialog(said('Merge'));
    await says(TASK, /^2 of 2 merged/);
    await stepDone(inManifest('walkthrough.gate.title'));
    console.log(`      from the command to a done task: ${Math.round((Date.now() - beganMs) / 1000)} s`);
    await workbench().screenshot('demo-done');
  });

  it('is removed by a command, after a question', async () => {
    await workbench().runCommand(inPalette('demo.remove'));
    await workbench().screenshot('demo-remove');
    await workbench().answerDialog(said('Remove'));
    await workbench().page.waitForURL((url) => !url.searchParams.has('workspace'), { timeout: 60_000 });
    assert.equal(existsSync(demo()), false);
  });
});
