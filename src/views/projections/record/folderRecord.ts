/**
 * What the views know of one folder: its runs, dispatches and gates, read from the kernel on demand and kept
 * until a change touches them (`docs/design/editor.md#changes`). Shared by all views, so nothing is read twice.
 */
import { countRows, endedRows, openIds, type PagedTable } from '../../../kernel/list/recordPages';
import type { LeftOutRow } from '../../../kernel/db/rows';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { activeIdsOf, countActiveByScope, DISPATCH_PAGES, findDispatches } from '../../../kernel/dispatch/service';
import { KernelError, lacksTables } from '../../../kernel/errors/errors';
import type { GateReport, GateTier, UpstreamRuns } from '../../../kernel/gate/model';
import { checkGateOf, gateFactsOf, type GateFacts } from '../../../kernel/gate/service';
import type { Change } from '../../../kernel/change';
import type { QueueList } from '../../../kernel/queue/model';
import { listQueued } from '../../../kernel/queue/service';
import type { Run } from '../../../kernel/run/record/model';
import { findRuns, newestActiveRuns, RUN_PAGES } from '../../../kernel/run/record/queries';
import type { Reader, Sync } from '../../../kernel/unit';
import { findStageFailure, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import type { KernelState } from '../../../services/record/kernelState';
import type { UnrecordedFailures } from '../../../services/record/unrecordedFailures';
import { BudgetRecord } from './budgetRecord';
import { defined } from '../../../kernel/defined';
import { RecordIndex, type IndexSource } from './recordIndex';
import { TaskRecord } from './taskRecord';

/** A folder's kernel, as far as checking it goes. */
export interface RecordSource {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly state: KernelState;
  read<T>(work: (reader: Reader) => Sync<T>): T;
  readonly unrecorded?: Pick<UnrecordedFailures, 'list'>;
}

/** Rows that are read at once to find the first readable one. */
const FEW = 20;

/** A gate's report, or why it cannot be judged. */
export type GateView = GateReport | KernelError;

export class FolderRecord {
  readonly runs: RecordIndex<Run>;
  readonly dispatches: RecordIndex<Dispatch>;
  readonly tasks: TaskRecord;
  readonly budgets: BudgetRecord;
  private queued: QueueList | undefined;
  private current: { readonly run: Run | undefined } | undefined;
  private live: ReadonlyMap<string, number> | undefined;
  /** Gates that depend on their own run only, and gates that depend on others, which any change may turn. */
  private readonly gates = { own: new Map<string, GateView>(), wide: new Map<string, GateView>() };

  /**
   * `tier`: how strictly gates are judged in this folder; `trusted`: whether the window may change anything;
   * `upstreams`: the phases of the upstream projects of a child whose portfolio is in another database.
   */
  constructor(
    readonly source: RecordSource,
    private readonly tier: () => GateTier,
    private readonly trusted: () => boolean,
    private readonly upstreams: (run: Run) => UpstreamRuns | undefined = () => undefined,
  ) {
    this.runs = new RecordIndex<Run>({
      ...this.pagesOf(RUN_PAGES),
      findAll: (ids) => {
        const { runs, invalid } = source.read((r) => findRuns(r, ids));
        return { sound: runs, invalid };
      },
      placeOf: ({ id, status, createdAt, completedAt, updatedAt }) => {
        return { id, createdAt, endedAt: status === 'active' ? undefined : (completedAt ?? updatedAt) };
      },
    });
    this.tasks = new TaskRecord((work) => source.read(work));
    this.budgets = new BudgetRecord((work) => source.read(work));
    this.dispatches = new RecordIndex<Dispatch>({
      ...this.pagesOf(DISPATCH_PAGES),
      findAll: (ids) => {
        const { dispatches, invalid } = source.read((r) => findDispatches(r, ids));
        return { sound: dispatches, invalid };
      },
      placeOf: ({ id, status, createdAt, completedAt }) => {
        return { id, createdAt, endedAt: isActive(status) ? undefined : (completedAt ?? createdAt) };
      },
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
    this.current ??= { run: this.newestRun(this.folder) ?? this.newestRun(undefined) };
    return this.current.run;
  }

  /** Dispatches that wait for a limit, the first in line first. A record of a newer version may have none to show. */
  queue(): QueueList {
    return (this.queued ??= this.readQueue());
  }

  /** How the start of a queued dispatch failed that is tried again. */
  queueFailure(id: string): Pick<StageFailure, 'reason' | 'nextAt'> | undefined {
    const unrecorded = this.source.unrecorded?.list() ?? [];
    const own = unrecorded.find(({ stage, subject }) => stage === 'queue' && subject === id);
    return own ?? this.source.read((r) => findStageFailure(r, 'queue', id));
  }

  /** Active dispatches of a run: those of its scope, newest first. */
  liveDispatchesOf(run: Run): readonly string[] {
    return this.liveCountOf(run) === 0 ? [] : this.source.read((r) => activeIdsOf(r, scopeOf(run)));
  }

  liveCountOf(run: Run): number {
    this.live ??= this.source.read(countActiveByScope);
    return this.live.get(scopeOf(run)) ?? 0;
  }

  /** The gate before an active run now. */
  gate(run: Run): GateView {
    const gates = this.gatesLike(run);
    const known = gates.get(run.id);
    if (known !== undefined) return known;
    const judged = this.judge(run);
    gates.set(run.id, judged);
    return judged;
  }

  /** Reads all that the rows of these runs show, at once instead of run by run. */
  readAheadRuns(ids: readonly string[]): void {
    this.runs.readAhead(ids);
    // The row of a run that has ended shows neither budget nor gate.
    const active = ids.flatMap((id) => this.runs.get(id) ?? []).filter(({ status }) => status === 'active');
    this.budgets.readAhead(active.map(({ id }) => id));
    const unknown = active.filter((run) => !this.gatesLike(run).has(run.id));
    if (unknown.length < 2) return;
    const facts = this.gateFacts(unknown);
    for (const run of unknown) this.gatesLike(run).set(run.id, this.judge(run, facts.get(run.id)));
  }

  read<T>(work: (reader: Reader) => Sync<T>): T {
    return this.source.read(work);
  }

  /** Rows that lists left out because they cannot be read, as far as the record was read. */
  unreadable(): readonly LeftOutRow[] {
    return this.isReadable ? this.source.read(({ db }) => db.leftOut.since()) : [];
  }

  /** Takes note of a change; reads nothing. */
  note(change: Change): void {
    if (change.origin === 'file') {
      this.forget();
      return;
    }
    if (change.other) this.queued = undefined;
    if (change.runs.size > 0) this.current = undefined;
    if (change.dispatches.size > 0) this.live = undefined;
    this.gates.wide.clear();
    for (const id of change.runs) this.gates.own.delete(id);
    this.tasks.note(change);
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
    this.current = undefined;
    this.live = undefined;
    this.gates.own.clear();
    this.gates.wide.clear();
    this.tasks.forget();
    this.budgets.forget();
    this.runs.forget();
    this.dispatches.forget();
  }

  private pagesOf(table: PagedTable): Pick<IndexSource<never>, 'count' | 'openIds' | 'endedRows'> {
    const { source } = this;
    return {
      count: () => source.read((r) => countRows(r, table)),
      openIds: (limit) => source.read((r) => openIds(r, table, limit)),
      endedRows: (spans, limit) => source.read((r) => endedRows(r, table, spans, limit)),
    };
  }

  /** The newest active run that can be read. */
  private newestRun(projectDir: string | undefined): Run | undefined {
    for (let limit = FEW; ; limit *= 10) {
      const ids = this.source.read((r) => newestActiveRuns(r, projectDir, limit));
      for (const id of ids) {
        const run = this.runs.get(id);
        if (run?.status === 'active') return run;
      }
      if (ids.length < limit) return undefined;
    }
  }

  private readQueue(): QueueList {
    try {
      return this.source.read(listQueued);
    } catch (error) {
      if (lacksTables(error)) return { queued: [], invalid: [] };
      throw error;
    }
  }

  /** A row that cannot be read concerns its own run alone, so all are read one by one then. */
  private gateFacts(runs: readonly Run[]): ReadonlyMap<string, GateFacts> {
    try {
      return this.source.read((r) => gateFactsOf(r, runs));
    } catch (error) {
      if (KernelError.is(error, 'ROW_INVALID')) return new Map();
      throw error;
    }
  }

  private gatesLike(run: Run): Map<string, GateView> {
    return readsOtherRecords(run) ? this.gates.wide : this.gates.own;
  }

  private judge(run: Run, facts?: GateFacts): GateView {
    try {
      const upstreams = this.upstreams(run);
      const options = {
        tier: this.tier(),
        applySkips: true,
        ...defined({ upstreams, facts }),
      };
      return this.source.read((r) => checkGateOf(r, run, options));
    } catch (error) {
      if (error instanceof KernelError) return error;
      throw error;
    }
  }
}

/** Siblings and children count for a gate in a portfolio; verdicts of its scope count, even if other runs have that scope. */
function readsOtherRecords(run: Run): boolean {
  const sharesScope = run.scopeId !== null && run.scopeId !== run.id;
  return sharesScope || run.parentRunId !== null || run.projectDir === '';
}

function scopeOf({ scopeId, id }: Run): string {
  return scopeId ?? id;
}

/** Whether a gate holds its run back: it fails and its tier blocks. */
export function isBlocked(gate: GateView): boolean {
  return gate instanceof KernelError || (gate.result === 'fail' && gate.tier === 'hard');
}
