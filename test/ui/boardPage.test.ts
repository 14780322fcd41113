/** The board's page in a real browser, as it ships but without an editor around it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { BrowserContext } from 'playwright-core';
import * as z from 'zod';
import { mergeSubtask, startSubtask } from '../../src/kernel/tasks/subtask/progress';
import { addSubtask, editSubtask, reorderSubtask } from '../../src/kernel/tasks/subtask/subtasks';
import { openBoardFolder } from '../support/views/boardStage';
import type { TestFolder } from '../support/records/viewFixture';
import { inTmp } from '../../tools/project';
import { until } from '../support/until';
import { BoardPage } from './support/boardPage';
import { closeContext, openContext } from './support/sharedWindow';
import { THEMES } from './support/themeColors';
import { indistinctToggles } from './support/toggles';
import { itLongIf } from '../support/long';
import { partOf, said } from './support/said';

/** Of each card in sight: the calculated height of its place, and the height that it takes where it may. */
const CARD_HEIGHTS = `[...document.querySelectorAll('.card')].map((card) => {
  const calculated = card.parentElement.offsetHeight;
  card.parentElement.style.height = card.style.height = 'auto';
  return { title: card.querySelector('.title').textContent, calculated, drawn: card.offsetHeight };
})`;
const cardHeights = z.array(z.strictObject({ title: z.string(), calculated: z.number(), drawn: z.number() }));
const violations = z.array(z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.unknown()) }));

describe("the board's page", () => {
  let context: BrowserContext;
  let folder: TestFolder;
  let board: BoardPage;

  before(async () => {
    context = await openContext({ viewport: { width: 1400, height: 800 } });
  });
  after(() => closeContext(context));
  beforeEach(async () => {
    folder = await openBoardFolder();
  });
  afterEach(async () => {
    const { faults } = board;
    await board.close();
    assert.deepEqual(faults, [], 'nothing was thrown or refused by the policy');
  });

  const idOf = (title: string): string => {
    const { tasks } = folder.record;
    const subtasks = tasks.tasks().flatMap((task) => {
      const contents = tasks.contentsOf(task);
      return contents.subtasks(contents.ids);
    });
    return subtasks.find((subtask) => subtask.title === title)?.id ?? assert.fail(`no subtask ${title}`);
  };

  for (const [name, theme] of Object.entries(THEMES)) {
    const itThere = itLongIf(name === 'light');
    itThere(`has nothing that a person with other senses would miss (${name})`, async () => {
      board = await BoardPage.open(context, folder, { theme });
      await board.card('Retry mails that bounced').click();
      await board.detail({ kind: 'subtask', id: idOf('Retry mails that bounced') });
      await board.page.screenshot({ path: inTmp('pictures', `board-page-${name}.png`) });
      await board.page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
      const found = violations.parse(await board.page.evaluate('axe.run().then((result) => result.violations)'));
      assert.deepEqual(found, [], JSON.stringify(found, undefined, 1));
    });
  }

  for (const [name, theme] of Object.entries(THEMES)) {
    it(`shows which toggles are pressed (${name})`, async () => {
      board = await BoardPage.open(context, folder, { theme });
      assert.deepEqual(await indistinctToggles(board.page), []);
    });
  }

  describe('in the dark', () => {
    const READY = [
      'Write the message in the language of the person',
      'Let people choose how they are notified',
    ] as const;

    beforeEach(async () => {
      board = await BoardPage.open(context, folder, { theme: THEMES.dark });
    });

    it('has the columns of the spec with counts, tasks above, and says why a card does not continue', async () => {
      const { page } = board;
      const headings = await board.texts(page.locator('.column h2'));
      assert.deepEqual(
        headings.map((text) => text.replace(/\s+/g, ' ')),
        ['Ready 2', 'In Progress 1', 'Completed 1', 'Merged 3', 'Blocked 3'],
      );
      assert.deepEqual(await board.titles(said('Ready')), [...READY]);
      assert.equal(await board.count(page.locator('.task')), 3);
      assert.match(
        await board.card('Send mail through the outbox').innerText(),
        /Waiting on dependency[\s\S]*Waits for Write/,
      );
      assert.match(await board.card('Retry mails that bounced').innerText(), /Failed[\s\S]*The tests fail/);
      assert.ok(await page.getByRole('list', { name: 'Blocked (3)' }).isVisible());
      const gauge = page.locator('.task.active').getByRole('meter', { name: said('Token budget') });
      assert.match((await gauge.getAttribute('aria-valuetext')) ?? '', /^176,800 of 1,000,000/);
      await page.getByRole('button', { name: said('Completed Tasks ({0})', { 0: '1' }) }).click();
      await page.locator('.task.done').waitFor();
      assert.equal(await board.count(page.locator('.task')), 4);
    });

    it('calculates the height that each card has', async () => {
      const heights = async () => cardHeights.parse(await board.page.evaluate(CARD_HEIGHTS));
      assert.ok((await heights()).length > 5);
      // A scroll bar that appears makes the cards narrower, and they are calculated again in the next frame.
      await until(
        async () => (await heights()).filter(({ calculated, drawn }) => Math.abs(calculated - drawn) > 1),
        (wrong) => wrong.length === 0,
      );
    });

    it('asks for what a button says, waits visibly, and says a refusal once and in place', async () => {
      const card = board.card(READY[0]);
      await card.getByRole('button', { name: /^Start/ }).click();
      const target = { kind: 'subtask', id: idOf(READY[0]) } as const;
      assert.deepEqual((await board.events()).at(-1), { type: 'act', request: 1, action: 'start', target });
      const busy = card.locator('[aria-busy=true]');
      await busy.waitFor();
      await busy.click({ force: true });
      assert.equal((await board.events()).length, 1, 'a button that waits asks for nothing');
      await board.settle('The subtask is not ready any more.');
      await card.getByText('The subtask is not ready any more.').waitFor();
      assert.equal(await board.count(board.page.getByRole('alert')), 1);
      await card.getByRole('button', { name: said('Dismiss') }).click();
      assert.equal(await board.count(board.page.getByRole('alert')), 0);
    });

    it('shows a card in its new place at once and takes it back where the kernel refuses (D22)', async () => {
      await drag(READY[1], READY[0]);
      assert.deepEqual((await board.events()).at(-1), {
        type: 'move',
        request: 1,
        subtaskId: idOf(READY[1]),
        after: null,
        before: idOf(READY[0]),
      });
      assert.deepEqual(await board.titles(said('Ready')), [...READY].reverse());
      await board.settle('The record cannot be written.');
      assert.deepEqual(await board.titles(said('Ready')), [...READY]);
      await board.card(READY[1]).getByText('The record cannot be written.').waitFor();
      await drag(READY[1], READY[0]);
      folder.write((u) => reorderSubtask(u, idOf(READY[1]), idOf(READY[0])));
      await board.follow();
      await board.settle();
      assert.deepEqual(await board.titles(said('Ready')), [...READY].reverse());
    });

    it('moves cards nowhere but among those of their task in their column', async () => {
      await drag('Show late parcels in the list', READY[0]);
      assert.deepEqual(await board.events(), []);
      assert.deepEqual(await board.titles(said('In Progress')), ['Show late parcels in the list']);
    });

    it('is led by the keyboard alone', async () => {
      const { keyboard } = board.page;
      await keyboard.press('j');
      assert.equal(await board.focused(), READY[0]);
      await keyboard.press('ArrowDown');
      assert.equal(await board.focused(), READY[1]);
      await keyboard.press('Alt+ArrowUp');
      assert.deepEqual(await board.titles(said('Ready')), [...READY].reverse());
      await board.page.getByRole('status').getByText(`${READY[1]} moved to position 1 of 2`).waitFor();
      assert.equal(await board.focused(), READY[1], 'the card keeps the focus');
      await keyboard.press('ArrowRight');
      assert.equal(await board.focused(), 'Show late parcels in the list');
      await keyboard.press('Tab');
      assert.equal(await board.page.evaluate('document.activeElement.dataset.action'), 'stop');
      await keyboard.press('Shift+Tab');
      await keyboard.press('Enter');
      const target = { kind: 'subtask', id: idOf('Show late parcels in the list') } as const;
      assert.deepEqual((await board.events()).at(-1), { type: 'look', target });
      await board.detail(target);
      await board.page.locator('.detail h2:focus').waitFor();
      await keyboard.press('Escape');
      assert.equal(await board.focused(), 'Show late parcels in the list');
      assert.equal(await board.count(board.page.locator('.detail')), 0);
      await keyboard.press('n');
      assert.deepEqual((await board.events()).at(-1), { type: 'offer', request: 2, offer: 'createTask' });
      await keyboard.press('p');
      assert.deepEqual((await board.events()).at(-1), { type: 'offer', request: 3, offer: 'addProject' });
      await keyboard.press('?');
      await board.page.getByRole('dialog', { name: said('Keyboard Shortcuts') }).waitFor();
      await keyboard.press('Escape');
      await board.page.getByRole('dialog').waitFor({ state: 'detached' });
      await keyboard.press('/');
      await keyboard.type('mails');
      assert.deepEqual(await board.texts(board.page.locator('.card .title')), ['Retry mails that bounced']);
      await keyboard.press('Escape');
      assert.equal(await board.count(board.page.locator('.card')), 10);
    });

    it('filters by task, status and text, groups, and has that kept', async () => {
      const { page } = board;
      await page
        .getByRole('combobox', { name: said('Filter by task') })
        .selectOption({ label: 'Count parcels by day' });
      assert.deepEqual(await board.texts(page.locator('.card .title')), ['Count the parcels', 'Draw the chart']);
      assert.equal(await board.column(said('Merged')).locator('.count').innerText(), '2/3');
      await page.getByRole('button', { name: said('Clear Filters') }).click();
      await page.getByRole('button', { name: said('Merged'), exact: true }).click();
      await board.column(said('Merged')).waitFor({ state: 'detached' });
      assert.equal(await board.count(page.locator('.column')), 4);
      await page.getByRole('button', { name: said('Group by Task') }).click();
      assert.deepEqual(await board.texts(board.column(said('Ready')).locator('.heading')), [
        'Tell people when their parcel is late',
      ]);
      const columns = ['ready', 'inProgress', 'completed', 'blocked'];
      const view = { taskId: '', text: '', columns, grouped: true, done: false };
      assert.deepEqual((await board.events()).at(-1), { type: 'view', view });
    });

    it('follows the record: cards move, new ones appear, and a screen reader announces it (D29)', async () => {
      folder.write((u) => startSubtask(u, idOf(READY[0])));
      await board.follow();
      assert.deepEqual(await board.titles(said('In Progress')), [READY[0], 'Show late parcels in the list']);
      await board.page.getByRole('status').getByText(`${READY[0]} is now In Progress`).waitFor();
      const taskId = folder.record.tasks.find(idOf(READY[0]))?.task.id ?? '';
      folder.write((u) => addSubtask(u, { taskId, title: 'Thought of later' }));
      await board.follow();
      assert.ok(await board.card('Thought of later').isVisible());
    });

    it('asks for everything again where it has missed something', async () => {
      folder.write((u) => startSubtask(u, idOf(READY[0])));
      board.miss();
      folder.write((u) => startSubtask(u, idOf(READY[1])));
      await board.follow();
      assert.deepEqual((await board.events()).at(-1), { type: 'resync' });
      await board.snapshot();
      assert.deepEqual(await board.titles(said('In Progress')), [READY[0], 'Show late parcels in the list', READY[1]]);
    });

    it('lets messages pass that are not its own', async () => {
      await board.post({ type: 'delta', seq: 2, cards: 'many' });
      await board.post('anything');
      assert.equal(await board.count(board.page.locator('.card')), 10);
      assert.deepEqual(await board.events(), []);
    });
  });

  it('shows the whole of a subtask, live: texts, neighbors, attempts, pull request (D29)', async () => {
    board = await BoardPage.open(context, folder, { theme: THEMES.dark });
    const target = { kind: 'subtask', id: idOf('Announce each parcel once') } as const;
    await board.card('Announce each parcel once').click();
    await board.detail(target);
    const detail = board.page.locator('.detail');
    const text = await detail.innerText();
    for (const part of [/Specification/, /Acceptance Criteria/, /branch-subtask-5/, /44\.2K tokens · \$0\.42/]) {
      assert.match(text, part);
    }
    const link = detail.getByRole('link', { name: 'https://github.com/harbor/parcels/pull/17' });
    assert.equal(await link.getAttribute('href'), 'https://github.com/harbor/parcels/pull/17');
    await detail.getByRole('button', { name: /Document the announcements/ }).waitFor();
    await detail.getByRole('button', { name: 'Attempt 1: Log' }).click();
    assert.equal((await board.events()).at(-1)?.type, 'attempt');
    folder.write((u) => mergeSubtask(u, target.id));
    await board.follow();
    await board.detail(target);
    assert.equal(await detail.locator('.state').innerText(), said('Merged'));
  });

  it('takes hostile texts for texts: no HTML, no pictures, no scripts', async () => {
    const evil = `<img src=x onerror="window.hurt=1"><script>window.hurt=1</script> ![p](https://example.com/p.png) [x](javascript:hurt)`;
    folder.write((u) =>
      editSubtask(u, idOf('Let people choose how they are notified'), { title: evil.slice(0, 190), spec: evil }),
    );
    board = await BoardPage.open(context, folder, { theme: THEMES.dark });
    const target = { kind: 'subtask', id: idOf(evil.slice(0, 190).trim()) } as const;
    await board.column(said('Ready')).locator('.card').nth(1).click();
    await board.detail(target);
    assert.match(await board.page.locator('.markdown').first().innerText(), /<img src=x/);
    assert.equal(await board.count(board.page.locator('img, main script')), 0);
    assert.equal(await board.count(board.page.locator('a[href^="javascript"]')), 0);
    assert.equal(await board.page.evaluate('typeof window.hurt'), 'undefined');
  });

  it('comes back as it was left', async () => {
    const target = { kind: 'subtask', id: idOf('Retry mails that bounced') } as const;
    const kept = { subject: folder.folder, memory: { target, current: target.id } };
    board = await BoardPage.open(context, folder, { theme: THEMES.dark, kept, view: { grouped: true } });
    assert.deepEqual((await board.events()).at(-1), { type: 'look', target });
    assert.equal(await board.card('Retry mails that bounced').getAttribute('tabindex'), '0');
    assert.equal(
      await board.page.getByRole('button', { name: said('Group by Task') }).getAttribute('aria-pressed'),
      'true',
    );
    assert.deepEqual(await board.kept(), kept);
  });

  it('offers no change where nothing may be changed', async () => {
    folder.isTrusted = false;
    board = await BoardPage.open(context, folder, { theme: THEMES.light });
    await board.page
      .getByText(partOf('This window is not trusted, so nothing can be changed here.', 'This window is not trusted'))
      .waitFor();
    assert.equal(await board.page.getByRole('button', { name: /^(Start|Stop|Retry|Merge…|New Task)/ }).count(), 0);
  });

  it('turns nothing for who wants no motion', async () => {
    board = await BoardPage.open(context, folder, { theme: THEMES.dark });
    const animation = `getComputedStyle(document.querySelector('.sign.inProgress')).animationName`;
    assert.equal(await board.page.evaluate(animation), 'none');
    await board.page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.equal(await board.page.evaluate(animation), 'turn');
    await board.page.evaluate(`document.body.classList.add('vscode-reduce-motion')`);
    assert.equal(await board.page.evaluate(animation), 'none');
  });

  /** Drags a card by its title to the upper part of another one. */
  async function drag(title: string, onto: string): Promise<void> {
    const [from, to] = [await board.card(title).boundingBox(), await board.card(onto).boundingBox()];
    assert.ok(from && to);
    const { mouse } = board.page;
    await mouse.move(from.x + 60, from.y + 20);
    await mouse.down();
    await mouse.move(to.x + 60, to.y + 30, { steps: 6 });
    await board.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await mouse.move(to.x + 60, to.y - 4, { steps: 3 });
    await board.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await mouse.up();
    await board.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
});
