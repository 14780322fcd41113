/** The views' projections over a real kernel in memory, in English. */
import type { Touched } from '../../../src/kernel/change';
import type { GateTier } from '../../../src/kernel/gate/model';
import type { Sync, Unit } from '../../../src/kernel/unit';
import type { KernelState } from '../../../src/services/record/kernelState';
import { Formats } from '../../../src/views/rows/format';
import type { Localizer } from '../../../src/views/rows/localizer';
import { FolderRecord } from '../../../src/views/projections/record/folderRecord';
import type { ViewContext } from '../../../src/views/projections/viewContext';
import { Words } from '../../../src/views/projections/words';
import { countedReader, noReads } from './countedReads';
import { openTestKernel, type TestKernel } from './kernel';

/** Fills the places of the English messages, as the editor does without a translation. */
export const ENGLISH: Localizer = {
  t: (message, ...args) =>
    message.replace(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place)),
};

/** One open folder: a record, the kernel behind it, and what a window would tell them. */
export class TestFolder {
  state: KernelState = { kind: 'ready' };
  tier: GateTier = 'hard';
  isTrusted = true;
  /** Times the kernel was read. */
  reads = 0;
  /** What was read of it. */
  counts = noReads();
  readonly record: FolderRecord;
  private generation = 0;

  constructor(
    readonly folder: string,
    readonly kernel: TestKernel,
  ) {
    const counted = { read: () => (this.reads += 1) };
    const of = (): KernelState => this.state;
    this.record = new FolderRecord(
      {
        folder,
        get state() {
          return of();
        },
        read: (work) => {
          counted.read();
          return kernel.read((r) => work(countedReader(r, this.counts)));
        },
      },
      () => this.tier,
      () => this.isTrusted,
    );
  }

  /** Writes, and tells the record what changed, as the workspace's kernels do after a commit. */
  write<T>(work: (unit: Unit) => Sync<T>): T {
    const value = this.kernel.write(work);
    if (this.kernel.touched !== undefined) this.notify(this.kernel.touched);
    return value;
  }

  /** Statements of another program, and the reload that follows. */
  exec(sql: string): void {
    this.kernel.exec(sql);
    this.record.forget();
  }

  private notify({ runs, dispatches, subtasks, other }: Touched): void {
    this.generation += 1;
    this.record.note({ generation: this.generation, origin: 'commit', runs, dispatches, subtasks, other });
  }
}

export async function openTestFolder(folder = '/projects/alpha'): Promise<TestFolder> {
  return new TestFolder(folder, await openTestKernel());
}

export function viewContextOf(...folders: readonly TestFolder[]): ViewContext {
  return {
    records: () => folders.map((folder) => folder.record),
    nameOf: (folder) => folder.split('/').at(-1) ?? folder,
    maxAttempts: () => 10,
    leaderState: () => 'off',
    isElsewhere: () => false,
    unseen: () => undefined,
    waitsForTurn: () => false,
    sessions: () => new Map(),
    runsInSession: () => false,
    requestOf: () => undefined,
    isQueuedHere: () => true,
    held: {
      hold: () => undefined,
      agents: () => ({ planner: 'claude', worker: 'claude' }),
      nowMs: () => folders[0]?.kernel.clock.nowMs() ?? 0,
    },
    l10n: ENGLISH,
    formats: new Formats(ENGLISH, 'en-US'),
    words: new Words(ENGLISH),
  };
}
