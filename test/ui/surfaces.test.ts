/**
 * What a person meets, in the themes people use: trees, timeline, graph, doctor and walkthrough in one window, opened by
 * keyboard alone; and what waits in portfolios. The board has a test of its own.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame, Page } from 'playwright-core';
import * as z from 'zod';
import { databaseLocation, portfolioLocation } from '../../src/host/files/paths';
import { setRunBudget } from '../../src/kernel/budget/reservation/limits';
import { notePriced, reserve } from '../../src/kernel/budget/reservation/reservations';
import { createDispatch, endDispatch, recordProgress } from '../../src/kernel/dispatch/service';
import { listRuns } from '../../src/kernel/run/record/queries';
import type { Unit } from '../../src/kernel/unit';
import { demoFolders, seedDemo } from '../../src/services/demo/seed';
import { advancePortfolioRun } from '../../src/services/portfolio/advance';
import { PortfolioHome } from '../../src/services/portfolio/home/home';
import { activePortfolios } from '../../src/services/portfolio/snapshot/snapshot';
import { ProjectKernel } from '../../src/services/record/kernels';
import { testDeps } from '../support/projects';
import { sqlite3 } from '../support/records/sqlite3';
import { withWorkbench } from './support/withWorkbench';
import { describeLong, itLong, itLongIf } from '../support/long';
import { said } from './support/said';
import { inManifest, titleOf, viewName } from './support/titles';

const THEMES = [
  ['dark', 'Dark Modern', 'vs-dark'],
  ['light', 'Light Modern', 'vs'],
  ['high-contrast', 'Default High Contrast', 'hc-black'],
] as const;

const WEB_GOAL = 'Show a parcel on a map';
const PORTFOLIO_GOAL = 'Call the place of a parcel its location';
const violations = z.array(
  z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** A run with a past of some hours: agents that reported their usage, and one that did not. */
async function giveHistory(folder: string): Promise<void> {
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  await kernel.load();
  const run = kernel.read((r) => listRuns(r)).runs.find(({ goal }) => goal === WEB_GOAL) ?? assert.fail();
  const agent = (u: Unit, name: string, held: number, used: number | undefined): void => {
    const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder, scopeId: run.id, name });
    const request = { tokens: { amount: held, basis: 'guess' }, cost: { amount: held * 10, basis: 'guess' } } as const;
    reserve(u, id, request, { isEnforced: false });
    if (used !== undefined) {
      recordProgress(u, id, { inputTokens: used });
      notePriced(u, id, used * 12);
    }
    endDispatch(u, id, { status: used === undefined ? 'failed' : 'completed', exitCode: 0 });
  };
  await kernel.write((u) => {
    setRunBudget(u, run.id, { tokens: 50_000, cost: 1_000_000 });
    agent(u, 'Draw the tiles', 10_000, 18_000);
    agent(u, 'Place the parcels', 10_000, 9_000);
    agent(u, 'Measure the map', 6_000, undefined);
  });
  await kernel.dispose();
  await sqlite3(
    databaseLocation(folder).path,
    `UPDATE runs SET created_at = unixepoch() - 14400 WHERE id = '${run.id}';
     UPDATE phase_events SET created_at = unixepoch() - 14400 + 1500 * (SELECT count(*) FROM phase_events AS e
       WHERE e.run_id = phase_events.run_id AND e.id <= phase_events.id) WHERE run_id = '${run.id}';
     UPDATE run_artifacts SET created_at = unixepoch() - 13500 + rowid * 1500 WHERE run_id = '${run.id}';
     UPDATE dispatches SET created_at = unixepoch() - 9000 + rowid * 1700, started_at = unixepoch() - 9000 + rowid * 1700,
       completed_at = unixepoch() - 9000 + rowid * 1700 + 1500 WHERE scope_id = '${run.id}'`,
  );
}

/** Tries to advance the portfolio, which its children hold. */
async function holdPortfolio(parent: string): Promise<void> {
  const home = new PortfolioHome({
    location: portfolioLocation(parent),
    kernelDeps: testDeps(),
    openKernel: () => undefined,
  });
  await home.load();
  const [portfolio] = activePortfolios(home);
  const { portfolio: outcome } = await advancePortfolioRun(home, portfolio?.id ?? '', {
    tier: 'hard',
    children: false,
  });
  assert.equal(outcome.advanced, false);
  await home.dispose();
}

describeLong('every surface in light, dark and high contrast', function () {
  this.timeout(240_000);
  let parent: string;
  let file: string;

  const workbench = withWorkbench(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    const folders = demoFolders(parent);
    await seedDemo(folders);
    await giveHistory(folders.web);
    await holdPortfolio(parent);
    file = path.join(parent, 'demo.code-workspace');
    await wear('Dark Modern');
    return { opens: { kind: 'workspace', path: file }, width: 1360, height: 1000, scale: 2 };
  });
  after(() => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  /** The theme is a setting of the workspace, which the window follows. */
  async function wear(theme: string): Promise<void> {
    const { api, web } = demoFolders(parent);
    const folders = [api, web].map((folder) => ({ path: path.basename(folder) }));
    const settings = { 'workbench.colorTheme': theme, 'workbench.editor.enablePreview': false };
    await writeFile(file, JSON.stringify({ folders, settings }));
  }

  const press = (key: string): Promise<void> => workbench().page.keyboard.press(key);
  const input = () => workbench().quickInput;

  /** As a person without a mouse: the palette, typing, Enter. */
  async function byKeyboard(command: string, ...answers: readonly string[]): Promise<void> {
    await input().widget.waitFor({ state: 'hidden' });
    await workbench().runByKeyboard(`Intercore: ${command}`);
    for (const answer of answers) {
      await input().waitFor(answer);
      await input().fill(answer);
      await press('Enter');
    }
  }

  /** What axe finds serious in a page, or in a part of it. */
  async function serious(page: Page | Frame, part = 'body'): Promise<string[]> {
    await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
    // The columns of a row are one text to axe, which no name of a row can hold as such.
    const options = `{ resultTypes: ['violations'], rules: { 'label-content-name-mismatch': { enabled: false } } }`;
    const asked = `axe.run({ include: [['${part}']] }, ${options}).then((one) => one.violations)`;
    const found = violations.parse(await page.evaluate(asked));
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  }

  async function eachRowSaysItsLabel(page: Page): Promise<void> {
    const rows = await page.locator('.part.sidebar').getByRole('treeitem').all();
    assert.ok(rows.length > 10);
    for (const row of rows) {
      const label = (await row.locator('.label-name').first().innerText()).trim();
      assert.ok((await row.getAttribute('aria-label'))?.includes(label), label);
    }
  }

  it('opens by keyboard alone', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(440);
    // An open palette does not learn of commands that become possible.
    await workbench().tree(viewName('runs')).row(WEB_GOAL).waitFor();
    await workbench().tree(viewName('needsYou')).row(PORTFOLIO_GOAL).waitFor();
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor();
    await byKeyboard(titleOf('timeline.show'), WEB_GOAL);
    await workbench().webview('#timeline .shape');
    await byKeyboard(titleOf('portfolio.showGraph'));
    await workbench().webview('.node');
    await byKeyboard(titleOf('doctor.run'));
    await workbench()
      .editorTab(/Doctor/)
      .waitFor();
    const doctor = await workbench().webview('nav a');
    // VS Code gives a page the focus a moment after it is shown; keys pressed before would go elsewhere.
    await doctor.waitForFunction('document.hasFocus()');
    for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await press(key);
    await workbench()
      .editorTab(/Doctor\.txt/)
      .waitFor();
    await byKeyboard(titleOf('walkthrough.open'));
    await workbench()
      .page.locator('.gettingStartedContainer')
      .getByText(inManifest('walkthrough.task.title'))
      .first()
      .waitFor();
  });

  for (const [name, theme, className] of THEMES) {
    const itThere = itLongIf(name === 'light');
    itThere(`has nothing serious that others would miss, and can be checked (${name})`, async () => {
      await wear(theme);
      await workbench().page.locator(`.monaco-workbench.${className}`).waitFor();
      const { page } = workbench();
      assert.deepEqual(await serious(page, '.part.sidebar .pane-body'), []);
      await eachRowSaysItsLabel(page);
      await workbench()
        .editorTab(/^Timeline/)
        .click();
      const timeline = await workbench().webview('#timeline .shape');
      await timeline.getByRole('button', { name: /^Dispatch Measure the map/ }).focus();
      await timeline.locator('#because', { hasText: 'failed' }).waitFor();
      assert.deepEqual(await serious(timeline), []);
      await workbench().screenshot(`surfaces-timeline-${name}`);
      await workbench()
        .editorTab(/^Graph/)
        .click();
      assert.deepEqual(await serious(await workbench().webview('.node')), []);
      await workbench().screenshot(`surfaces-graph-${name}`);
      await workbench().editorTab('Welcome').click();
      await page.locator('.gettingStartedContainer').getByText(inManifest('walkthrough.task.title')).first().waitFor();
      await workbench().screenshot(`surfaces-walkthrough-${name}`);
      await workbench()
        .editorTab(/Doctor/)
        .click();
      // A page without a script, where axe cannot run.
      const doctor = await workbench().webview('article .button, .fine');
      // It takes the focus a moment after it is shown, also from what is opened next.
      await doctor.waitForFunction('document.hasFocus()');
      await workbench().screenshot(`surfaces-doctor-${name}`);
    });
  }

  it('leads by keyboard from what waits to the portfolio it is about, and does what is best', async () => {
    const { page } = workbench();
    await byKeyboard(titleOf('attention.show'));
    const needs = workbench().tree(viewName('needsYou'));
    await needs.tree.and(page.locator(':focus')).waitFor();
    await press('Home');
    await press('ArrowDown');
    await needs.row(PORTFOLIO_GOAL).locator.and(page.locator('.focused')).waitFor();
    await press('Enter');
    const place = workbench().tree(viewName('portfolio')).row(PORTFOLIO_GOAL);
    await place.locator.and(page.locator('[aria-selected="true"]')).waitFor();
    // The focus goes there, too; a palette that is open by then would lose it.
    await workbench().tree(viewName('portfolio')).tree.and(page.locator(':focus')).waitFor();
    await byKeyboard(titleOf('attention.act'), titleOf('portfolio.checkGate'));
    await page.locator('.part.editor .view-lines').getByText('All children at phase review').first().waitFor();
  });

  itLong('shows that the database of the portfolios is damaged, and restores its backup', async () => {
    const database = portfolioLocation(parent).path;
    await copyFile(database, `${database}.backup-20260101T000000Z`);
    await writeFile(`${database}.new`, 'no database at all, '.repeat(5000));
    await rename(`${database}.new`, database);
    const row = workbench().tree(viewName('needsYou')).row(path.basename(database));
    await row.waitFor();
    const portfolio = workbench().tree(viewName('portfolio'));
    await portfolio.welcome.getByText('The database of the portfolios is damaged').waitFor();
    await workbench().screenshot('surfaces-portfolio-damaged');
    await row.inlineAction(/^Resolve Needs You Item/);
    await workbench().answerDialog(said('Restore Backup'));
    await portfolio.row(PORTFOLIO_GOAL).waitFor();
    await row.locator.waitFor({ state: 'detached' });
  });
});
