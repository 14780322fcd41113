/** What waits for a person in a record of 10,000 active runs: asked about all of them, then after changes of one. */
import { NO_OBSERVATIONS } from '../src/services/attention/items/agentItems';
import { attentionOf, type AttentionFacts } from '../src/services/attention/attentionOf';
import { FolderNeeds } from '../src/services/attention/folderNeeds';
import { advanceRun } from '../src/kernel/run/advance';
import { createRun, setRun } from '../src/kernel/run/record/runs';
import { openTestKernel, type TestKernel } from '../test/support/records/kernel';
import { DISTRIBUTION, distribution, machineNoise } from './machine';
import { ms, printTable } from './statistics';

const FOLDER = '/p';
const RUNS = 10_000;
const CHANGES = 50;
const SLICE_MS = 5;
/** How many of the runs have a budget and were blocked by a gate. */
const WAITING = [0, 1000, RUNS] as const;

export async function printNeeds(): Promise<void> {
  const rows: string[][] = [];
  for (const waiting of WAITING) rows.push(...(await measured(waiting)));
  console.log(`What waits in ${RUNS} active runs (ms; a slice may take ${SLICE_MS} ms); ${machineNoise()}`);
  printTable(['', ...DISTRIBUTION, 'items'], rows);
}

async function measured(waiting: number): Promise<string[][]> {
  const kernel = await openTestKernel();
  const ids = kernel.write((u) =>
    Array.from({ length: RUNS }, (_, n) => {
      const budget = n < waiting ? { tokenBudget: 1000 } : {};
      const { id } = createRun(u, { projectDir: FOLDER, goal: `run ${n}`, ...budget });
      if (n < waiting) advanceRun(u, id, { tier: 'hard' });
      return id;
    }),
  );
  const needs = new FolderNeeds(FOLDER);
  const slices: number[] = [];
  while (!timed(slices, () => refresh(kernel, needs)));
  const changes: number[] = [];
  for (let n = 0; n < CHANGES; n++) {
    const id = ids[(n * 199) % RUNS];
    if (id === undefined) continue;
    kernel.write((u) => void setRun(u, id, { goal: `changed ${n}` }));
    timed(changes, () => {
      needs.note({
        generation: n,
        origin: 'commit',
        runs: new Set([id]),
        dispatches: new Set(),
        subtasks: new Set(),
        other: false,
      });
      return refresh(kernel, needs);
    });
  }
  const fromScratch: number[] = [];
  for (let n = 0; n < 5; n++) timed(fromScratch, () => kernel.read((r) => attentionOf(r, FOLDER, factsOf(kernel))));
  const items = String(needs.items.length);
  const total = slices.reduce((sum, slice) => sum + slice, 0);
  return [
    [
      `${waiting} waiting: slices of the first list (${slices.length}, ${ms(total)} in all)`,
      ...distribution(slices),
      items,
    ],
    [`${waiting} waiting: after a change of one run`, ...distribution(changes), items],
    [`${waiting} waiting: made from nothing`, ...distribution(fromScratch), items],
  ];
}

function timed<T>(into: number[], work: () => T): T {
  const started = performance.now();
  const value = work();
  into.push(performance.now() - started);
  return value;
}

function refresh(kernel: TestKernel, needs: FolderNeeds): boolean {
  const until = performance.now() + SLICE_MS;
  return kernel.read((r) => needs.refresh(r, factsOf(kernel), () => performance.now() >= until));
}

function factsOf(kernel: TestKernel): AttentionFacts {
  return {
    state: { kind: 'ready' },
    leaderState: 'leading',
    unrecorded: [],
    held: { kinds: new Map() },
    gates: { tier: 'hard', upstreams: () => undefined },
    agents: {
      nowMs: kernel.clock.nowMs(),
      limits: { minutes: 10, attempts: 2 },
      seen: NO_OBSERVATIONS,
      isQueuedHere: () => true,
    },
  };
}
