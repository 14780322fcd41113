/** What large things cost the extension host: a log of 100 MB, a timeline of 10,000 events, a record of 12,000 rows. */
import { appendFile, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { inTurns } from '../src/host/turns';
import { createDispatch, endDispatch, markRunning } from '../src/kernel/dispatch/service';
import { createRun } from '../src/kernel/run/record/runs';
import type { Reader, Sync } from '../src/kernel/unit';
import { LogDocument } from '../src/views/documents/logDocument';
import { RunsProjection } from '../src/views/projections/run/runs';
import { TasksProjection } from '../src/views/projections/task/tasks';
import { textsOf } from '../src/views/timeline/items';
import { timelineFacts } from '../src/views/timeline/facts';
import { timelinePicture } from '../src/views/timeline/picture';
import { TreeState } from '../src/views/trees/treeState';
import { ownFile } from '../test/support/dispatch/ownFiles';
import { ENGLISH, openTestFolder, viewContextOf } from '../test/support/records/viewFixture';
import { planned } from '../test/support/tasks/taskRecord';
import { machineNoise, timedTurns } from './machine';
import { temporaryFolder } from './ours';
import { ms, printTable, spread } from './statistics';

const MEGABYTE = 1_000_000;
const LOG_MB = 100;
const LINE = `${'The agent says what it does. '.repeat(4).trim()}\n`;
const PATIENCE_MS = 60_000;
const RUNS = 10_000;
const SUBTASKS = 2000;
/** Of one dispatch: it was made, it ran, it ended. */
const EVENTS_OF_DISPATCH = 3;
const EVENTS = 10_000;
const REPEATS = 5;
const PROCESS = { pid: 1, argv: ['agent'], cwd: '/p', logFile: '/l', exitFile: '/e', startToken: null, host: 'h' };

export async function printLarge(): Promise<void> {
  // First, while nothing else has used memory.
  const rows = [await record(), ...(await logs()), await timeline()];
  console.log(
    `Large things (ms of the thread's time unless named; bar: a timeline holds the loop 16 ms); ${machineNoise()}`,
  );
  printTable(['', 'took', 'loop held at most', 'memory'], rows);
}

async function logs(): Promise<string[][]> {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'agent.log');
  const handle = await open(file, 'w');
  for (let n = 0; n < LOG_MB; n++) await handle.write(LINE.repeat(Math.ceil(MEGABYTE / LINE.length)));
  await handle.close();
  let grown = (): void => undefined;
  const document = new LogDocument({
    path: await ownFile(file),
    parser: 'plain',
    l10n: ENGLISH,
    onChange: () => grown(),
  });
  const opened = await measured(() => document.open());
  const followed = await measured(async () => {
    const seen = new Promise<void>((resolve) => {
      grown = () => {
        if (document.text().endsWith('The end.')) resolve();
      };
    });
    await appendFile(file, `${LINE.repeat(MEGABYTE / LINE.length)}The end.\n`);
    // Watching a file keeps no program alive.
    const settled = new AbortController();
    const patience = delay(PATIENCE_MS, 'late', { signal: settled.signal }).catch(() => undefined);
    if ((await Promise.race([seen, patience])) === 'late') throw new Error('The log was not followed.');
    settled.abort();
  });
  await document.dispose();
  await rm(folder, { recursive: true });
  return [
    [`log of ${LOG_MB} MB opened`, ...opened],
    ['1 MB more followed', ...followed],
  ];
}

async function timeline(): Promise<string[]> {
  const folder = await openTestFolder();
  const fixture = viewContextOf(folder);
  const run = folder.write((u) => {
    const made = createRun(u, { projectDir: folder.folder, goal: 'bench' });
    for (let n = 0; n < EVENTS / EVENTS_OF_DISPATCH; n++) {
      const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: made.id });
      markRunning(u, id, PROCESS);
      endDispatch(u, id, { status: 'completed', exitCode: 0 });
    }
    return made;
  });
  const read = <T>(work: (reader: Reader) => Sync<T>): T => folder.record.read(work);
  const times: number[] = [];
  const blocks: number[] = [];
  for (let n = 0; n < REPEATS; n++) {
    const { tookMs, blockedMs } = await timedTurns(async () => {
      const facts = await inTurns(timelineFacts(read, run, folder.kernel.clock.now));
      const { items } = await inTurns(timelinePicture(fixture, facts));
      await inTurns(textsOf(items));
    });
    times.push(tookMs);
    blocks.push(blockedMs);
  }
  return [`timeline of ${EVENTS} events read and laid out`, spread(times), spread(blocks), '–'];
}

async function record(): Promise<string[]> {
  const before = process.memoryUsage();
  const folder = await openTestFolder();
  folder.write((u) => {
    for (let n = 0; n < RUNS; n++) createRun(u, { projectDir: folder.folder, goal: `run ${n}` });
    const { task } = planned(u, { First: [] });
    for (let n = 2; n <= SUBTASKS; n++)
      u.db.run("INSERT INTO subtasks (id, task_id, number, title, status, position) VALUES (?, ?, ?, ?, 'READY', ?)", [
        `bench${n}`,
        task.id,
        n,
        `Part ${n}`,
        n,
      ]);
  });
  const fixture = viewContextOf(folder);
  const from = performance.now();
  const trees = [new TreeState(new RunsProjection(fixture)), new TreeState(new TasksProjection(fixture))];
  for (const tree of trees) for (const ref of tree.showRoots()) tree.row(ref);
  const took = performance.now() - from;
  const { rss, heapUsed } = process.memoryUsage();
  const more = `RSS +${megabytes(rss - before.rss)}, heap +${megabytes(heapUsed - before.heapUsed)}`;
  return [`${RUNS} runs and ${SUBTASKS} subtasks, first rows of both trees`, ms(took), ms(took), more];
}

/** Thread time, the longest that the loop was held, and memory that came. */
async function measured(work: () => Promise<void>): Promise<string[]> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const [cpu, { rss }] = [process.cpuUsage(), process.memoryUsage()];
  histogram.enable();
  await work();
  histogram.disable();
  const { user, system } = process.cpuUsage(cpu);
  const more = `RSS +${megabytes(process.memoryUsage().rss - rss)}`;
  return [ms((user + system) / 1000), ms(histogram.max / 1e6), more];
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(0)} MB`;
}
