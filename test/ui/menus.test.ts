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
import { inManifest, titleOf, viewName } from './support/titles';
import { describeLong, itLong } from '../support/long';
import { partOf, said } from './support/said';

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

  const runs = () => workbench().tree(viewName('runs'));
  const dispatches = () => workbench().tree(viewName('dispatches'));
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
      titleOf('database.open'),
      titleOf('database.reload'),
      titleOf('run.create'),
      titleOf('dispatch.start'),
      titleOf('database.remove'),
    ]);
    await works(row, [titleOf('database.reload')], () => runs().row(API_RUN.goal).waitFor());
    await openMenu(workbench().page, row.locator);
    await workbench().screenshot('menu-folder');
    await closeMenu(workbench().page);
  });

  itLong('of a folder without one', async () => {
    const row = runs().row('web');
    assert.deepEqual(await entries(row), [titleOf('database.initialize')]);
    await works(row, [titleOf('database.initialize')], () =>
      row.locator.filter({ hasText: said('no active run') }).waitFor(),
    );
    await row.contextMenu(titleOf('database.remove'));
    await workbench().dialog.getByText('.clavain/intercore.db').waitFor();
    await workbench().screenshot('menu-remove');
    await workbench().answerDialog(said('Remove Data'));
    await row.locator.filter({ hasText: said('no database yet') }).waitFor();
  });

  it('of a run', async () => {
    const row = runs().row(API_RUN.goal);
    const expected = [
      inManifest('menu.look.label'),
      titleOf('run.advance'),
      titleOf('gate.override'),
      inManifest('menu.change.label'),
      inManifest('menu.add.label'),
      titleOf('run.copyId'),
      titleOf('run.cancel'),
    ];
    assert.deepEqual(await entries(row), expected);
    await works(row, [inManifest('menu.look.label'), titleOf('run.show')], () => tab(/^Run /));
    await works(row, [inManifest('menu.look.label'), titleOf('run.showEvents')], () => tab(/^Events of /));
    await works(row, [inManifest('menu.look.label'), titleOf('gate.check')], () => tab(/^Gate of /));
    await works(row, [titleOf('run.copyId')], isCopied);
  });

  it('of phases: the one that is done, the current one and one to come', async () => {
    assert.deepEqual(await entries(runs().row('brainstorm')), [titleOf('run.rollback')]);
    const current = runs().row('brainstorm-reviewed');
    const expected = [titleOf('gate.check'), titleOf('run.advance'), titleOf('gate.override'), titleOf('artifact.add')];
    assert.deepEqual(await entries(current), expected);
    await works(current, [titleOf('gate.check')], () => tab(/^Gate of /));
    assert.deepEqual(await entries(runs().row('planned')), [titleOf('run.skip')]);
  });

  itLong('of a condition and of an artifact', async () => {
    const condition = runs().row(said('An artifact of phase {0}', { 0: 'brainstorm-reviewed' }));
    assert.deepEqual(await entries(condition), [titleOf('gate.check')]);
    await works(condition, [titleOf('gate.check')], () => tab(/^Gate of /));
    await runs().row('brainstorm').expand();
    const artifact = runs().row('docs/late-parcels.md');
    assert.deepEqual(await entries(artifact), [titleOf('artifact.open')]);
    await works(artifact, [titleOf('artifact.open')], () => tab(/late-parcels\.md/));
    await runs().row('brainstorm').collapse();
  });

  itLong('of an event that keeps its evidence', async () => {
    await runs().row(said('Events')).expand();
    const event = runs().row('brainstorm → brainstorm-reviewed');
    assert.deepEqual(await entries(event), [titleOf('gate.showEvidence')]);
    await works(event, [titleOf('gate.showEvidence')], () => tab(/^Evidence /));
    await runs().row(said('Events')).collapse();
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
      ...[
        titleOf('dispatch.showTranscript'),
        titleOf('dispatch.showLog'),
        titleOf('dispatch.openPrompt'),
        titleOf('dispatch.exportTranscript'),
      ],
      ...[titleOf('dispatch.handOver'), titleOf('dispatch.copyId')],
    ];
    assert.deepEqual(await entries(row), [...looks, titleOf('dispatch.kill')]);
    await works(row, [titleOf('dispatch.showLog')], () => tab(/^Dispatch /));
    await works(row, [titleOf('dispatch.openPrompt')], () =>
      workbench().page.locator('.part.editor').getByText(prompt).first().waitFor(),
    );
    await works(row, [titleOf('dispatch.copyId')], isCopied);
    await runs().row('api').contextMenu(titleOf('database.remove'));
    await workbench().answerDialog(said('Remove Data'));
    await workbench()
      .notification(
        partOf(
          'The database {path} was not removed: {active} of its dispatches may still be running.',
          'may still be running',
        ),
      )
      .first()
      .waitFor();
    await workbench().clearNotifications();
    await row.contextMenu(titleOf('dispatch.kill'));
    await workbench().answerDialog(said('Kill'));
    await dispatches().row('Slow').locator.filter({ hasText: 'cancelled' }).waitFor({ timeout: AGENT_LIMIT_MS });
    assert.deepEqual(await entries(dispatches().row('Slow')), looks);
  });
});
