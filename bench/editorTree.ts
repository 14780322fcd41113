/** The tree of 10,000 runs: projection and what decides which rows to draw again; the editor's drawing is not in it. */
import path from 'node:path';
import { z } from 'zod';
import { inChild } from './child';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { copyOf, projectOfRuns, remove } from './ours';
import { printTable } from './statistics';

const RUNS = 10_000;
const PROCESSES = 7;

const changes = z.strictObject({
  times: z.array(z.number()),
  redrawn: z.array(z.union([z.number(), z.literal('all')])),
});
const treeTimes = z.strictObject({
  coldMs: z.number(),
  coldCpuMs: z.number(),
  warmMs: z.array(z.number()),
  rows: z.number(),
  shown: changes,
  hidden: changes,
  ending: changes,
});
type Changes = z.infer<typeof changes>;

export async function printTree(): Promise<void> {
  const folder = await projectOfRuns(RUNS);
  const all: z.infer<typeof treeTimes>[] = [];
  for (let n = 0; n < PROCESSES; n++) {
    const copy = await copyOf(folder);
    all.push(await inChild(path.join(__dirname, 'editorTreeChild.js'), treeTimes, [copy]));
    await remove(copy);
  }
  await remove(folder);
  const row = (name: string, of: (one: (typeof all)[number]) => Changes): string[] => {
    const drawn = [...new Set(all.flatMap((one) => of(one).redrawn))];
    return [name, ...distribution(all.flatMap((one) => of(one).times)), drawn.join(' or ')];
  };
  console.log(
    `Tree of ${RUNS} runs in ${PROCESSES} new processes (ms; bar: first rows 50 ms, one row); ${machineNoise()}`,
  );
  printTable(
    ['', ...DISTRIBUTION, 'rows drawn'],
    [
      ['first rows, nothing warm', ...distribution(all.map((one) => one.coldMs)), String(all[0]?.rows)],
      ['first rows, nothing warm, CPU', ...distribution(all.map((one) => one.coldCpuMs)), String(all[0]?.rows)],
      ['first rows again', ...distribution(all.flatMap((one) => one.warmMs)), String(all[0]?.rows)],
      row('a run in sight changes', (one) => one.shown),
      row('a run out of sight changes', (one) => one.hidden),
      row('a run ends', (one) => one.ending),
    ],
  );
}
