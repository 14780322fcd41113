/** `npm test`: every check and every test, side by side, then a summary. Focused runs name their steps. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Selection } from '../test/support/vscode/extensionTests';
import { sum } from '../test/support/vscode/results';
import { idleCores, idleShare } from './test/idleCores';
import { inLanes, type Part } from './test/lanes';
import { memoryFolder } from './test/memoryFolder';
import { longestFirst } from './test/order';
import { finishedStep, printSlowest, printSummary } from './test/summary';
import { chooseSteps, type Step } from './test/steps';
import { readLedger } from './test/unstable';
import { defined } from '../src/kernel/defined';

/** A window and the tests of two more lanes are as much as one machine is sure to bear. */
const SURE_LANES = 4;
/** For each of those: more than this, and a part that waited needs its core while all others do too. */
const MOST_FOR_EACH = 3;

async function partsOf(step: Step, selection: Selection): Promise<readonly Part[]> {
  try {
    return await step.parts(selection);
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause);
    return [{ title: step.title, run: () => Promise.resolve({ kind: 'broken' }) }];
  }
}

async function main(): Promise<void> {
  const idle = idleShare();
  const { values, positionals } = parseArgs({
    options: {
      file: { type: 'string' },
      grep: { type: 'string' },
      server: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  // Each start of a program copies the page tables of the process that starts it: one arena of glibc, in huge pages,
  // makes them smaller (starts of git from a test process: 4.1 ms before, 2.4 ms with it).
  process.env['MALLOC_ARENA_MAX'] ??= '1';
  process.env['GLIBC_TUNABLES'] ??= 'glibc.malloc.hugetlb=1';
  // For the processes of all parts (test/support/long.ts).
  if (values.long) process.env['INTERCORE_TEST_LONG'] = '1';
  // The long run proves the same on a disk.
  const inMemory = values.long || process.env['TMPDIR'] !== undefined ? undefined : memoryFolder();
  if (inMemory !== undefined) process.env['TMPDIR'] = inMemory;
  const selection: Selection = {
    ...defined({ file: values.file, grep: values.grep }),
  };
  const steps = [];
  for (const step of chooseSteps(positionals, values.server)) {
    steps.push({ step, parts: await partsOf(step, selection) });
  }
  // Node reads and parses all its certificates at each start (67 ms of 105). Tests talk to this machine only, but for
  // what npm installs for them, which has its own name for it.
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  if (certificates !== undefined) {
    process.env['npm_config_cafile'] ??= certificates;
    delete process.env['NODE_EXTRA_CA_CERTS'];
  }
  const parts = steps.flatMap((each) => each.parts);
  const isSelective = Object.keys(selection).length > 0;
  // What a person waits for comes as it is written.
  const sure = isSelective ? 1 : Math.min(availableParallelism(), SURE_LANES);
  const lanes = { sure, most: isSelective ? 1 : sure * MOST_FOR_EACH, hasRoom: idleCores() };
  const done = await inLanes(longestFirst(parts), lanes, (text) => process.stdout.write(text));

  const ledger = readLedger();
  const finished = steps.map((each) => finishedStep(each.step.title, each.parts, done, ledger));
  const results = finished.flatMap(({ outcome }) => (outcome.kind === 'tested' ? [outcome.results] : []));
  const hasRunNothing = isSelective && sum(results).passed + sum(results).failed === 0;
  if (hasRunNothing) console.error(`\nNo test matches ${JSON.stringify(selection)}.`);
  if (!isSelective) printSlowest(done);
  const isGood = printSummary(finished, { seconds: performance.now() / 1000, idle: idle() });
  process.exitCode = isGood && !hasRunNothing ? 0 : 1;
}

main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
