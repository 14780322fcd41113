/** The board in the workbench, by mouse and by keyboard alone, over a record that the window really keeps. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import * as z from 'zod';
import { createRepository, PARCEL_API } from '../../scripts/demo/repositories';
import { databaseLocation } from '../../src/host/files/paths';
import { addProject } from '../../src/kernel/tasks/service';
import { ProjectKernel } from '../../src/services/record/kernels';
import { fillTasks } from '../support/views/boardStage';
import { ownTasks } from '../support/tasks/ownTasks';
import { testDeps } from '../support/projects';
import { makeTmpFolder } from '../../tools/project';
import { chooseInMenu, openMenu } from './support/menu';
import type { Workbench } from './support/workbench';
import { setTheme } from './support/theme';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf } from './support/titles';
import { describeLong, itLong } from '../support/long';
import { said } from './support/said';

const SHOW = 'Show late parcels in the list';
const WRITE = 'Write the message in the language of the person';
const CHOOSE = 'Let people choose how they are notified';
const ONCE = 'Announce each parcel once';
const violations = z.array(z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.unknown()) }));

/** Names of pictures, with a theme and what VS Code calls it in a page. */
const OTHER_THEMES = [
  ['board-light', 'Light Modern', 'vscode-light'],
  ['board-high-contrast', 'Default High Contrast', 'vscode-high-contrast'],
] as const;

/** The prompt of a shell agent is its program; the facts are in a here-document that is discarded. */
const agentOf = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\nexec sleep 600\n`;

/** A window on a repository with tasks in it; agents work until they are stopped. */
function boardWindow(): () => Workbench {
  let root: string;
  const workbench = withWorkbench(async () => {
    root = await makeTmpFolder('board');
    const folder = path.join(root, 'parcels');
    const [planner, worker] = [path.join(root, 'planner.sh'), path.join(root, 'worker.sh')];
    await createRepository(folder, PARCEL_API);
    await writeFile(planner, agentOf('taskTitle', 'taskDescription', 'history'));
    await writeFile(worker, agentOf('subtaskTitle', 'spec', 'branch', 'history'));
    const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
    await kernel.initialize();
    await kernel.write((u) => {
      addProject(u, { name: 'parcels', clonePath: folder, defaultBranch: 'main' });
      fillTasks(u, false);
    });
    ownTasks(kernel);
    await kernel.dispose();
    return {
      opens: { kind: 'folder', path: folder },
      width: 1440,
      height: 900,
      scale: 2,
      settings: {
        'intercore.agents.default': 'shell',
        'intercore.tasks.plannerPrompt': planner,
        'intercore.tasks.workerPrompt': worker,
      },
    };
  });
  after('remove the repository', () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return workbench;
}

const boardOf = (workbench: Workbench): Promise<Frame> => workbench.webview('.column');
const cardIn = (frame: Frame, title: string): Locator =>
  frame.locator('.card', { has: frame.locator(`.title span[title="${title}"]`) });
const columnIn = (frame: Frame, name: string): Locator => frame.locator(`.column.${name}`);
const titlesIn = (frame: Frame, name: string): Promise<string[]> =>
  columnIn(frame, name).locator('.card .title').allInnerTexts();

/** Fails at each serious finding of axe, such as text without contrast. */
async function assertAccessible(frame: Frame): Promise<void> {
  await frame.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const found = violations.parse(await frame.evaluate('axe.run().then((result) => result.violations)'));
  assert.deepEqual(
    found.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
    [],
    JSON.stringify(found, undefined, 1),
  );
}

describe('the board in the workbench', function () {
  this.timeout(180_000);
  const workbench = boardWindow();

  it('is found from the Tasks view, has every card, and nothing that others would miss', async () => {
    await workbench().openContainer('Intercore');
    const pane = workbench()
      .page.locator('.pane', { hasText: said('Tasks') })
      .last();
    await pane.hover();
    await pane.getByRole('button', { name: titleOf('board.open') }).click();
    const frame = await boardOf(workbench());
    await workbench().runCommand('View: Toggle Primary Side Bar Visibility');
    assert.deepEqual(await titlesIn(frame, 'blocked'), [
      'Send mail through the outbox',
      'Retry mails that bounced',
      'Document the announcements',
    ]);
    await frame.locator('.task.planning', { hasText: 'attempt 1 of' }).waitFor();
    await cardIn(frame, SHOW)
      .getByRole('button', { name: /^Start/ })
      .click();
    await columnIn(frame, 'inProgress').getByText(said('running agent')).waitFor();
    await workbench().screenshot('board', 'documentation');
    await cardIn(frame, ONCE).click();
    await frame.locator('.detail .state', { hasText: said('Completed') }).waitFor();
    await workbench().screenshot('board-detail', 'documentation');
    await assertAccessible(frame);
  });

  for (const [name, theme, bodyClass] of OTHER_THEMES) {
    itLong(`has no serious finding of axe in ${theme}`, async () => {
      const frame = await boardOf(workbench());
      await setTheme(workbench(), theme);
      await frame.locator(`body.${bodyClass} .column`).first().waitFor();
      await workbench().screenshot(`${name}-detail`, 'documentation');
      await assertAccessible(frame);
    });
  }

  it('is led by the keyboard alone: from the palette to a card that is moved, checked, started and stopped', async () => {
    await workbench().runCommand(inPalette('board.open'));
    const frame = await boardOf(workbench());
    const { keyboard } = workbench().page;
    // While the palette closes, a key may still be its own.
    for (let left = 10; left > 0 && (await frame.locator('.detail').count()) > 0; left -= 1) {
      await keyboard.press('Escape');
      await frame.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    await cardIn(frame, ONCE).and(frame.locator(':focus')).waitFor();
    await keyboard.press('/');
    await keyboard.type('notified');
    await columnIn(frame, 'merged').locator('.card').first().waitFor({ state: 'detached' });
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await cardIn(frame, ONCE).and(frame.locator(':focus')).waitFor();
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowDown']) await keyboard.press(key);
    await cardIn(frame, CHOOSE).and(frame.locator(':focus')).waitFor();
    await keyboard.press('Alt+ArrowUp');
    await frame.getByRole('status').getByText(`${CHOOSE} moved to position 1 of 2`).waitFor();
    await keyboard.press('Enter');
    await frame.locator('.detail h2:focus', { hasText: CHOOSE }).waitFor();
    await keyboard.press('Escape');
    await cardIn(frame, CHOOSE).and(frame.locator(':focus')).waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await columnIn(frame, 'inProgress')
      .locator('.card', { hasText: CHOOSE })
      .getByText(said('running agent'))
      .waitFor();
    await frame.getByRole('status').getByText(`${CHOOSE} is now In Progress`).waitFor();
    await columnIn(frame, 'inProgress').locator('.card', { hasText: CHOOSE }).focus();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await columnIn(frame, 'blocked').locator('.card', { hasText: CHOOSE }).waitFor();
  });
});

describeLong('the board in the workbench, with the mouse', function () {
  this.timeout(180_000);
  const workbench = boardWindow();
  before(async () => {
    await workbench().runCommand(inPalette('board.open'));
  });

  it('says a refusal where it was asked for, and nowhere else', async () => {
    const frame = await boardOf(workbench());
    await cardIn(frame, ONCE)
      .getByRole('button', { name: /^Merge/ })
      .click();
    const problem = cardIn(frame, ONCE).getByRole('alert');
    await problem.waitFor();
    assert.notEqual((await problem.innerText()).trim(), '');
    assert.equal(await workbench().notification().count(), 0);
    await problem.getByRole('button', { name: said('Dismiss') }).click();
  });

  it('offers in the menu of a card what its buttons do, and does it', async () => {
    const frame = await boardOf(workbench());
    const { page } = workbench();
    assert.deepEqual(await openMenu(page, cardIn(frame, WRITE)), [titleOf('subtask.start'), titleOf('subtask.show')]);
    await chooseInMenu(page, titleOf('subtask.show'));
    await workbench()
      .editorTab(/^Subtask .*\.txt/)
      .waitFor();
    await workbench().runCommand(inPalette('board.open'));
  });

  it('keeps an order that was made by dragging (D22), the filters and the details over a reload', async () => {
    const frame = await boardOf(workbench());
    assert.deepEqual(await titlesIn(frame, 'ready'), [WRITE, SHOW, CHOOSE]);
    await dragOnto(cardIn(frame, CHOOSE), cardIn(frame, WRITE));
    await columnIn(frame, 'ready').locator('.place').first().getByText(CHOOSE).waitFor();
    await frame.getByRole('button', { name: said('Group by Task') }).click();
    await frame.getByRole('button', { name: said('Merged'), exact: true }).click();
    await cardIn(frame, WRITE).click();
    await frame.locator('.detail h2', { hasText: WRITE }).waitFor();
    const reloaded = workbench().page.waitForEvent('load');
    await workbench().runCommand('Developer: Reload Window');
    await reloaded;
    const again = await boardOf(workbench());
    await again.locator('.detail h2', { hasText: WRITE }).waitFor();
    assert.deepEqual(await titlesIn(again, 'ready'), [CHOOSE, WRITE, SHOW]);
    assert.equal(await columnIn(again, 'merged').count(), 0);
    assert.equal(await columnIn(again, 'ready').locator('.heading').count(), 1);
  });

  it('follows what another program does, in the details too (D29)', async () => {
    const frame = await boardOf(workbench());
    await frame
      .locator('.detail')
      .getByRole('button', { name: /^Start/ })
      .click();
    await frame.locator('.detail .state', { hasText: said('In Progress') }).waitFor();
    await frame.locator('.detail .attempts', { hasText: 'Attempt 1' }).waitFor();
    await frame.locator('.detail').getByRole('button', { name: 'Attempt 1: Log' }).click();
    await workbench()
      .editorTab(/^Dispatch .*\.log/)
      .waitFor();
  });

  async function dragOnto(from: Locator, to: Locator): Promise<void> {
    const [start, end] = [await from.boundingBox(), await to.boundingBox()];
    assert.ok(start && end);
    const { mouse } = workbench().page;
    await mouse.move(start.x + 60, start.y + 16);
    await mouse.down();
    await mouse.move(start.x + 60, start.y - 8, { steps: 3 });
    await mouse.move(end.x + 60, end.y + 8, { steps: 8 });
    await from.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await mouse.up();
  }
});
