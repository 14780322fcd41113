/** Restricted Mode: the window looks and changes nothing, until the person trusts the folder in the editor. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { API_RUN, seedRun } from '../../src/services/demo/runs';
import { ic } from '../support/ic/ic';
import { describeLong } from '../support/long';
import { sqlite3 } from '../support/records/sqlite3';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { closeMenu, openMenu } from './support/menu';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

const CHANGING = [
  titleOf('run.create'),
  titleOf('run.advance'),
  titleOf('run.cancel'),
  titleOf('dispatch.start'),
  titleOf('artifact.add'),
  titleOf('run.setGoal'),
];

describe('a folder that is not trusted', function () {
  this.timeout(240_000);
  let parent: string;
  let folder: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('trust');
    const opens = await prepareFixture('folder', parent);
    assert.equal(opens.kind, 'folder');
    folder = opens.path;
    await seedRun(folder, API_RUN);
    // Its agent has long ended when the window opens; only a trusted window may write that down.
    const prompt = path.join(parent, 'prompt.txt');
    await writeFile(prompt, 'exec sleep 3');
    const agent = ['--type=shell', '--name=Earlier', `--prompt-file=${prompt}`];
    const spawned = await ic(['dispatch', 'spawn', ...agent], { cwd: folder });
    assert.equal(spawned.code, 0, spawned.stderr);
    return { opens, trust: 'restricted' };
  });
  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const runs = () => workbench().tree(viewName('runs'));
  const dispatches = () => workbench().tree(viewName('dispatches'));
  const status = () => sqlite3(databaseOf(folder), 'SELECT status FROM dispatches');

  it('shows its runs and dispatches, with looks but no changes in the menus', async () => {
    await workbench().openContainer('Intercore');
    const row = runs().row(API_RUN.goal);
    await row.expand();
    assert.deepEqual(await row.inlineActions(), [titleOf('gate.check')]);
    assert.deepEqual(await openMenu(workbench().page, row.locator), [said('Show'), titleOf('run.copyId')]);
    await closeMenu(workbench().page);
    assert.deepEqual(await openMenu(workbench().page, runs().row('brainstorm-reviewed').locator), [
      titleOf('gate.check'),
    ]);
    await closeMenu(workbench().page);
    await dispatches().expand();
    await dispatches().row('Earlier').waitFor();
    await workbench().screenshot('trust-restricted');
  });

  it('opens the report of a gate', async () => {
    await runs().row(API_RUN.goal).inlineAction(titleOf('gate.check'));
    await workbench().page.locator('.part.editor').getByText('Gate from brainstorm-reviewed').first().waitFor();
  });

  it('offers no changing command in the palette', async () => {
    for (const title of CHANGING) assert.equal(await workbench().offersCommand(`Intercore: ${title}`), false, title);
    assert.equal(await workbench().offersCommand(inPalette('run.show')), true);
  });

  it('leaves a dispatch as it was found', async () => {
    assert.equal(await status(), 'running');
  });

  it('can do everything once the person trusts the folder, without a reload', async () => {
    await workbench().page.evaluate('globalThis.sameWindow = true');
    await workbench().runCommand('Workspaces: Manage Workspace Trust');
    await workbench()
      .page.locator('.part.editor')
      .getByRole('button', { name: said('Trust'), exact: true })
      .first()
      .click();
    await dispatches().row('Earlier').locator.filter({ hasText: 'completed' }).waitFor({ timeout: 30_000 });
    assert.equal(await status(), 'completed');
    await runs().row(API_RUN.goal).locator.hover();
    await runs()
      .row(API_RUN.goal)
      .locator.getByRole('button', { name: titleOf('run.advance') })
      .waitFor();
    for (const title of CHANGING) assert.equal(await workbench().offersCommand(`Intercore: ${title}`), true, title);
    await runs().row(API_RUN.goal).inlineAction(titleOf('run.advance'));
    await workbench()
      .notification(
        partOf(
          'Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.',
          'Conditions of its gate',
        ),
      )
      .first()
      .waitFor();
    assert.equal(await workbench().page.evaluate('globalThis.sameWindow'), true, 'the window was not reloaded');
    await workbench().screenshot('trust-granted');
  });
});

describeLong('a folder without a record that is not trusted', function () {
  this.timeout(240_000);
  const workbench = withWorkbench({ opens: 'folder', trust: 'restricted' });

  it('says what to do, and initializes after that', async () => {
    await workbench().openContainer('Intercore');
    const { welcome } = workbench().tree(viewName('runs'));
    await welcome
      .getByText(
        partOf(
          'This workspace is not trusted. Intercore can read its data, but does not change or run anything.',
          'This workspace is not trusted',
        ),
      )
      .waitFor();
    assert.equal(await workbench().offersCommand(inPalette('database.initialize')), false);
    await workbench().screenshot('trust-welcome');
    await welcome.getByText(said('Manage Workspace Trust')).click();
    await workbench()
      .page.locator('.part.editor')
      .getByRole('button', { name: said('Trust'), exact: true })
      .first()
      .click();
    await welcome.getByText(titleOf('database.initialize')).click();
    await welcome.getByText('There are no runs yet').waitFor();
    const { opened } = workbench().session;
    assert.ok(opened.kind === 'folder' && existsSync(databaseOf(opened.path)));
  });
});

function databaseOf(folder: string): string {
  return path.join(folder, '.clavain/intercore.db');
}
