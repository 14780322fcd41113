/** Context menus: which entries each row has, in which order, and that every entry that asks nothing works. */
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, PARCEL_API, PARCEL_WEB } from '../../scripts/demo/repositories';
import { API_RUN, seedRun } from '../../src/services/demo/runs';
import { writeWorkspace } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { closeMenu, openMenu } from './support/menu';
import { startDispatch } from './support/startDispatch';
import type { TreeRow } from './support/tree';
import { withWorkbench } from './support/withWorkbench';
import { titleOf } from './support/titles';
import { describeLong, itLong } from '../support/long';

const AGENT_LIMIT_MS = 60_000;

describeLong('the context menus', function () {
  this.timeout(240_000);
  let parent: string;
  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('menus');
    const [api, web] = [path.join(parent, 'api'), path.join(parent, 'web')];
    await Promise.all([mkdir(api), mkdir(web)]);
    await createRepository(api, PARCEL_API);
    await createRepository(web, PARCEL_WEB);
    await seedRun(api, API_RUN);
    const file = await writeWorkspace(path.join(parent, 'two.code-workspace'), ['api', 'web']);
    return { opens: { kind: 'workspace', path: file } };
  });
  after('remove the folders', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const runs = () => workbench().tree('Runs');
  const dispatches = () => workbench().tree('Dispatches');
  const tab = (title: RegExp) => workbench().editorTab(title).waitFor();

  async function entries(row: TreeRow): Promise<string[]> {
    await row.waitFor();
    const found = await openMenu(workbench().page, row.locator);
    await closeMenu(workbench().page);
    return found;
  }

  /** Chooses an entry, or one of a submenu, and waits for what should come of it; nothing may complain. */
  async function works(row: TreeRow, labels: readonly string[], outcome: () => Promise<unknown>): Promise<void> {
    await workbench().page.evaluate(`navigator.clipboard.writeText('')`);
    await row.contextMenu(...labels);
    await outcome();
    assert.equal(await workbench().notification().count(), 0, labels.join(' › '));
  }

  const isCopied = (): Promise<unknown> =>
    workbench().page.waitForFunction('navigator.clipboard.readText().then((text) => /^[a-z0-9]{8}$/.test(text))');

  before('show the views', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(420);
    await runs().row('api').expand();
    await runs().row(API_RUN.goal).expand();
    // The window learns a moment after its start that the folders are trusted; menus offer changes from then on.
    const folder = runs().row('api').locator;
    await folder.hover();
    await folder.getByRole('button', { name: /Create Run/ }).waitFor();
  });

  it('of a folder with a record', async () => {
    const row = runs().row('api');
    assert.deepEqual(await entries(row), [
      'Reveal Database File',
      'Reload from Disk',
      'Create Run…',
      'Start Dispatch…',
      'Remove Data from This Folder…',
    ]);
    await works(row, ['Reload from Disk'], () => runs().row(API_RUN.goal).waitFor());
    await openMenu(workbench().page, row.locator);
    await workbench().screenshot('menu-folder');
    await closeMenu(workbench().page);
  });

  itLong('of a folder without one', async () => {
    const row = runs().row('web');
    assert.deepEqual(await entries(row), ['Initialize Intercore in Folder']);
    await works(row, ['Initialize Intercore in Folder'], () =>
      row.locator.filter({ hasText: 'no active run' }).waitFor(),
    );
    await row.contextMenu(titleOf('database.remove'));
    await workbench().dialog.getByText('.clavain/intercore.db').waitFor();
    await workbench().screenshot('menu-remove');
    await workbench().answerDialog('Remove Data');
    await row.locator.filter({ hasText: 'no database yet' }).waitFor();
  });

  it('of a run', async () => {
    const row = runs().row(API_RUN.goal);
    const expected = ['Show', 'Advance Run', 'Override Gate…', 'Change', 'Add', 'Copy Run Id', 'Cancel Run…'];
    assert.deepEqual(await entries(row), expected);
    await works(row, ['Show', 'Show Run'], () => tab(/^Run /));
    await works(row, ['Show', 'Show Events'], () => tab(/^Events of /));
    await works(row, ['Show', 'Check Gate'], () => tab(/^Gate of /));
    await works(row, ['Copy Run Id'], isCopied);
  });

  it('of phases: the one that is done, the current one and one to come', async () => {
    assert.deepEqual(await entries(runs().row('brainstorm')), ['Roll Run Back…']);
    const current = runs().row('brainstorm-reviewed');
    const expected = ['Check Gate', 'Advance Run', 'Override Gate…', 'Add Artifact…'];
    assert.deepEqual(await entries(current), expected);
    await works(current, ['Check Gate'], () => tab(/^Gate of /));
    assert.deepEqual(await entries(runs().row('planned')), ['Skip Phase…']);
  });

  itLong('of a condition and of an artifact', async () => {
    const condition = runs().row('An artifact of phase brainstorm-reviewed');
    assert.deepEqual(await entries(condition), ['Check Gate']);
    await works(condition, ['Check Gate'], () => tab(/^Gate of /));
    await runs().row('brainstorm').expand();
    const artifact = runs().row('docs/late-parcels.md');
    assert.deepEqual(await entries(artifact), ['Open Artifact']);
    await works(artifact, ['Open Artifact'], () => tab(/late-parcels\.md/));
    await runs().row('brainstorm').collapse();
  });

  itLong('of an event that keeps its evidence', async () => {
    await runs().row('Events').expand();
    const event = runs().row('brainstorm → brainstorm-reviewed');
    assert.deepEqual(await entries(event), ['Show Evidence']);
    await works(event, ['Show Evidence'], () => tab(/^Evidence /));
    await runs().row('Events').collapse();
  });

  itLong('of a running dispatch, and of one that ended', async () => {
    const prompt = 'exec sleep 600';
    const row = await startDispatch(workbench(), {
      kind: 'shell',
      run: API_RUN.goal,
      prompt,
      name: 'Slow',
    });
    await row.locator.filter({ hasText: 'running' }).waitFor({ timeout: AGENT_LIMIT_MS });
    const looks = [
      ...['Show Transcript', 'Show Dispatch Log', 'Open Prompt', 'Export Transcript…'],
      ...['Hand Over to…', 'Copy Dispatch Id'],
    ];
    assert.deepEqual(await entries(row), [...looks, 'Kill Dispatch…']);
    await works(row, ['Show Dispatch Log'], () => tab(/^Dispatch /));
    await works(row, ['Open Prompt'], () =>
      workbench().page.locator('.part.editor').getByText(prompt).first().waitFor(),
    );
    await works(row, ['Copy Dispatch Id'], isCopied);
    await runs().row('api').contextMenu(titleOf('database.remove'));
    await workbench().answerDialog('Remove Data');
    await workbench().notification('may still be running').first().waitFor();
    await workbench().clearNotifications();
    await row.contextMenu(titleOf('dispatch.kill'));
    await workbench().answerDialog('Kill');
    await dispatches().row('Slow').locator.filter({ hasText: 'cancelled' }).waitFor({ timeout: AGENT_LIMIT_MS });
    assert.deepEqual(await entries(dispatches().row('Slow')), looks);
  });
});
