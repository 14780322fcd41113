/** Lists of thousands, in the window: a tree shows the next page in place, a picker finds what is on no page yet. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { databaseLocation } from '../../src/host/files/paths';
import { createDispatch, endDispatch } from '../../src/kernel/dispatch/service';
import { createRun } from '../../src/kernel/run/record/runs';
import { demoKernelDeps } from '../../src/services/demo/records';
import { ProjectKernel } from '../../src/services/record/kernels';
import { aTask } from '../support/tasks/taskRecord';
import { prepareFixture } from '../support/vscode/fixtures';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, viewName } from './support/titles';
import { describeLong } from '../support/long';
import { said } from './support/said';

const MANY = 3000;
const PAGE = 100;

/** In every run, `test/views/projections/largeRecords.test.ts` has such rows. */
describeLong('lists of thousands', function () {
  this.timeout(240_000);
  let parent: string;

  const workbench = withWorkbench(async () => {
    parent = await makeTmpFolder('long-lists');
    const opens = await prepareFixture('folder', parent);
    assert.equal(opens.kind, 'folder');
    await seed(opens.path);
    return { opens, height: 1200 };
  });
  after('remove the folder', () => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const runs = () => workbench().tree(viewName('runs'));
  const input = () => workbench().quickInput;

  before('show the views', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(420);
    await runs().row(`Run ${MANY}`).waitFor();
  });

  it('show the next page in the place of the row for the rest, and take the focus to it', async () => {
    const older = runs().row(said('Show Older…'));
    const { keyboard } = workbench().page;
    await runs().row(`Run ${MANY}`).click();
    await keyboard.press('End');
    await older.waitFor();
    assert.equal(await older.description(), '5,900');
    await keyboard.press('Enter');
    const next = runs().row(`Run ${MANY - PAGE}`);
    await next.locator.and(workbench().page.locator('.focused')).waitFor();
    assert.equal(await next.level(), 1);
    await keyboard.press('End');
    await older.locator.filter({ hasText: '5,800' }).waitFor();
  });

  it('open the pages up to a run that is revealed', async () => {
    await workbench().runCommand(inPalette('run.reveal'));
    await input().waitFor(said('Select a run'));
    await input().fill(`Run ${MANY - 3 * PAGE - 50}`);
    await input()
      .row(`Run ${MANY - 3 * PAGE - 50}`)
      .waitFor();
    await input().accept();
    const row = runs().row(`Run ${MANY - 3 * PAGE - 50}`);
    await row.locator.and(workbench().page.locator('.selected')).waitFor();
    assert.equal(await row.level(), 1);
  });

  it('have an old run, dispatch or task found by what is typed', async () => {
    for (const [command, question, label] of [
      [inPalette('run.show'), said('Select a run'), 'Run 7'],
      [inPalette('dispatch.showLog'), said('Select a dispatch'), 'Agent 7'],
      [inPalette('task.show'), said('Select a task'), 'Task 7'],
    ] as const) {
      await workbench().runCommand(command);
      await input().waitFor(question);
      await input().fill(label);
      await input().row(label).waitFor();
      await input().cancel();
    }
  });

  it('have older runs listed below the others when a person asks for them', async () => {
    await workbench().runCommand(inPalette('run.show'));
    await input().waitFor(said('Select a run'));
    await input().row(`Run ${MANY}`).waitFor();
    // Up from the first row is the last.
    await input().input.press('ArrowUp');
    await input().row(said('Show Older…')).waitFor();
    await input().accept();
    await input()
      .row(`Run ${MANY - 200}`)
      .waitFor();
    await input().cancel();
  });
});

/** Tasks first, since each has a run. */
async function seed(folder: string): Promise<void> {
  const kernel = new ProjectKernel(databaseLocation(folder), demoKernelDeps());
  try {
    await kernel.initialize();
    await kernel.write((u) => {
      for (let n = 1; n <= MANY; n++) aTask(u, `Task ${n}`);
      for (let n = 1; n <= MANY; n++) createRun(u, { projectDir: folder, goal: `Run ${n}` });
      for (let n = 1; n <= MANY; n++) {
        const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder, name: `Agent ${n}` });
        endDispatch(u, id, { status: 'completed', exitCode: 0 });
      }
    });
  } finally {
    await kernel.dispose();
  }
}
