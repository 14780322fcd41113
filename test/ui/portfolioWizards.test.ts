/** Portfolios by hand: the wizard with Back and what it refuses, the plan of an advance, the question before the end. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sqlite3 } from '../support/records/sqlite3';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { describeLong } from '../support/long';
import { partOf, said } from './support/said';

const GOAL = 'Rename the field everywhere';

/** In every run, `portfolioStory` goes through the wizard. */
describeLong('portfolios by hand', function () {
  this.timeout(240_000);
  const workbench = withWorkbench({ opens: 'workspace' });

  const parent = (): string => {
    const { opened } = workbench().session;
    if (opened.kind !== 'workspace') throw new Error('this test opens a workspace');
    return path.dirname(opened.path);
  };
  const database = () => path.join(parent(), '.clavain/portfolio.db');
  const rows = async (sql: string) => (await sqlite3(database(), sql)).split('\n');
  const input = () => workbench().quickInput;
  const view = () => workbench().tree(viewName('portfolio'));

  async function answer(question: string, text: string): Promise<void> {
    await input().waitFor(question);
    await input().fill(text);
    await input().accept();
  }

  before('show the view', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(480);
    await workbench().tree(viewName('runs')).welcome.waitFor();
    assert.equal(await view().pane.count(), 0, 'the view of portfolios is hidden while there is none');
  });

  it('changes nothing when Esc ends the wizard', async () => {
    await workbench().runCommand(inPalette('portfolio.create'));
    await answer(said('What should be true when the run is done?'), GOAL);
    await input().waitFor(said('Select the folders of the portfolio'));
    await input().cancel();
    assert.ok(!existsSync(database()));
    assert.ok(!existsSync(path.join(parent(), 'api', '.clavain')));
  });

  it('asks for all that a portfolio needs, says what will not do, and makes it', async () => {
    await workbench().runCommand(inPalette('portfolio.create'));
    await answer(said('What should be true when the run is done?'), GOAL);
    await input().waitFor(said('Select the folders of the portfolio'));
    await input().row('api').getByRole('checkbox').click();
    await input()
      .title.filter({ hasText: said('Select at least two folders.') })
      .waitFor();
    await input().accept();
    await input().waitFor(said('Select the folders of the portfolio'));
    await input().row('api').getByRole('checkbox').click();
    await input().widget.getByText('2 Selected').waitFor();
    await input().widget.getByRole('button', { name: 'OK' }).click();
    await input().waitFor(said('Select the phases of the run'));
    await input().pick('Quick');
    await input().waitFor(
      partOf(
        'Maximum concurrent dispatches in all folders (leave empty for no limit)',
        'Maximum concurrent dispatches',
      ),
    );
    await input().fill('many');
    await input().waitForMessage(said('Enter a whole number greater than 0.'));
    await input().widget.getByRole('button', { name: 'Back' }).click();
    await input().waitFor(said('Select the phases of the run'));
    await input().pick('Short');
    await answer(
      partOf(
        'Maximum concurrent dispatches in all folders (leave empty for no limit)',
        'Maximum concurrent dispatches',
      ),
      '2',
    );
    await answer(said('Token budget'), '');
    await input().waitFor(
      partOf('Select dependencies between folders (optional)', 'Select dependencies between folders'),
    );
    for (const label of ['api depends on web', 'web depends on api']) {
      await input().row(label).getByRole('checkbox').click();
    }
    await input()
      .title.filter({ hasText: /Circular dependency: \w+ → \w+ → \w+/ })
      .waitFor();
    await workbench().screenshot('portfolio-wizard');
    await input().row('api depends on web').getByRole('checkbox').click();
    await input().widget.getByText('1 Selected').waitFor();
    await input().widget.getByRole('button', { name: 'OK' }).click();
    await view().row(GOAL).waitFor();
    assert.deepEqual(await rows("SELECT goal, max_dispatches FROM runs WHERE project_dir = ''"), [`${GOAL}|2`]);
    const [upstream, downstream] = (await rows('SELECT upstream_project, downstream_project FROM project_deps'))
      .flatMap((row) => row.split('|'))
      .map((project) => path.basename(project));
    assert.deepEqual({ upstream, downstream }, { upstream: 'api', downstream: 'web' });
  });

  it('shows what an advance would do before it is done', async () => {
    await view().row(GOAL).contextMenu(titleOf('portfolio.advance'));
    await input().waitFor(said('Advance the children that are ready first?'));
    const labels = await input().labels();
    assert.deepEqual(labels, [said('Advance Portfolio Only'), 'api', 'web']);
    await workbench().screenshot('portfolio-advance');
    await input().cancel();
    assert.deepEqual(await rows("SELECT phase FROM runs WHERE project_dir = ''"), ['planned']);
  });

  it('asks one question that lists all, before a portfolio is cancelled', async () => {
    await view().row(GOAL).contextMenu(titleOf('portfolio.cancel'));
    await workbench().dialog.getByText('• api, in planned').waitFor();
    await workbench().dialog.getByText('• web, in planned').waitFor();
    await workbench().screenshot('portfolio-cancel');
    await workbench().answerDialog('Cancel');
    assert.deepEqual(await rows("SELECT status FROM runs WHERE project_dir = ''"), ['active']);
    await view().row(GOAL).contextMenu(titleOf('portfolio.cancel'));
    await workbench().answerDialog(said('Cancel Portfolio'));
    await view()
      .tree.getByRole('treeitem', { name: new RegExp(`^Portfolio .*${GOAL}, active`) })
      .waitFor({ state: 'detached' });
    assert.deepEqual(await rows('SELECT DISTINCT status FROM runs'), ['cancelled']);
  });

  it('says of a folder that is not on disk that it will not do', async () => {
    const file = path.join(parent(), 'test.code-workspace');
    const folders = ['api', 'web'].map((name) => ({ path: name }));
    await writeFile(file, JSON.stringify({ folders: [...folders, { path: 'gone' }] }));
    await workbench().tree(viewName('runs')).row('gone').waitFor();
    await workbench().runCommand(inPalette('portfolio.create'));
    await answer(said('What should be true when the run is done?'), GOAL);
    await input().waitFor(said('Select the folders of the portfolio'));
    await input().widget.getByText('2 Selected').waitFor();
    await input().row('gone').getByText(said('not on disk')).waitFor();
    await input().row('gone').getByRole('checkbox').click();
    await input().title.filter({ hasText: 'The folder gone is not on disk' }).waitFor();
    await input().cancel();
    await writeFile(file, JSON.stringify({ folders }));
    await workbench().tree(viewName('runs')).row('gone').locator.waitFor({ state: 'detached' });
  });
});
