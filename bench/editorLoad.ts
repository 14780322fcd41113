/** How long the bundle takes to be parsed and loaded, apart from the editor. */
import path from 'node:path';
import { z } from 'zod';
import { inChild } from './child';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { printTable } from './statistics';

const LAUNCHES = 15;
const times = z.strictObject({ wallMs: z.number(), cpuMs: z.number() });
const loaded = z.strictObject({ parse: times, load: times });

/** `node`: the editor's own, since ours may be older. */
export async function printLoad(bundle: string, node: string): Promise<void> {
  const samples: z.infer<typeof loaded>[] = [];
  for (let n = 0; n < LAUNCHES; n++) {
    samples.push(await inChild(path.join(__dirname, 'editorLoadChild.js'), loaded, [bundle], node));
  }
  console.log(`Loading the bundle in ${LAUNCHES} new processes (ms); ${machineNoise()}`);
  printTable(
    ['', ...DISTRIBUTION],
    [
      ['parse, CPU of the thread', ...distribution(samples.map((one) => one.parse.cpuMs))],
      ['parse and run, CPU of the thread', ...distribution(samples.map((one) => one.load.cpuMs))],
      ['parse, by the clock', ...distribution(samples.map((one) => one.parse.wallMs))],
      ['parse and run, by the clock', ...distribution(samples.map((one) => one.load.wallMs))],
    ],
  );
}
