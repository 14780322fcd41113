/** What the views know of a window's portfolios: lists, snapshots and gates, shared by all that shows them. */
import type { LeftOutRow } from '../../../kernel/db/rows';
import { KernelError } from '../../../kernel/errors/errors';
import type { GateTier } from '../../../kernel/gate/model';
import type { Run, RunList } from '../../../kernel/run/record/model';
import type { Reader, Sync } from '../../../kernel/unit';
import { portfolioGate } from '../../../services/portfolio/gates';
import type { PortfolioSnapshot } from '../../../services/portfolio/home/model';
import type { PortfolioRecords } from '../../../services/portfolio/relay/childReadings';
import type { PortfolioSnapshots } from '../../../services/portfolio/snapshot/snapshots';
import { byDay } from '../../rows/format';
import type { GateView } from './folderRecord';
import type { Reading } from './recordIndex';

export interface PortfolioRecordDeps {
  readonly home: PortfolioRecords;
  readonly snapshots: PortfolioSnapshots;
  /** How strictly portfolios' gates are judged. */
  tier(): GateTier;
  /** Whether the window may change anything. */
  trusted(): boolean;
}

interface Lists {
  readonly of: RunList;
  readonly open: readonly Run[];
  readonly ended: ReadonlyMap<string, readonly Run[]>;
}

export class PortfolioRecord {
  private lists: Lists | undefined;
  private readonly gates = new Map<string, { of: PortfolioSnapshot; tier: GateTier; gate: GateView }>();

  constructor(private readonly deps: PortfolioRecordDeps) {}

  get snapshots(): PortfolioSnapshots {
    return this.deps.snapshots;
  }

  get isReadable(): boolean {
    const { kind } = this.snapshots.state;
    return kind === 'ready' || kind === 'readOnly';
  }

  get isWritable(): boolean {
    return this.snapshots.state.kind === 'ready' && this.deps.trusted();
  }

  /** Active portfolios, newest first. */
  open(): readonly Run[] {
    return this.listed().open;
  }

  /** Portfolios that ended by local day, newest day first and in it the last ended first. */
  ended(): ReadonlyMap<string, readonly Run[]> {
    return this.listed().ended;
  }

  /** Stored portfolios that cannot be read. */
  invalid(): RunList['invalid'] {
    return this.listed().of.invalid;
  }

  /** One portfolio, or why it cannot be read; undefined where there is none. */
  read(portfolioId: string): Reading<PortfolioSnapshot> | undefined {
    try {
      return { sound: this.snapshots.of(portfolioId) };
    } catch (error) {
      if (KernelError.is(error, 'ROW_INVALID')) {
        const { id, column, problem } = error.facts;
        return { invalid: { id, column, problem } };
      }
      // Gone meanwhile, or its whole database is.
      if (error instanceof KernelError) return undefined;
      throw error;
    }
  }

  /** A portfolio that is there and can be read. */
  get(portfolioId: string): PortfolioSnapshot | undefined {
    const reading = this.read(portfolioId);
    return reading !== undefined && 'sound' in reading ? reading.sound : undefined;
  }

  /** The gate before an active portfolio now: with children by their mirrors, or why they cannot be read. */
  gate(snapshot: PortfolioSnapshot): GateView {
    const { id } = snapshot.run;
    const tier = this.deps.tier();
    const known = this.gates.get(id);
    if (known?.of === snapshot && known.tier === tier) return known.gate;
    const gate = portfolioGate(this.deps.home, snapshot, tier);
    this.gates.set(id, { of: snapshot, tier, gate });
    return gate;
  }

  /** Reads the portfolios' own database. */
  readHome<T>(work: (reader: Reader) => Sync<T>): T {
    return this.deps.home.kernel.read(work);
  }

  /** As of a folder's record. */
  unreadable(): readonly LeftOutRow[] {
    return this.isReadable ? this.readHome(({ db }) => db.leftOut.since()) : [];
  }

  private listed(): Lists {
    const of = this.snapshots.all();
    if (this.lists?.of === of) return this.lists;
    const ended = of.runs.filter((run) => run.status !== 'active').sort((a, b) => endOf(b) - endOf(a));
    this.lists = { of, open: of.runs.filter((run) => run.status === 'active'), ended: byDay(ended, endOf) };
    return this.lists;
  }
}

function endOf({ completedAt, updatedAt }: Run): number {
  return completedAt ?? updatedAt;
}
