/** How long the extension takes to start in a real window, as VS Code itself tells it. */
import { Workbench } from '../test/ui/support/workbench';
import { z } from 'zod';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { projectOfRuns, remove } from './ours';
import { printTable } from './statistics';

const LAUNCHES = 12;
const RUNS = 100;
const ATTEMPTS = 8;
const PATIENCE_MS = 60_000;
const SELF = 'intercore.intercore';

/** Milliseconds: loading the code, the call of `activate`, and what it left to be awaited. */
const activation = z.object({ loadMs: z.coerce.number(), callMs: z.coerce.number(), restMs: z.coerce.number() });
type Activation = z.infer<typeof activation>;

export async function printActivation(staged: string): Promise<void> {
  const project = await projectOfRuns(RUNS);
  const rows: string[][] = [];
  for (const builtins of ['lean', 'all'] as const) {
    const all = await activations(staged, project, builtins);
    const row = (name: string, of: (one: Activation) => number): string[] => [
      `${builtins} built-ins: ${name}`,
      ...distribution(all.map(of)),
      String(all.length),
    ];
    rows.push(
      row('load the code', (one) => one.loadMs),
      row('activate()', (one) => one.callMs),
      row('both', (one) => one.loadMs + one.callMs),
    );
  }
  await remove(project);
  console.log(`Start in a real window by the clock (ms; bar: activate() 50 ms); ${machineNoise()}`);
  printTable(['', ...DISTRIBUTION, 'windows'], rows);
}

async function activations(staged: string, project: string, builtins: 'lean' | 'all'): Promise<Activation[]> {
  const opens = { kind: 'folder', path: project } as const;
  const workbench = await Workbench.open({ opens, extensions: [staged], builtins });
  workbench.page.setDefaultTimeout(PATIENCE_MS);
  const all: Activation[] = [];
  try {
    for (let launch = 0; launch < LAUNCHES; launch++) {
      // The window shows again after a reload what it showed before.
      if (launch === 0) await workbench.openContainer('Intercore');
      else await workbench.page.reload();
      await workbench.tree('Runs').rows.first().waitFor();
      all.push(await readActivation(workbench));
      await workbench.runCommand('View: Close All Editors');
    }
  } finally {
    await workbench.close();
  }
  return all;
}

/** The page is written before all extensions have started, so it may have to be opened again. */
async function readActivation(workbench: Workbench): Promise<Activation> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await workbench.runCommand('Developer: Startup Performance');
    await workbench.editorTab(/Startup Performance/).waitFor();
    const text = await workbench.editorText();
    const line = text.split('\n').find((each) => each.startsWith(`| ${SELF} `));
    const [, , , loadMs, callMs, restMs] = line?.split('|').map((cell) => cell.trim()) ?? [];
    if (line !== undefined) return activation.parse({ loadMs, callMs, restMs });
    await workbench.runCommand('View: Close All Editors');
  }
  throw new Error('The page of start-up times does not name the extension.');
}
