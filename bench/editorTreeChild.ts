/** Shows the runs of the project named in the arguments as the view does, and changes some. */
import { systemPorts } from '../src/host/clock';
import { silentLog } from '../src/host/log';
import { databaseLocation } from '../src/host/files/paths';
import { engineLoader } from '../src/host/wasm/sqliteWasm';
import { cancelRun } from '../src/kernel/run/cancel';
import { setRun } from '../src/kernel/run/record/runs';
import type { Unit } from '../src/kernel/unit';
import { ProjectKernel } from '../src/services/record/kernels';
import { Formats } from '../src/views/rows/format';
import { FolderRecord } from '../src/views/projections/record/folderRecord';
import { RunsProjection } from '../src/views/projections/run/runs';
import type { ViewContext } from '../src/views/projections/viewContext';
import { Words } from '../src/views/projections/words';
import { TreeState, type Redraw } from '../src/views/trees/treeState';
import { ENGLISH } from '../test/support/records/viewFixture';
import { answer } from './child';
import { cpuOf, timed } from './machine';

const WARM = 10;
const CHANGES = 20;

interface Shown {
  readonly record: FolderRecord;
  readonly tree: TreeState;
  readonly rows: number;
}

function show(kernel: ProjectKernel, formats: Formats): Shown {
  const record = new FolderRecord(
    kernel,
    () => 'hard',
    () => true,
  );
  const fixture: ViewContext = {
    records: () => [record],
    nameOf: () => 'project',
    leaderState: () => 'off',
    maxAttempts: () => 10,
    waitsForTurn: () => false,
    sessions: () => new Map(),
    runsInSession: () => false,
    requestOf: () => undefined,
    isElsewhere: () => false,
    unseen: () => undefined,
    isQueuedHere: () => true,
    held: { hold: () => undefined, agents: () => ({ planner: 'claude', worker: 'claude' }), nowMs: () => 0 },
    l10n: ENGLISH,
    formats,
    words: new Words(ENGLISH),
  };
  const tree = new TreeState(new RunsProjection(fixture));
  const refs = tree.showRoots();
  for (const ref of refs) tree.row(ref);
  return { record, tree, rows: refs.length };
}

async function measure(folder: string): Promise<void> {
  const deps = {
    engine: engineLoader(),
    ports: systemPorts,
    log: silentLog,
    trusted: () => true,
    busyTimeoutMs: 30_000,
    watch: false,
  };
  const kernel = new ProjectKernel(databaseLocation(folder), deps);
  // As a window does while its records are read.
  const formats = new Formats(ENGLISH, 'en-US');
  formats.prepare();
  await kernel.load();
  const coldCpu = cpuOf(() => timed(() => show(kernel, formats)));
  const cold = coldCpu.value;
  const warm = Array.from({ length: WARM }, () => timed(() => show(kernel, formats)).tookMs);
  const { record, tree, rows } = cold.value;
  kernel.onDidChange((change) => record.note(change));
  const change = async (work: (u: Unit, n: number) => unknown) => {
    const times: number[] = [];
    const redrawn: (number | 'all')[] = [];
    for (let n = 0; n < CHANGES; n++) {
      await kernel.write((u) => void work(u, n));
      const { value, tookMs } = timed(() => tree.refresh());
      times.push(tookMs);
      redrawn.push(countOf(value));
      if (value === 'all') tree.showRoots();
    }
    return { times, redrawn };
  };
  // The newest run is on the first page, `run5` far behind it.
  const shown = await change((u, n) => setRun(u, 'run9999', { goal: `bench ${n}` }));
  const hidden = await change((u, n) => setRun(u, 'run5', { goal: `bench ${n}` }));
  const ending = await change((u, n) => cancelRun(u, `run${9990 - n}`));
  await kernel.dispose();
  answer({ coldMs: cold.tookMs, coldCpuMs: coldCpu.tookMs, warmMs: warm, rows, shown, hidden, ending });
}

function countOf(redraw: Redraw): number | 'all' {
  return redraw === 'all' ? 'all' : redraw.length;
}

void measure(process.argv[2] ?? '');
