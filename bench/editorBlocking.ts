/** How long the event loop stands still while a database of 12.7 MB is written to, as a histogram of its delays. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { machineNoise } from './machine';
import { projectOfSize, remove, timeCommits } from './ours';
import { ms, printTable } from './statistics';

const BYTES = 12_700_000;
const COMMITS = 200;
const NOTHING_MS = 5000;
const PERCENTILES = [50, 95, 99, 100] as const;

export async function printBlocking(): Promise<void> {
  const folder = await projectOfSize(BYTES);
  const nothing = await delays(() => delay(NOTHING_MS));
  const commits = await delays(() => timeCommits(folder, COMMITS));
  await remove(folder);
  console.log(`Delay of the event loop beside ${COMMITS} commits at 12.7 MB (ms; bar: p99 16 ms); ${machineNoise()}`);
  printTable(
    ['', 'p50', 'p95', 'p99', 'max'],
    [
      ['nothing to do: the machine alone', ...nothing],
      ['commits one after another', ...commits],
    ],
  );
}

async function delays(work: () => Promise<unknown>): Promise<string[]> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return PERCENTILES.map((percent) => ms(histogram.percentile(percent) / 1e6));
}
