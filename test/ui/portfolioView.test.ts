/** The Portfolio view on portfolios that were there before: rows, header, status bar, and a dependency by drag and drop. */
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { portfolioLocation } from '../../src/host/files/paths';
import { createPortfolioRun } from '../../src/services/portfolio/create';
import { PortfolioHome } from '../../src/services/portfolio/home/home';
import { testDeps } from '../support/projects';
import { writeWorkspace } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { describeLong } from '../support/long';
import { said } from './support/said';
import { viewName } from './support/titles';

const GOAL = 'Rename the field everywhere';
const NAMES = ['parcel-api', 'parcel-web', 'parcel-app'] as const;

/** In every run, `portfolioStory` has this view. */
describeLong('the Portfolio view in the window', () => {
  let parent: string;
  const dir = (name: string): string => path.join(parent, name);

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('portfolio-view');
    await Promise.all(NAMES.map((name) => mkdir(dir(name))));
    const home = new PortfolioHome({
      location: portfolioLocation(parent),
      kernelDeps: testDeps(),
      openKernel: () => undefined,
    });
    await createPortfolioRun(home, {
      goal: GOAL,
      folders: NAMES.map(dir),
      phases: ['executing', 'released', 'done'],
      dependencies: [{ upstream: dir('parcel-api'), downstream: dir('parcel-web') }],
    });
    await home.dispose();
    const file = await writeWorkspace(path.join(parent, 'parcels.code-workspace'), NAMES);
    return { opens: { kind: 'workspace', path: file }, scale: 2 };
  });
  after('remove the folders', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const view = () => workbench().tree(viewName('portfolio'));

  before('show the view', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(560);
    await view().row(GOAL).waitFor();
    await workbench().tree(viewName('tasks')).collapse();
  });

  it('shows where the portfolio stands and its children, upstream first', async () => {
    const row = view().row(GOAL);
    assert.match(await row.ariaLabel(), /^Portfolio waits for parcel-api and 2 more · /);
    assert.equal(await row.description(), 'executing · 0 of 3 children advanced');
    await view().row('parcel-app').waitFor();
    const labels = await view().labels();
    assert.deepEqual(
      labels.filter((label) => label.startsWith('parcel-')),
      ['parcel-api', 'parcel-web', 'parcel-app'],
    );
    const waiting = view().row('parcel-web');
    assert.equal(await waiting.description(), 'waits for parcel-api (at executing, needs released) · executing');
    assert.match(await waiting.ariaLabel(), /^Child parcel-web, active, waits for parcel-api/);
    await workbench().screenshot('portfolio-view');
  });

  it('says in the status bar and in its header what is blocked, and adds nothing to what needs you', async () => {
    await workbench().statusItem('executing · 0/3 · waits for parcel-api and 2 more').waitFor();
    const { page } = workbench();
    await page
      .locator('.pane-header', { hasText: said('{0} child blocked: {1}', { 0: 1, 1: 'parcel-web' }) })
      .waitFor();
    assert.equal(
      await page
        .locator('.part.activitybar')
        .getByRole('tab', { name: /blocked/ })
        .count(),
      0,
    );
  });

  it('lets a child wait for the one it is dropped on, and no longer once that is removed', async () => {
    const [api, app] = [view().row('parcel-api').locator, view().row('parcel-app').locator];
    await app.locator('.label-name').dragTo(api.locator('.label-name'));
    await workbench().page.locator('.label-description', { hasText: 'needs released' }).nth(1).waitFor();
    assert.match(await view().row('parcel-app').description(), /waits for parcel-api/);
    await view().row(said('Dependencies')).expand();
    const edge = view().row('parcel-api → parcel-app');
    await edge.waitFor();
    await edge.locator.hover();
    await edge.locator.getByRole('button', { name: /Remove Dependency/ }).click();
    await edge.locator.waitFor({ state: 'detached' });
    assert.equal(await view().row('parcel-app').description(), 'executing');
  });
});
