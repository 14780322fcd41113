/**
 * What the views know of one folder: its runs, dispatches and gates, read from the kernel when somebody looks and kept
 * until a change touches them (design §10). Shared by all views, so nothing is read twice.
 */
import { isActive } from '../../kernel/dispatch/machine';
import { DISPATCH_STATUSES, type Dispatch } from '../../kernel/dispatch/model';
import { findDispatch, outlineDispatches } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors';
import type { GateReport, GateTier, UpstreamStandings } from '../../kernel/gate/model';
import { checkGateOf } from '../../kernel/gate/service';
import type { Change } from '../../kernel/change';
import type { QueueList } from '../../kernel/queue/model';
import { listQueued } from '../../kernel/queue/service';
import { RUN_STATUSES, type Run } from '../../kernel/run/model';
import { findRun, findRuns, outlineRuns } from '../../kernel/run/service';
import type { Reader, Sync } from '../../kernel/unit';
import type { KernelState } from '../../services/kernelState';
import { BudgetRecord } from './budgetRecord';
import { RecordIndex } from './recordIndex';
import { VillageRecord } from './villageRecord';

/** A folder's kernel, as far as looking at it goes. */
export interface RecordSource {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly state: KernelState;
  read<T>(work: (reader: Reader) => Sync<T>): T;
}

const ENDED_RUNS: ReadonlySet<string> = new Set(RUN_STATUSES.filter((status) => status !== 'active'));
const ENDED_DISPATCHES: ReadonlySet<string> = new Set(DISPATCH_STATUSES.filter((status) => !isActive(status)));

/** A gate's report, or why it cannot be judged. */
export type GateView = GateReport | KernelError;

export class FolderRecord {
  readonly runs: RecordIndex<Run>;
  readonly dispatches: RecordIndex<Dispatch>;
  readonly village: VillageRecord;
  readonly budgets: BudgetRecord;
  private queued: QueueList | undefined;
  /** Gates that look at their own run only, and gates that look further, which any change may turn. */
  private readonly gates = { own: new Map<string, GateView>(), wide: new Map<string, GateView>() };

  /**
   * `tier`: how strictly gates are judged in this folder; `trusted`: whether the window may change anything;
   * `upstreams`: where the upstream projects of a child stand whose portfolio is in another database.
   */
  constructor(
    readonly source: RecordSource,
    private readonly tier: () => GateTier,
    private readonly trusted: () => boolean,
    private readonly upstreams: (run: Run) => UpstreamStandings | undefined = () => undefined,
  ) {
    this.runs = new RecordIndex<Run>({
      outlines: () => source.read(outlineRuns),
      find: (id) => source.read((r) => findRun(r, id)),
      findAll: (ids) => {
        const { runs, invalid } = source.read((r) => findRuns(r, ids));
        return { sound: runs, invalid };
      },
      outlineOf: ({ id, status, createdAt, completedAt, updatedAt }) => {
        return { id, status, createdAt, endedAt: completedAt ?? updatedAt };
      },
      isEnded: (status) => ENDED_RUNS.has(status),
    });
    this.village = new VillageRecord((work) => source.read(work));
    this.budgets = new BudgetRecord((work) => source.read(work));
    this.dispatches = new RecordIndex<Dispatch>({
      outlines: () => source.read(outlineDispatches),
      find: (id) => source.read((r) => findDispatch(r, id)),
      outlineOf: ({ id, status, createdAt, completedAt }) => {
        return { id, status, createdAt, endedAt: completedAt ?? createdAt };
      },
      isEnded: (status) => ENDED_DISPATCHES.has(status),
    });
  }

  get folder(): string {
    return this.source.folder;
  }

  get isReadable(): boolean {
    return this.source.state.kind === 'ready' || this.source.state.kind === 'readOnly';
  }

  get isWritable(): boolean {
    return this.source.state.kind === 'ready' && this.trusted();
  }

  /** The run that is being worked on here: the newest active one of this very project, else of its database. */
  currentRun(): Run | undefined {
    const open = this.runs.open();
    const own = firstDefined(open, (id) => {
      const run = this.runs.get(id);
      return run?.projectDir === this.folder ? run : undefined;
    });
    return own ?? firstDefined(open, (id) => this.runs.get(id));
  }

  /** Newest first. */
  liveDispatches(): Dispatch[] {
    return this.dispatches.open().flatMap((id) => this.dispatches.get(id) ?? []);
  }

  /** Dispatches that wait for a limit, the first in line first. A record of a newer version may have none to show. */
  queue(): QueueList {
    return (this.queued ??= this.readQueue());
  }

  /** Dispatches at work for a run: those of its scope. */
  liveDispatchesOf(run: Run): Dispatch[] {
    const scope = run.scopeId ?? run.id;
    return this.liveDispatches().filter((dispatch) => dispatch.scopeId === scope);
  }

  /** What the gate before an active run says now. */
  gate(run: Run): GateView {
    const gates = looksFurther(run) ? this.gates.wide : this.gates.own;
    const known = gates.get(run.id);
    if (known !== undefined) return known;
    const judged = this.judge(run);
    gates.set(run.id, judged);
    return judged;
  }

  read<T>(work: (reader: Reader) => Sync<T>): T {
    return this.source.read(work);
  }

  /** Takes note of a change; reads nothing. */
  note(change: Change): void {
    if (change.origin === 'file') {
      this.forget();
      return;
    }
    if (change.other) this.queued = undefined;
    this.gates.wide.clear();
    for (const id of change.runs) this.gates.own.delete(id);
    this.village.note(change);
    this.budgets.note(change);
    this.runs.touch(change.runs);
    this.dispatches.touch(change.dispatches);
  }

  /** Takes note that a portfolio in another database may stand elsewhere. */
  forgetUpstreams(): void {
    this.gates.wide.clear();
  }

  /** Takes note that anything may differ: another database state, another gate tier. */
  forget(): void {
    this.queued = undefined;
    this.gates.own.clear();
    this.gates.wide.clear();
    this.village.forget();
    this.budgets.forget();
    this.runs.forget();
    this.dispatches.forget();
  }

  private readQueue(): QueueList {
    try {
      return this.source.read(listQueued);
    } catch (error) {
      if (KernelError.is(error, 'SQL_FAILED')) return { queued: [], invalid: [] };
      throw error;
    }
  }

  private judge(run: Run): GateView {
    try {
      const upstreams = this.upstreams(run);
      const options = { tier: this.tier(), applySkips: true, ...(upstreams === undefined ? {} : { upstreams }) };
      return this.source.read((r) => checkGateOf(r, run, options));
    } catch (error) {
      if (error instanceof KernelError) return error;
      throw error;
    }
  }
}

/** Siblings and children count for a gate in a portfolio; verdicts of its scope do, whoever else has that scope. */
function looksFurther(run: Run): boolean {
  const sharesScope = run.scopeId !== null && run.scopeId !== run.id;
  return sharesScope || run.parentRunId !== null || run.projectDir === '';
}

/** Whether a gate holds its run back: it fails and its tier blocks. */
export function isBlocked(gate: GateView): boolean {
  return gate instanceof KernelError || (gate.result === 'fail' && gate.tier === 'hard');
}

function firstDefined<T, R>(items: readonly T[], of: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
