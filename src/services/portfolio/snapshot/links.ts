/**
 * Links from runs to facts that their gates need outside their own database: a child's portfolio in any database, and a
 * portfolio's children (`docs/design/portfolios.md#authority`).
 */
import { portfolioLocationAt, type DatabaseLocation } from '../../../host/files/paths';
import { Emitter, type Disposable } from '../../../kernel/emitter';
import { KernelError } from '../../../kernel/errors/errors';
import type { GateTier, OtherRun, UnreadableRuns, UpstreamRuns } from '../../../kernel/gate/model';
import { upstreamRuns } from '../../../kernel/gate/service';
import type { RunId } from '../../../kernel/ids';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import type { Run } from '../../../kernel/run/record/model';
import { findRun } from '../../../kernel/run/record/queries';
import type { KernelDeps, ProjectKernel } from '../../record/projectKernel';
import { PortfolioHome } from '../home/home';
import { cyclePortfolio } from '../relay/relays';

export interface PortfolioLinksDeps {
  readonly kernelDeps: KernelDeps;
  /** The window's own. */
  readonly home?: PortfolioHome;
  /** The window's kernel of an open folder. */
  readonly openKernel: (folder: string) => ProjectKernel | undefined;
}

export interface PortfolioLink {
  readonly home: PortfolioHome;
  readonly portfolioId: RunId;
}

/** The facts of other databases for a gate: options for advancing and checking. */
export interface GateOutsideFacts {
  readonly upstreams?: UpstreamRuns;
  readonly unreadable?: UnreadableRuns;
}

export class PortfolioLinks {
  /** Homes other than the window's own, by database; created on first use. */
  private readonly homes = new Map<string, PortfolioHome>();
  private readonly subscriptions: Disposable[] = [];
  private readonly changes: Emitter<void>;

  constructor(private readonly deps: PortfolioLinksDeps) {
    const log = deps.kernelDeps.log.scope('portfolio');
    this.changes = new Emitter((error) => log.error('A listener of the portfolio links failed', { error }));
    if (deps.home !== undefined) this.follow(deps.home);
  }

  /** Fires when a portfolio that was read may have changed. */
  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  /**
   * The portfolio of a child, in the database that the child's run names; undefined for a run that names none. @throws
   * KernelError if that database cannot be read, or `NOT_FOUND` if it does not hold the portfolio.
   */
  async portfolioOf(run: Run): Promise<PortfolioLink | undefined> {
    const database = portfolioDatabaseOf(run);
    const portfolioId = run.parentRunId;
    if (database === undefined || portfolioId === null) return undefined;
    const home = this.homeAt(portfolioLocationAt(database));
    await home.load();
    await home.kernel.refresh();
    if (findIn(home.kernel, portfolioId) === undefined) {
      throw new KernelError('NOT_FOUND', { what: 'run', id: portfolioId });
    }
    return { home, portfolioId };
  }

  /**
   * The last known state of a child's upstream projects; undefined for a run without a portfolio in another database.
   * For views: reads only memory. A portfolio that must still be read causes a change event later.
   */
  upstreams(run: Run): UpstreamRuns | undefined {
    const database = portfolioDatabaseOf(run);
    const portfolioId = run.parentRunId;
    if (database === undefined || portfolioId === null) return undefined;
    const { kernel } = this.homeAt(portfolioLocationAt(database));
    if (kernel.state.kind === 'loading') void kernel.load();
    return known(() => this.states(kernel, portfolioId, run));
  }

  /**
   * The same after one cycle of the portfolio's relay, for actions. If no cycle is possible they are unreadable, except
   * in a window that may not write, which gets the last known state.
   */
  async refreshUpstreams(run: Run): Promise<UpstreamRuns | undefined> {
    try {
      const link = await this.portfolioOf(run);
      if (link === undefined) return undefined;
      const unreadable = await this.cycle(link.home, link.portfolioId);
      return known(() => this.states(link.home.kernel, link.portfolioId, run, unreadable));
    } catch (error) {
      return unreadableFor(error);
    }
  }

  /**
   * Updated facts of other databases for a run's gate: unreadable children for a portfolio, upstream projects for a
   * child. Tier `none` needs none. @throws KernelError if the run's own database cannot be read, or must be changed and
   * cannot be.
   */
  async outsideFacts(kernel: ProjectKernel, runId: string, tier: GateTier): Promise<GateOutsideFacts> {
    if (tier === 'none') return {};
    await kernel.load();
    const run = findIn(kernel, runId);
    if (run === undefined) return {};
    const upstreams = await this.refreshUpstreams(run);
    if (upstreams !== undefined) return { upstreams };
    const portfolio = run.projectDir === '' ? run : findIn(kernel, run.parentRunId ?? '');
    if (portfolio === undefined) return {};
    const { folder, path } = kernel;
    const unreadable = await this.cycle(this.homeAt({ folder, path }), portfolio.id);
    await kernel.refresh();
    return { unreadable };
  }

  async dispose(): Promise<void> {
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
    this.changes.dispose();
    const homes = [...this.homes.values()];
    this.homes.clear();
    await Promise.all(homes.map((home) => home.dispose()));
  }

  private async cycle(home: PortfolioHome, portfolioId: string): Promise<UnreadableRuns> {
    try {
      return await cyclePortfolio(home, portfolioId);
    } catch (error) {
      if (KernelError.is(error, 'UNTRUSTED')) return new Map();
      throw error;
    }
  }

  private states(
    kernel: ProjectKernel,
    portfolioId: RunId,
    run: Run,
    unreadable?: UnreadableRuns,
  ): readonly OtherRun[] {
    return kernel.read((r) => {
      if (findRun(r, portfolioId) === undefined) throw new KernelError('NOT_FOUND', { what: 'run', id: portfolioId });
      return upstreamRuns(r, portfolioId, run.projectDir, unreadable);
    });
  }

  private homeAt(location: DatabaseLocation): PortfolioHome {
    const { kernelDeps, home, openKernel } = this.deps;
    if (home?.kernel.path === location.path) return home;
    const known = this.homes.get(location.path);
    if (known !== undefined) return known;
    const fresh = new PortfolioHome({ location, kernelDeps, openKernel });
    this.homes.set(location.path, fresh);
    this.follow(fresh);
    return fresh;
  }

  private follow({ kernel }: PortfolioHome): void {
    const changed = (): void => this.changes.fire();
    this.subscriptions.push(kernel.onDidChange(changed), kernel.onDidChangeState(changed));
  }
}

/** The run, or undefined if the database does not hold it. @throws KernelError if the database cannot be read. */
function findIn(kernel: ProjectKernel, id: string): Run | undefined {
  return kernel.read((r) => findRun(r, id));
}

function known(read: () => readonly OtherRun[]): UpstreamRuns {
  try {
    return { kind: 'known', states: read() };
  } catch (error) {
    return unreadableFor(error);
  }
}

/** Rethrows bugs. */
function unreadableFor(error: unknown): UpstreamRuns {
  if (error instanceof KernelError) return { kind: 'unreadable', problem: error.message };
  throw error;
}
