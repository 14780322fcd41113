/** What a person sees first: the demo of `npm start`, in the themes people use. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demoFolders, seedDemo } from '../../src/services/demo/seed';
import { ic } from '../support/ic/ic';
import { describeLong } from '../support/long';
import { writeWorkspace } from '../support/vscode/fixtures';
import { startDispatch } from './support/startDispatch';
import { withWorkbench } from './support/withWorkbench';
import { titleOf, viewName } from './support/titles';
import { said } from './support/said';

const THEMES = [
  ['dark', 'Dark Modern'],
  ['light', 'Light Modern'],
  ['high-contrast', 'Default High Contrast'],
] as const;

const API_GOAL = 'Tell people when their parcel is late';
const WEB_GOAL = 'Show a parcel on a map';
const PORTFOLIO_GOAL = 'Call the place of a parcel its location';

/** In every run, `views` has the same rows, and `surfaces` what differs between themes. */
for (const [name, theme] of THEMES) {
  describeLong(`the demo workspace, ${name}`, function () {
    this.timeout(240_000);
    let folder: string;
    const workbench = withWorkbench(async () => {
      folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
      const folders = demoFolders(folder);
      await seedDemo(folders);
      const names = [folders.api, folders.web].map((each) => path.basename(each));
      const opens = {
        kind: 'workspace',
        path: await writeWorkspace(path.join(folder, 'demo.code-workspace'), names),
      } as const;
      return { opens, theme, width: 1280, height: 960, scale: 2 };
    });
    after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

    it('shows both projects, their runs and where each stands', async () => {
      await workbench().openContainer('Intercore');
      await workbench().widenSidebar(420);
      const runs = workbench().tree(viewName('runs'));
      for (const project of ['parcel-api', 'parcel-web']) await runs.row(project).expand();
      assert.match(await runs.row(API_GOAL).ariaLabel(), /brainstorm-reviewed.*active/);
      assert.match(await runs.row(WEB_GOAL).ariaLabel(), /executing.*active/);
      const portfolio = workbench().tree(viewName('portfolio'));
      await portfolio.row(PORTFOLIO_GOAL).waitFor();
      assert.equal(
        await portfolio.row('parcel-web').description(),
        'waits for parcel-api (at executing, needs review) · executing',
      );
      await runs.row('parcel-api').collapse();
      await runs.row(WEB_GOAL).expand();
      await runs.row('planned').expand();
      await runs.row('docs/map/plan.md').click();
      await workbench().page.locator('.part.editor').getByText('draws the tile').first().waitFor();

      const [prompt, agent] = ['echo "Drawing the map"; exec sleep 600', 'Draw the map'];
      await startDispatch(workbench(), { project: 'parcel-web', kind: 'shell', run: WEB_GOAL, prompt, name: agent });
      await workbench().tree(viewName('dispatches')).row(agent).locator.filter({ hasText: 'running' }).waitFor();
      await workbench().screenshot(`overview-${name}`);
      await workbench().tree(viewName('dispatches')).row(agent).contextMenu(titleOf('dispatch.kill'));
      await workbench().answerDialog(said('Kill'));
      await workbench().tree(viewName('dispatches')).row(agent).locator.filter({ hasText: 'cancelled' }).waitFor();
    });

    if (name === 'dark') {
      it('shows what another process changes', async () => {
        const cwd = demoFolders(folder).api;
        const current = (await ic(['run', 'current'], { cwd })).stdout.trim();
        const skipped = await ic(['run', 'skip', current, 'polish', '--reason=Small'], { cwd });
        assert.equal(skipped.code, 0, skipped.stderr);
        const created = await ic(['run', 'create', '--goal=Made outside the editor'], { cwd });
        assert.equal(created.code, 0, created.stderr);
        await workbench().tree(viewName('runs')).row('parcel-api').expand();
        await workbench().tree(viewName('runs')).row('Made outside the editor').waitFor();
      });
    }
  });
}
