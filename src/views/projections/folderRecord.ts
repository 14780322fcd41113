/**
 * What the views know of one folder: its runs, dispatches and gates, read from the kernel when somebody looks and kept
 * until a change touches them (design §10). Shared by all views, so nothing is read twice.
 */
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch } from '../../kernel/dispatch/model';
import { findDispatch, listDispatches } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors';
import type { GateReport, GateTier } from '../../kernel/gate/model';
import { checkGate } from '../../kernel/gate/service';
import type { Change } from '../../kernel/change';
import type { Run } from '../../kernel/run/model';
import { findRun, listRuns } from '../../kernel/run/service';
import type { Reader, Sync } from '../../kernel/unit';
import type { KernelState } from '../../services/kernelState';
import { byDay } from '../format';
import { derived } from './derived';
import { RecordIndex } from './recordIndex';

/** A folder's kernel, as far as looking at it goes. */
export interface RecordSource {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly state: KernelState;
  read<T>(work: (reader: Reader) => Sync<T>): T;
}

/** A gate's report, or why it cannot be judged. */
export type GateView = GateReport | KernelError;

export class FolderRecord {
  private readonly runIndex: RecordIndex<Run>;
  private readonly dispatchIndex: RecordIndex<Dispatch>;
  /** Gates that look at their own run only, and gates that look further, which any change may turn. */
  private readonly gates = { own: new Map<string, GateView>(), wide: new Map<string, GateView>() };

  /** `tier`: how strictly gates are judged in this folder; `trusted`: whether the window may change anything. */
  constructor(
    readonly source: RecordSource,
    private readonly tier: () => GateTier,
    private readonly trusted: () => boolean,
  ) {
    this.runIndex = new RecordIndex<Run>({
      list: () => {
        const { runs, invalid } = source.read(listRuns);
        return { sound: runs, invalid };
      },
      find: (id) => source.read((r) => findRun(r, id)),
    });
    this.dispatchIndex = new RecordIndex<Dispatch>({
      list: () => {
        const { dispatches, invalid } = source.read((r) => listDispatches(r));
        return { sound: dispatches, invalid };
      },
      find: (id) => source.read((r) => findDispatch(r, id)),
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

  get runs(): RecordIndex<Run> {
    return this.runIndex;
  }

  get dispatches(): RecordIndex<Dispatch> {
    return this.dispatchIndex;
  }

  /** Newest first. */
  readonly activeRuns = derived(
    () => this.runs.all(),
    (all) => all.filter((run) => run.status === 'active'),
  );

  /** Runs that ended, by the day they did, newest day first. */
  readonly endedRuns = derived(
    () => this.runs.all(),
    (all) => {
      const ended = all.filter((run) => run.status !== 'active');
      return byDay(ended, (run) => run.completedAt ?? run.updatedAt);
    },
  );

  /** Newest first. */
  readonly liveDispatches = derived(
    () => this.dispatches.all(),
    (all) => all.filter((dispatch) => isActive(dispatch.status)),
  );

  readonly endedDispatches = derived(
    () => this.dispatches.all(),
    (all) => all.filter((dispatch) => !isActive(dispatch.status)),
  );

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
    this.gates.wide.clear();
    for (const id of change.runs) this.gates.own.delete(id);
    this.runIndex.touch(change.runs);
    this.dispatchIndex.touch(change.dispatches);
  }

  /** Takes note that anything may differ: another database state, another gate tier. */
  forget(): void {
    this.gates.own.clear();
    this.gates.wide.clear();
    this.runIndex.forget();
    this.dispatchIndex.forget();
  }

  private judge(run: Run): GateView {
    try {
      return this.source.read((r) => checkGate(r, run.id, { tier: this.tier(), applySkips: true }));
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
