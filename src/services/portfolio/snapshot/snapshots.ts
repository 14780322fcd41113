/** Cached snapshots of a home's portfolios for frequent readers: taken on demand and kept until they change. */
import path from 'node:path';
import { Emitter, type Disposable } from '../../../kernel/emitter';
import type { RunList } from '../../../kernel/run/record/model';
import type { Log } from '../../../host/log';
import type { KernelState } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { PortfolioSnapshot, RelayState } from '../home/model';
import { PortfolioReadings, type PortfolioRecords } from '../relay/childReadings';
import { listPortfolios, portfolioSnapshot } from './snapshot';

export interface PortfolioSnapshotsDeps {
  readonly home: PortfolioRecords;
  readonly relays: {
    state(portfolioId: string): RelayState;
    onDidChange(listener: () => void): Disposable;
  };
  readonly log: Log;
}

/** A kernel with its generation at a reading. */
interface Stamp {
  readonly kernel: ProjectKernel;
  readonly generation: number;
  readonly state: KernelState;
  readonly isOpen: boolean;
}

interface Taken {
  readonly snapshot: PortfolioSnapshot;
  readonly home: Stamp;
  /** By project. */
  readonly children: ReadonlyMap<string, Stamp>;
  readonly relay: string;
}

export class PortfolioSnapshots {
  private readonly taken = new Map<string, Taken>();
  private readonly readings: PortfolioReadings;
  private list: { readonly stamp: Stamp; readonly runs: RunList } | undefined;
  private readonly watched = new Map<ProjectKernel, readonly Disposable[]>();
  private readonly changes: Emitter<void>;
  private readonly relaying: Disposable;

  constructor(private readonly deps: PortfolioSnapshotsDeps) {
    const log = deps.log.scope('portfolios');
    this.changes = new Emitter((error) => log.error('A listener of the portfolios failed', { error }));
    this.readings = new PortfolioReadings(deps.home);
    this.relaying = deps.relays.onDidChange(() => this.changes.fire());
    this.watch(deps.home.kernel);
  }

  /**
   * Fires when a portfolio that was read may have changed. Does not fire for folders that open or close, which the
   * window knows.
   */
  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  /** The state of the portfolios' database. */
  get state(): KernelState {
    return this.deps.home.kernel.state;
  }

  /** All portfolios, newest first; empty while their database is missing or cannot be read. */
  all(): RunList {
    const stamp = this.homeStamp();
    if (this.list === undefined || !sameStamp(this.list.stamp, stamp)) {
      this.list = { stamp, runs: listPortfolios(this.deps.home) };
    }
    return this.list.runs;
  }

  /**
   * One portfolio; the same object while its content is unchanged. The time of the relay's last cycle is ignored:
   * `relay` has it. @throws KernelError `NOT_FOUND`, `ROW_INVALID`, or the error of `state`.
   */
  of(portfolioId: string): PortfolioSnapshot {
    const known = this.taken.get(portfolioId);
    const relay = this.relay(portfolioId);
    if (known !== undefined && this.isCurrent(known, relay)) return known.snapshot;
    const home = this.homeStamp();
    const snapshot = portfolioSnapshot(this.deps.home, relay, portfolioId, this.readings);
    const projects = snapshot.children.map(({ projectDir }) => projectDir).filter((dir) => path.isAbsolute(dir));
    const children = new Map(projects.map((projectDir) => [projectDir, this.stampOf(projectDir)]));
    for (const { kernel } of children.values()) this.watch(kernel);
    this.taken.set(portfolioId, { snapshot, home, children, relay: relayPrint(relay) });
    return snapshot;
  }

  /** The current relay state of a portfolio. */
  relay(portfolioId: string): RelayState {
    return this.deps.relays.state(portfolioId);
  }

  dispose(): void {
    for (const disposable of [this.relaying, ...[...this.watched.values()].flat()]) disposable.dispose();
    this.changes.dispose();
  }

  private isCurrent(known: Taken, relay: RelayState): boolean {
    if (!sameStamp(known.home, this.homeStamp()) || known.relay !== relayPrint(relay)) return false;
    return [...known.children].every(([projectDir, stamp]) => sameStamp(stamp, this.stampOf(projectDir)));
  }

  private homeStamp(): Stamp {
    const { kernel } = this.deps.home;
    return { kernel, generation: kernel.generation, state: kernel.state, isOpen: true };
  }

  private stampOf(projectDir: string): Stamp {
    const { home } = this.deps;
    const kernel = home.childKernel(projectDir);
    return { kernel, generation: kernel.generation, state: kernel.state, isOpen: home.isOpen(projectDir) };
  }

  /** Follows a kernel, and loads it if it is not loaded. Loading never fails: the kernel's state shows problems. */
  private watch(kernel: ProjectKernel): void {
    if (this.watched.has(kernel)) return;
    const fire = (): void => this.changes.fire();
    this.watched.set(kernel, [kernel.onDidChange(fire), kernel.onDidChangeState(fire)]);
    void kernel.load();
  }
}

function sameStamp(stamp: Stamp, other: Stamp): boolean {
  return (
    stamp.kernel === other.kernel &&
    stamp.generation === other.generation &&
    stamp.state === other.state &&
    stamp.isOpen === other.isOpen
  );
}

/** All of a relay's state that a snapshot shows. */
function relayPrint({ isPaused, lastCycleAt, relayed, error, problems }: RelayState): string {
  const children = [...problems].map(([id, problem]) => [id, problem.message]);
  return JSON.stringify([isPaused, lastCycleAt === undefined, relayed, error?.message, children]);
}
