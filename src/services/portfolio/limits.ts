/**
 * What a portfolio allows its children over all their databases: dispatches at once, and tokens (design §7). Starts of
 * one portfolio take turns, in this window and between processes, from counting until the dispatch is recorded; so no
 * two of them can take the same slot.
 */
import { readFailure, systemCode } from '../../host/fileErrors';
import { withFileLock } from '../../host/fileLock';
import type { Log } from '../../host/log';
import { runTokens } from '../../kernel/budget/service';
import { refuseBeyond, type SlotHolder } from '../../kernel/dispatch/limit';
import { countActive, relayedActive } from '../../kernel/dispatch/service';
import type { Disposable } from '../../kernel/emitter';
import { KernelError } from '../../kernel/errors';
import type { RunId } from '../../kernel/ids';
import { childrenOf } from '../../kernel/portfolio/service';
import type { Run } from '../../kernel/run/model';
import { findRun } from '../../kernel/run/service';
import type { DispatchKernel } from '../dispatch/kernel';
import type { ProjectKernel } from '../projectKernel';
import { SerialLine } from '../writeQueue';
import type { PortfolioHome } from './home';

export interface PortfolioLimitsDeps {
  /** Finds the portfolio of a child, where that is in another database. */
  readonly links: {
    portfolioOf(run: Run): Promise<{ readonly home: PortfolioHome; readonly portfolioId: RunId } | undefined>;
  };
  readonly log: Log;
}

/** How long a start waits for starts of other processes. */
const TURN_TIMEOUT_MS = 20_000;

const FREE: Disposable = { dispose: () => undefined };

/** What one child, or the portfolio itself, has used where it was looked for. */
interface Usage extends SlotHolder {
  readonly tokens: number;
  /** Its own database is there and cannot be read. */
  readonly isUnreadable: boolean;
}

export class PortfolioLimits {
  private readonly lines = new Map<string, SerialLine>();

  constructor(private readonly deps: PortfolioLimitsDeps) {}

  /**
   * Holds the one turn of the run's portfolio until disposed, after the dispatch is recorded. A run outside a portfolio,
   * or in the same database as its portfolio, whose own limit holds then, needs no turn.
   * @throws KernelError `DISPATCH_LIMIT`, `PORTFOLIO_BUDGET`, and what hinders reading the portfolio.
   */
  async admit(kernel: DispatchKernel, runId: string): Promise<Disposable> {
    const run = kernel.read((r) => findRun(r, runId));
    if (run === undefined || run.parentRunId === null) return FREE;
    const link = await this.deps.links.portfolioOf(run);
    if (link === undefined) return FREE;
    const { home, portfolioId } = link;
    const portfolio = home.kernel.read((r) => findRun(r, portfolioId));
    if (portfolio === undefined || !isLimited(portfolio)) return FREE;
    return this.takeTurn(home, portfolio.id);
  }

  /** Resolves once it is this start's turn and the portfolio allows it. */
  private async takeTurn(home: PortfolioHome, portfolioId: RunId): Promise<Disposable> {
    const lock = `${home.kernel.path}.starting`;
    let grant: (turn: Disposable) => void = () => undefined;
    const granted = new Promise<Disposable>((resolve) => (grant = resolve));
    const held = this.lineOf(lock).run(() =>
      withFileLock(lock, { timeoutMs: TURN_TIMEOUT_MS }, async () => {
        await this.refuse(home, portfolioId);
        await new Promise<void>((release) => grant({ dispose: release }));
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

  private async refuse(home: PortfolioHome, portfolioId: RunId): Promise<void> {
    await home.kernel.refresh();
    const portfolio = home.kernel.read((r) => findRun(r, portfolioId));
    if (portfolio === undefined) return;
    const children = home.kernel.read((r) => childrenOf(r, portfolioId));
    const usages = await Promise.all(children.map((child) => this.usageOf(home, child)));
    refuseBeyondBudget(home, portfolio, usages);
    refuseBeyond({ portfolioId, limit: portfolio.maxDispatches }, withUnseen(home, portfolioId, usages));
  }

  /** Of a child in its own database and, for projects without one, in the portfolio's. */
  private async usageOf(home: PortfolioHome, child: Run): Promise<Usage> {
    const own = home.childKernel(child.projectDir);
    const inRow = usageIn(home.kernel, child.id);
    if (own.path === home.kernel.path) return { projectDir: child.projectDir, ...inRow, isUnreadable: false };
    await own.load();
    await own.refresh();
    const isReadable = own.state.kind === 'ready' || own.state.kind === 'readOnly';
    const inOwn = isReadable ? usageIn(own, child.id) : { active: 0, tokens: 0 };
    const isUnreadable = !isReadable && own.state.kind !== 'missing';
    if (isUnreadable) this.deps.log.warn('dispatches of a child not counted', { project: child.projectDir });
    return {
      projectDir: child.projectDir,
      active: inRow.active + inOwn.active,
      tokens: inRow.tokens + inOwn.tokens,
      isUnreadable,
    };
  }
}

function isLimited({ maxDispatches, tokenBudget }: Run): boolean {
  return maxDispatches > 0 || (tokenBudget !== null && tokenBudget > 0);
}

function usageIn(kernel: ProjectKernel, id: RunId): { active: number; tokens: number } {
  return kernel.read((r) => ({ active: countActive(r, id), tokens: runTokens(r, id).totalTokens }));
}

/** @throws KernelError `PORTFOLIO_BUDGET` */
function refuseBeyondBudget(home: PortfolioHome, { id, tokenBudget }: Run, usages: readonly Usage[]): void {
  if (tokenBudget === null || tokenBudget <= 0) return;
  const used = usages.reduce((sum, { tokens }) => sum + tokens, usageIn(home.kernel, id).tokens);
  if (used >= tokenBudget) throw new KernelError('PORTFOLIO_BUDGET', { portfolioId: id, used, budget: tokenBudget });
}

/** Children that cannot be read hold what the relay counted last and was not counted now. */
function withUnseen(home: PortfolioHome, portfolioId: RunId, usages: readonly Usage[]): readonly SlotHolder[] {
  const unreadable = usages.filter(({ isUnreadable }) => isUnreadable);
  if (unreadable.length === 0) return usages;
  const counted = usages.reduce((sum, { active }) => sum + active, 0);
  const unseen = home.kernel.read((r) => relayedActive(r, portfolioId)) - counted;
  const projectDir = unreadable.map((usage) => usage.projectDir).join(' + ');
  return unseen > 0 ? [...usages, { projectDir, active: unseen }] : usages;
}
