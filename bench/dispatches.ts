/** What 50 live dispatches cost: in plain Node, started here and adopted, and in the extension host of a window. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { inChild } from './child';
import { readIdleHosts, type IdleHost } from './editorIdle';
import { endingAlways } from './interruption';
import { DISPATCHES, LiveProject, projectIn } from './liveDispatches';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { remove, temporaryFolder } from './ours';
import { ms, printTable, spread } from './statistics';

const memory = z.strictObject({ rssMb: z.number(), heapMb: z.number() });
const followed = z.strictObject({
  alone: memory,
  following: memory,
  cpuPercent: z.number(),
  startMs: z.array(z.number()),
  latencyMs: z.array(z.number()),
  adopted: z.number(),
});
type Followed = z.infer<typeof followed>;

const REPEATS = 2;

/** `staged`: the folder of the extension as it ships. */
export async function printDispatches(staged: string): Promise<void> {
  const started: Followed[] = [];
  for (let n = 0; n < REPEATS; n++) {
    const root = await realpath(await temporaryFolder());
    started.push(await follow('start', root));
    await remove(root);
  }
  const { adopted, ...hosts } = await adopt(staged);
  print(started, adopted, hosts);
}

interface Adopted {
  readonly adopted: Followed[];
  /** Extension hosts of a window on the project, before its agents were started and with them. */
  readonly without: IdleHost[];
  readonly within: IdleHost[];
}

async function adopt(staged: string): Promise<Adopted> {
  const root = await realpath(await temporaryFolder());
  const project = new LiveProject(root);
  await project.initialize();
  const measure = async (): Promise<Adopted> => {
    const without = await readIdleHosts(staged, projectIn(root), REPEATS);
    await project.startIdle(DISPATCHES);
    const adopted: Followed[] = [];
    for (let n = 0; n < REPEATS; n++) adopted.push(await follow('adopt', root));
    const within = await readIdleHosts(staged, projectIn(root), REPEATS);
    return { adopted, without, within };
  };
  return endingAlways(measure, async () => {
    await project.endAll();
    await project.close();
    await remove(root);
  });
}

async function follow(mode: 'start' | 'adopt', root: string): Promise<Followed> {
  return inChild(path.join(__dirname, 'dispatchesChild.js'), followed, [mode, root]);
}

function print(started: Followed[], adopted: Followed[], hosts: Omit<Adopted, 'adopted'>): void {
  const plain = (name: string, all: Followed[]): string[] => [
    name,
    spread(all.map((one) => one.following.rssMb)),
    spread(all.map((one) => one.following.rssMb - one.alone.rssMb)),
    spread(all.map((one) => one.following.heapMb - one.alone.heapMb)),
    spread(all.map((one) => one.cpuPercent)),
  ];
  const host = (name: string, all: IdleHost[]): string[] => [
    name,
    spread(all.map((one) => one.rssMb)),
    '–',
    '–',
    spread(all.map((one) => one.cpuPercent)),
  ];
  const found = adopted.map((one) => one.adopted).join(', ');
  console.log(
    `${DISPATCHES} waiting agents, 30 s (bar: host 300 MB, 1 % of a processor); found again: ${found}; ${machineNoise()}`,
  );
  printTable(
    ['', 'RSS MB', 'more RSS MB', 'more heap MB', 'idle CPU %'],
    [
      plain('plain Node, started here', started),
      plain('plain Node, adopted', adopted),
      host('extension host without agents', hosts.without),
      host('extension host, adopted', hosts.within),
    ],
  );
  console.log(`Start of an agent until recorded, and a line of an agent until the listener (ms)`);
  const samples = (name: string, of: (one: Followed) => number[]): string[] => {
    const all = started.flatMap(of);
    return [name, ...distribution(all), ms(all.length)];
  };
  printTable(
    ['', ...DISTRIBUTION, 'samples'],
    [samples('start', (one) => one.startMs), samples('line to onDidOutput', (one) => one.latencyMs)],
  );
}
