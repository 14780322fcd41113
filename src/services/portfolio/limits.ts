/**
 * Limits of a portfolio for its children over all their databases: concurrent dispatches, and tokens
 * (`docs/design/portfolios.md#limits`). Starts of one portfolio take turns, in this window and between processes, from
 * counting until the dispatch is recorded; so no two of them can take the same slot.
 */
import { readFailure, systemCode } from '../../host/files/fileErrors';
import { withFileLock } from '../../host/locks/fileLock';
import type { Log } from '../../host/log';
import { isLimited } from '../../kernel/budget/reservation/reservations';
import { NO_LIMITS, type BudgetLevel, type Limits } from '../../kernel/budget/reservation/room';
import { runUsage } from '../../kernel/budget/budgetState';
import { NO_USAGE, plusUsage } from '../../kernel/budget/usage';
import type { Usage } from '../../kernel/budget/model';
import { selectLimits } from '../../kernel/budget/useStore';
import { refuseBeyond, type SlotHolder } from '../../kernel/dispatch/limit';
import { countActive, relayedActive } from '../../kernel/dispatch/service';
import type { RunId } from '../../kernel/ids';
import { childrenOf } from '../../kernel/portfolio/service';
import type { Run } from '../../kernel/run/record/model';
import { findRun } from '../../kernel/run/record/queries';
import type { Admission } from '../dispatch/context/deps';
import type { DispatchKernel } from '../record/dispatchKernel';
import { SerialLine } from '../record/writeQueue';
import type { PortfolioHome } from './home/home';

export interface PortfolioLimitsDeps {
  /** Finds the portfolio of a child in another database. */
  readonly links: {
    portfolioOf(run: Run): Promise<{ readonly home: PortfolioHome; readonly portfolioId: RunId } | undefined>;
  };
  readonly log: Log;
}

/** How long a start waits for starts of other processes. */
const TURN_TIMEOUT_MS = 20_000;

const FREE: Admission = { dispose: () => undefined };

/** What one child has used, by source. */
interface ChildUse extends SlotHolder {
  /** In its own database; usage in the portfolio's database is counted there. */
  readonly usage: Usage;
  /** Its own database exists and cannot be read. */
  readonly isUnreadable: boolean;
}

export class PortfolioLimits {
  private readonly lines = new Map<string, SerialLine>();

  constructor(private readonly deps: PortfolioLimitsDeps) {}

  /**
   * Takes the turn of the run's portfolio until disposed, after the dispatch is recorded. A run outside a portfolio
   * needs no turn, nor does one in its portfolio's database, where the limit is checked anyway. @throws KernelError
   * `DISPATCH_LIMIT`, and what prevents reading the portfolio.
   */
  async admit(kernel: DispatchKernel, runId: string): Promise<Admission> {
    const link = await this.linkOf(kernel, runId);
    if (link === undefined) return FREE;
    const { home, portfolioId } = link;
    const { portfolio, limits } = termsOf(home, portfolioId);
    if (portfolio === undefined || (portfolio.maxDispatches === 0 && !isLimited(limits))) return FREE;
    return this.takeTurn(home, portfolio.id);
  }

  /**
   * The budget of the run's portfolio with all usage and reservations of its children; none if it is in the run's own
   * database or has no budget.
   * @throws KernelError what prevents reading the portfolio
   */
  async budgets(kernel: DispatchKernel, runId: string): Promise<readonly BudgetLevel[]> {
    const link = await this.linkOf(kernel, runId);
    if (link === undefined || !isLimited(termsOf(link.home, link.portfolioId).limits)) return [];
    return budgetsOf(link.home, link.portfolioId, await this.childUses(link.home, link.portfolioId));
  }

  private async linkOf(kernel: DispatchKernel, runId: string): ReturnType<PortfolioLimitsDeps['links']['portfolioOf']> {
    const run = kernel.read((r) => findRun(r, runId));
    return run === undefined || run.parentRunId === null ? undefined : await this.deps.links.portfolioOf(run);
  }

  /** Resolves when it is this start's turn and the portfolio allows it. */
  private async takeTurn(home: PortfolioHome, portfolioId: RunId): Promise<Admission> {
    const lock = `${home.kernel.path}.starting`;
    let grant: (turn: Admission) => void = () => undefined;
    const granted = new Promise<Admission>((resolve) => (grant = resolve));
    const held = this.lineOf(lock).run(() =>
      withFileLock(lock, { timeoutMs: TURN_TIMEOUT_MS }, async () => {
        await home.kernel.refresh();
        const uses = await this.childUses(home, portfolioId);
        refuseBeyondSlots(home, portfolioId, uses);
        const budgets = budgetsOf(home, portfolioId, uses);
        await new Promise<void>((release) => grant({ budgets, dispose: release }));
      }),
    );
    try {
      return await Promise.race([granted, held.then(() => FREE)]);
    } catch (error) {
      throw systemCode(error) === undefined ? error : readFailure(lock, error);
    }
  }

  private lineOf(name: string): SerialLine {
    const line = this.lines.get(name) ?? new SerialLine();
    this.lines.set(name, line);
    return line;
  }

  private childUses(home: PortfolioHome, portfolioId: RunId): Promise<readonly ChildUse[]> {
    const children = home.kernel.read((r) => childrenOf(r, portfolioId));
    return Promise.all(children.map((child) => this.useOf(home, child)));
  }

  /** The usage of a child in its own database or, for projects without one, in the portfolio's. */
  private async useOf(home: PortfolioHome, { id, projectDir }: Run): Promise<ChildUse> {
    const own = home.childKernel(projectDir);
    const inRow = home.kernel.read((r) => countActive(r, id));
    if (own.path === home.kernel.path) return { projectDir, active: inRow, usage: NO_USAGE, isUnreadable: false };
    await own.load();
    await own.refresh();
    const isReadable = own.state.kind === 'ready' || own.state.kind === 'readOnly';
    const inOwn = isReadable
      ? own.read((r) => ({ active: countActive(r, id), usage: runUsage(r, id) }))
      : { active: 0, usage: NO_USAGE };
    const isUnreadable = !isReadable && own.state.kind !== 'missing';
    if (isUnreadable) this.deps.log.warn('dispatches of a child not counted', { project: projectDir });
    return { projectDir, active: inRow + inOwn.active, usage: inOwn.usage, isUnreadable };
  }
}

function termsOf({ kernel }: PortfolioHome, id: RunId): { portfolio: Run | undefined; limits: Limits } {
  return kernel.read((r) => ({ portfolio: findRun(r, id), limits: selectLimits(r, id) ?? NO_LIMITS }));
}

/** The portfolio's budget, with usage from its own database and those of its children. */
function budgetsOf(home: PortfolioHome, id: RunId, uses: readonly ChildUse[]): readonly BudgetLevel[] {
  const { limits } = termsOf(home, id);
  if (!isLimited(limits)) return [];
  const usage = uses
    .map((use) => use.usage)
    .reduce(
      plusUsage,
      home.kernel.read((r) => runUsage(r, id)),
    );
  return [{ owner: 'portfolio', id, limits: { tokens: limits.tokens, cost: limits.cost }, usage }];
}

/** @throws KernelError `DISPATCH_LIMIT` */
function refuseBeyondSlots(home: PortfolioHome, portfolioId: RunId, uses: readonly ChildUse[]): void {
  const { portfolio } = termsOf(home, portfolioId);
  if (portfolio === undefined) return;
  refuseBeyond({ portfolioId, limit: portfolio.maxDispatches }, withUnseen(home, portfolioId, uses));
}

/** Unreadable children count with the last figures of the relay. */
function withUnseen(home: PortfolioHome, portfolioId: RunId, usages: readonly ChildUse[]): readonly SlotHolder[] {
  const unreadable = usages.filter(({ isUnreadable }) => isUnreadable);
  if (unreadable.length === 0) return usages;
  const counted = usages.reduce((sum, { active }) => sum + active, 0);
  const unseen = home.kernel.read((r) => relayedActive(r, portfolioId)) - counted;
  const projectDir = unreadable.map((usage) => usage.projectDir).join(' + ');
  return unseen > 0 ? [...usages, { projectDir, active: unseen }] : usages;
}
