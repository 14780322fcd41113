/** The timeline's page in a real browser, as it ships but without an editor around it. */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import * as z from 'zod';
import {
  timelineMemory,
  type TimelineItem,
  type TimelineMemory,
  type TimelinePicture,
} from '../../src/contract/pages/timeline';
import { timelineFacts } from '../../src/views/timeline/facts';
import { emptyTimeline, timelinePicture } from '../../src/views/timeline/picture';
import { pageTexts, timelineHtml } from '../../src/views/timeline/timelineHtml';
import { ENGLISH, openTestFolder, viewContextOf } from '../support/records/viewFixture';
import { atOnce } from '../support/tasks/steps';
import { spend, storyOf } from '../support/records/timelines';
import { until } from '../support/until';
import { inProject } from '../../tools/project';
import { ServedPage, type ServedOptions } from './support/servedPage';
import { closeContext, openContext } from './support/sharedWindow';
import { THEMES } from './support/themeColors';
import { itLong, itLongIf } from '../support/long';
import { said } from './support/said';

const violations = z.array(z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.unknown()) }));
/** Of a frame on a shared machine; the figures themselves are printed. */
const MANY = 10_000;

describe("the timeline's page", function () {
  this.timeout(60_000);
  let context: BrowserContext;
  let served: ServedPage | undefined;
  let story: TimelinePicture;
  let seq = 0;

  before(async () => {
    context = await openContext({ viewport: { width: 1100, height: 640 } });
    const folder = await openTestFolder();
    const run = storyOf(folder);
    spend(folder, run);
    const facts = atOnce(timelineFacts((work) => folder.record.read(work), run, folder.kernel.clock.now));
    story = { ...atOnce(timelinePicture(viewContextOf(folder), facts)) };
    // The clock of the test stands still, so what lasts must not grow by the clock of the browser.
    story = { ...story, frame: { ...story.frame, isLive: false } };
  });
  after(() => closeContext(context));
  afterEach(async () => {
    const faults = served?.faults ?? [];
    await served?.close();
    served = undefined;
    assert.deepEqual(faults, [], 'nothing was thrown or refused by the policy');
  });

  async function show(options: Partial<ServedOptions> = {}): Promise<ServedPage> {
    const texts = { ...pageTexts(ENGLISH) };
    const content = { name: 'timeline' as const, title: 'Timeline', subject: 's', body: timelineHtml(ENGLISH), texts };
    served = await ServedPage.open(context, content, { theme: THEMES.dark, ...options });
    return served;
  }

  async function draw(page: ServedPage, { frame, items }: TimelinePicture): Promise<void> {
    seq += 1;
    await page.post({ type: 'draw', seq, frame, items });
  }

  const focused = async (page: ServedPage): Promise<string> =>
    z.string().parse(await page.page.evaluate(`document.activeElement.getAttribute('aria-label') ?? ''`));
  const camera = async (page: ServedPage) => timelineMemory.parse((await page.kept()).memory).camera;

  for (const [name, theme] of Object.entries(THEMES)) {
    const itThere = itLongIf(name === 'light');
    itThere(`has nothing that a person with other senses would miss (${name})`, async () => {
      const shown = await show({ theme });
      await draw(shown, story);
      await shown.page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
      const found = violations.parse(await shown.page.evaluate('axe.run().then((result) => result.violations)'));
      await mkdir(inProject('.tmp/pictures'), { recursive: true });
      await shown.page.screenshot({ path: path.join(inProject('.tmp/pictures'), `timeline-page-${name}.png`) });
      assert.deepEqual(found, [], JSON.stringify(found, undefined, 1));
    });
  }

  it('shows the whole: heading, a shape for everything, tokens, legend', async () => {
    const shown = await show();
    await draw(shown, story);
    const { page } = shown;
    assert.equal(await page.locator('h1').textContent(), 'Ship <b>it</b>');
    const asked = `[...document.querySelectorAll('.shape')].map((one) => one.getAttribute('aria-label'))`;
    const names = z.array(z.string()).parse(await page.evaluate(asked));
    for (const name of ['Phase planned, for 10 min 0 s', 'Dispatch Test it and fail, failed, 10 min 0 s']) {
      assert.ok(names.includes(name), `${name} is not in ${names.join('; ')}`);
    }
    assert.equal(await page.locator('.fold').count(), 1);
    const gauge = page.getByRole('img', { name: /^Tokens: 16,750 of 20,000, 2,000 reserved, 3,000 of it estimated/ });
    await gauge.waitFor();
    for (const part of ['reported', 'estimated', 'reserved']) {
      assert.ok((await gauge.locator(`rect.${part}`).count()) > 0, part);
    }
    assert.equal(await gauge.locator('.unsure').count(), 1, 'a ring without reported usage');
    await page.getByRole('img', { name: /^Cost: \$0\.40 of \$2\.00/ }).waitFor();
    assert.ok((await page.locator('#legend li').count()) >= 6);
  });

  it('is led by the keyboard alone, and asks why for what it comes to', async () => {
    const shown = await show();
    await draw(shown, story);
    const { keyboard } = shown.page;
    for (const button of [said('Zoom Out'), said('Zoom In'), said('Show All'), '']) {
      await keyboard.press('Tab');
      assert.equal(await focused(shown), button);
    }
    await keyboard.press('Tab');
    assert.equal(await focused(shown), 'Phase planned, for 10 min 0 s');
    await keyboard.press('ArrowRight');
    assert.equal(await focused(shown), 'Phase executing, for 14 h 50 min');
    await keyboard.press('End');
    assert.match(await focused(shown), /^Phase review, current/);
    await keyboard.press('ArrowDown');
    assert.match(await focused(shown), /^override at executing → review/);
    const asked = (await shown.sent()).at(-1);
    const override = story.items.find(({ spoken }) => spoken.startsWith('override'));
    assert.deepEqual(asked, { type: 'explain', item: override?.id });
    await shown.post({ type: 'explained', item: override?.id, title: 'Overridden', lines: ['Reason  The customer'] });
    assert.equal(await shown.page.locator('#because').textContent(), 'Reason  The customer');
    await keyboard.press('Enter');
    assert.deepEqual((await shown.sent()).at(-1), { type: 'open', item: override?.id });
  });

  it('says nothing about what the person has left meanwhile', async () => {
    const shown = await show();
    await draw(shown, story);
    await shown.post({ type: 'explained', item: 'event:99', title: 'Late', lines: ['Late'] });
    assert.equal(await shown.page.locator('#because').textContent(), '');
  });

  it('zooms, moves and fits by keys, buttons, wheel and drag, and keeps that', async () => {
    const shown = await show();
    await draw(shown, story);
    const { page } = shown;
    const seen = (isThere: (now: TimelineMemory['camera']) => boolean) => until(() => camera(shown), isThere);
    assert.equal(await camera(shown), undefined);
    await page.locator('.shape').first().focus();
    await page.keyboard.press('+');
    const nearer = (await seen((now) => now !== undefined)) ?? assert.fail();
    await page.keyboard.press('Shift+ArrowRight');
    await seen((now) => now !== undefined && now.left > nearer.left);
    await page.keyboard.press('0');
    await seen((now) => now === undefined);
    await page.getByRole('button', { name: said('Zoom In') }).click();
    const before = (await seen((now) => now !== undefined)) ?? assert.fail();
    await page.mouse.move(600, 200);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    const wheeled = (await seen((now) => now !== undefined && now.scale > before.scale)) ?? assert.fail();
    await page.mouse.down();
    await page.mouse.move(500, 200, { steps: 3 });
    await page.mouse.up();
    await seen((now) => now !== undefined && now.left > wheeled.left);
    await page.getByRole('button', { name: said('Show All') }).click();
    await seen((now) => now === undefined);
  });

  it('takes changes, and asks for everything where one is missing', async () => {
    const shown = await show();
    await draw(shown, story);
    const [first] = story.items;
    const added: TimelineItem = { ...(first ?? assert.fail()), id: 'phase:9', lane: 4, spoken: 'Something new' };
    const lanes = [...story.frame.lanes, { label: '', height: 'bar' as const }];
    seq += 1;
    await shown.post({ type: 'change', seq, frame: { ...story.frame, lanes }, items: [added], removed: ['phase:0'] });
    assert.equal(await shown.page.locator('.shape[aria-label="Something new"]').count(), 1);
    assert.equal(await shown.page.locator('.shape[aria-label="Phase planned, for 10 min 0 s"]').count(), 0);
    const before = (await shown.sent()).filter((one) => JSON.stringify(one) === '{"type":"ready"}').length;
    seq += 2;
    await shown.post({ type: 'change', seq, frame: story.frame, items: [], removed: [] });
    const after = (await shown.sent()).filter((one) => JSON.stringify(one) === '{"type":"ready"}').length;
    assert.equal(after, before + 1);
  });

  it('keeps the focus when something changes', async () => {
    const shown = await show();
    await draw(shown, story);
    await shown.page.locator('.shape').nth(1).focus();
    const before = await focused(shown);
    await draw(shown, story);
    assert.equal(await focused(shown), before);
  });

  it('says why there is no timeline', async () => {
    const shown = await show();
    await draw(shown, emptyTimeline(said('The run cannot be shown'), 'There is no run x.', 'warning'));
    assert.ok(await shown.page.getByText('There is no run x.').isVisible());
    assert.ok(!(await shown.page.locator('#timeline').isVisible()));
  });

  itLong('draws ten thousand events as a few shapes, and goes near in frames that are not lost', async () => {
    const shown = await show();
    const items = Array.from({ length: MANY }, (_, n): TimelineItem => {
      const from = story.frame.range.from + n * 5;
      return { kind: 'mark', id: `event:${n}`, lane: 1, from, tone: 'neutral', sign: 'advance', spoken: `Event ${n}` };
    });
    const range = { from: story.frame.range.from, to: story.frame.range.from + MANY * 5 };
    await draw(shown, { frame: { ...story.frame, range, folds: [] }, items });
    assert.ok((await shown.page.locator('.shape').count()) < 150);
    const frames = z.array(z.number()).parse(
      await shown.page.evaluate(`new Promise((done) => {
        const zoom = document.getElementById('zoom-in');
        const times = [];
        let last = performance.now();
        function step(now) {
          times.push(now - last);
          last = now;
          if (times.length > 12) return done(times.slice(1));
          zoom.click();
          requestAnimationFrame(step);
        }
        requestAnimationFrame(step);
      })`),
    );
    const sorted = [...frames].sort((a, b) => a - b);
    console.log(`      ms a frame: median ${sorted[6]?.toFixed(1)}, slowest ${sorted.at(-1)?.toFixed(1)}`);
    assert.ok((await shown.page.locator('.shape').count()) < 150);
  });
});
