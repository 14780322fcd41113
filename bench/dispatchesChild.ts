/** Follows 50 agents and watches itself: those it `start`s below a root folder, or those that run there, to `adopt`. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './child';
import { endingAlways } from './interruption';
import { DISPATCHES, LiveProject } from './liveDispatches';

/** As long as the bar is about. */
const IDLE_MS = 30_000;
const LINES = 60;

const collect = (globalThis as { gc?: () => void }).gc;

function memory(): { rssMb: number; heapMb: number } {
  collect?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMb: rss / 1e6, heapMb: heapUsed / 1e6 };
}

/** Percent of one processor that this process uses while nothing happens. */
async function idleCpu(): Promise<number> {
  const before = process.cpuUsage();
  const started = performance.now();
  await delay(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - started);
}

/** Milliseconds from an agent's writing a line, whose time it holds, until our listener is called. */
async function latencies(project: LiveProject): Promise<number[]> {
  const times: number[] = [];
  const dispatch = await project.start('talking', `for n in $(seq ${LINES}); do date +%s%N; sleep 0.25; done\n`);
  const readings: Promise<void>[] = [];
  const heard = project.dispatcher.onDidOutput(({ dispatchId, file }) => {
    if (dispatchId !== dispatch.id) return;
    const now = performance.timeOrigin + performance.now();
    readings.push(
      readFile(file, 'utf8').then((text) => {
        const written = Number(text.trimEnd().split('\n').at(-1)) / 1e6;
        if (written > 0 && written <= now) times.push(now - written);
      }),
    );
  });
  await project.dispatcher.wait(project.kernel, dispatch.id);
  heard.dispose();
  await Promise.all(readings);
  return times;
}

async function measure(mode: string, root: string): Promise<void> {
  // Following agents does not keep a process alive; waiting for our answer must.
  process.channel?.ref();
  const project = new LiveProject(root);
  if (mode === 'start') await project.initialize();
  else await project.kernel.load();
  const measured = await endingAlways(
    () => watch(project, mode),
    async () => {
      if (mode === 'start') await project.endAll();
      await project.close();
    },
  );
  answer(measured);
}

async function watch(project: LiveProject, mode: string): Promise<object> {
  const alone = memory();
  const startMs = mode === 'start' ? await project.startIdle(DISPATCHES) : [];
  const report = mode === 'start' ? undefined : await project.dispatcher.adopt(project.kernel);
  await delay(2000);
  const cpuPercent = await idleCpu();
  const following = memory();
  const latencyMs = mode === 'start' ? await latencies(project) : [];
  return { alone, following, cpuPercent, startMs, latencyMs, adopted: report?.adopted.length ?? 0 };
}

const [mode = 'start', root = ''] = process.argv.slice(2);
void measure(mode, root);
