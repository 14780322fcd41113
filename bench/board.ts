/** What the board costs with 2,000 subtasks: first paint, drag, 50 changes a second. In a real browser, without an editor around it. */
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { EVERYTHING, type BoardCommand } from '../src/contract/pages/board';
import { failSubtask, startSubtask } from '../src/kernel/tasks/subtask/progress';
import { BoardFeed } from '../src/views/board/boardFeed';
import { BoardModel } from '../src/views/board/boardModel';
import { openTestFolder, viewContextOf, type TestFolder } from '../test/support/records/viewFixture';
import { launchBrowser } from '../tools/browser';
import { BoardPage } from '../test/ui/support/boardPage';
import { THEMES } from '../test/ui/support/themeColors';
import { largeTask, SUBTASKS } from './largeTask';
import { cpuOf } from './machine';
import { ms, percentile, printTable, spread } from './statistics';

const OPENED = 5;
const CHANGES = 250;
const EVERY_MS = 20;
const DRAG_STEPS = 240;
const KILOBYTE = 1000;
const FRAME_MS = 16;
/** Shorter tasks are no frames: timers, and messages to other threads. */
const LEAST_US = 500;
const samples = z.array(z.number());
/** Of a trace: a task of a thread, with the CPU time that it took, in microseconds. */
const tracedTask = z.object({ name: z.literal('RunTask'), pid: z.number(), tid: z.number(), tdur: z.number() });
const thread = z.object({
  name: z.literal('thread_name'),
  pid: z.number(),
  tid: z.number(),
  args: z.object({ name: z.string() }),
});

interface Frames {
  /** CPU of each task of the page: scripts, style, layout and paint of a frame are one. */
  readonly work: readonly number[];
  readonly gaps: readonly number[];
}

export async function measureBoard(): Promise<void> {
  const folder = await openTestFolder();
  const ready = largeTask(folder);
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const model = new BoardModel(viewContextOf(folder));
  const feed = new BoardFeed();
  const { value: snapshot, tookMs: madeMs } = cpuOf(() => feed.snapshot(model.board(folder.record), EVERYTHING));

  const painted: number[] = [];
  for (let open = 0; open < OPENED; open += 1) {
    const board = await BoardPage.open(context, await openTestFolder('/projects/other'), { theme: THEMES.dark });
    painted.push(await timePaint(board.page, { ...snapshot, seq: 2 }));
    await board.close();
  }
  const board = await BoardPage.open(context, folder, { theme: THEMES.dark });
  const { page } = board;
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.evaluate(METER);
  const dragged = await timeDrag(page);
  const scrolled = await timeScroll(page);
  const { deltas, lookMs } = changes(folder, model, feed, ready);
  await page.evaluate(`window.dispatchEvent(new MessageEvent('message', { data: ${JSON.stringify(snapshot)} }))`);
  const live = await timeChanges(page, deltas);
  await browser.close();

  console.log(`A board with ${SUBTASKS} subtasks of one task, half of them in one column (${OPENED} times opened)`);
  printTable(
    ['', 'ms'],
    [
      ['the extension makes the snapshot, CPU', ms(madeMs)],
      [`the page parses it (${ms(JSON.stringify(snapshot).length / KILOBYTE)} KB) and has painted`, spread(painted)],
      ['the extension finds what one change changed, CPU, p50', ms(percentile(lookMs, 50))],
      ['the same, p95', ms(percentile(lookMs, 95))],
      ['the page takes a change in, p50', ms(percentile(live.taken, 50))],
      ['the same, p95', ms(percentile(live.taken, 95))],
    ],
  );
  console.log('CPU of a frame: scripts, style, layout and paint, in milliseconds');
  printTable(
    ['', 'frames', 'p50', 'p95', 'p99', 'most', `over ${FRAME_MS} ms`, 'frames apart, p50', 'p99'],
    [
      row('a card is dragged', dragged),
      row('a column is scrolled to its end', scrolled),
      row(`${1000 / EVERY_MS} changes a second, for ${(CHANGES * EVERY_MS) / 1000} s`, live.frames),
    ],
  );
}

/** Cards that move from column to column, each reported separately. */
function changes(folder: TestFolder, model: BoardModel, feed: BoardFeed, ready: readonly string[]) {
  const deltas: BoardCommand[] = [];
  const lookMs: number[] = [];
  for (let n = 0; n < CHANGES; n += 1) {
    const id = ready[n >> 1] ?? '';
    folder.write((u) => (n % 2 === 0 ? startSubtask(u, id) : failSubtask(u, id, 'Stopped by a person')));
    const { value: delta, tookMs } = cpuOf(() => feed.delta(model.board(folder.record)));
    lookMs.push(tookMs);
    if (delta !== undefined) deltas.push(delta);
  }
  return { deltas, lookMs };
}

const METER = `(() => {
  let [before, isOn] = [undefined, false];
  const tick = (now) => {
    if (!isOn) return;
    if (before !== undefined) window.meter.gaps.push(now - before);
    before = now;
    requestAnimationFrame(tick);
  };
  window.meter = {
    gaps: [],
    start() { [isOn, before, this.gaps] = [true, undefined, []]; requestAnimationFrame(tick); },
    stop() { isOn = false; return this.gaps; },
  };
})()`;

/** The CPU that the page uses, whatever else the machine is busy with, and how far its frames are apart. */
async function metered(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  const events: unknown[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise<void>((done) => session.once('Tracing.tracingComplete', () => done()));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', '__metadata'] },
  });
  await page.evaluate('window.meter.start()');
  await work();
  const gaps = samples.parse(await page.evaluate('window.meter.stop()'));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const mains = new Set(
    events.flatMap((event) => {
      const { data } = thread.safeParse(event);
      return data?.args.name === 'CrRendererMain' ? [`${data.pid} ${data.tid}`] : [];
    }),
  );
  const tasks = events.flatMap((event) => tracedTask.safeParse(event).data ?? []);
  const own = tasks.filter(({ pid, tid, tdur }) => mains.has(`${pid} ${tid}`) && tdur >= LEAST_US);
  return { work: own.map(({ tdur }) => tdur / 1000), gaps };
}

async function timePaint(page: Page, snapshot: BoardCommand): Promise<number> {
  const took = await page.evaluate(`new Promise((done) => {
    const data = ${JSON.stringify(snapshot)};
    const startedAt = performance.now();
    window.dispatchEvent(new MessageEvent('message', { data }));
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => done(performance.now() - startedAt);
      painted.port2.postMessage(null);
    });
  })`);
  return z.number().parse(took);
}

async function timeDrag(page: Page): Promise<Frames> {
  const box = await page.locator('.column.ready .card').first().boundingBox();
  if (box === null) throw new Error('There is no card to drag.');
  const [x, y] = [box.x + 60, box.y + 14];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const result = await metered(page, async () => {
    for (let n = 1; n <= DRAG_STEPS; n += 1) await page.mouse.move(x, y + n * 3);
  });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  return result;
}

function timeScroll(page: Page): Promise<Frames> {
  return metered(page, () =>
    page.evaluate(`new Promise((done) => {
      const list = document.querySelector('.column.ready .list');
      const go = () => {
        const before = list.scrollTop;
        list.scrollTop += 400;
        if (list.scrollTop === before) done(); else requestAnimationFrame(go);
      };
      go();
    })`),
  );
}

async function timeChanges(page: Page, deltas: readonly BoardCommand[]) {
  await page.evaluate(`window.deltas = ${JSON.stringify(deltas)}`);
  let taken: readonly number[] = [];
  const result = await metered(page, async () => {
    const times = await page.evaluate(`(async () => {
      const taken = [];
      const first = performance.now();
      for (const [n, data] of window.deltas.entries()) {
        await new Promise((due) => setTimeout(due, Math.max(0, first + n * ${EVERY_MS} - performance.now())));
        const startedAt = performance.now();
        window.dispatchEvent(new MessageEvent('message', { data }));
        taken.push(performance.now() - startedAt);
      }
      return taken;
    })()`);
    taken = samples.parse(times);
  });
  return { taken, frames: result };
}

function row(name: string, { work, gaps }: Frames): string[] {
  const over = work.filter((took) => took > FRAME_MS).length;
  const figures = [50, 95, 99].map((percent) => ms(percentile(work, percent)));
  const apart = [50, 99].map((percent) => ms(percentile(gaps, percent)));
  return [name, String(work.length), ...figures, ms(Math.max(...work)), String(over), ...apart];
}

if (require.main === module) {
  measureBoard().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
