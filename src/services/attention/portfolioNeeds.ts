/** What waits for a person in the portfolios of a window: their database, the gates that held them, their budgets (design §7). */
import path from 'node:path';
import type { AttentionAction, AttentionItem } from '../../contract/attention';
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import { KernelError } from '../../kernel/errors';
import type { GateTier } from '../../kernel/gate/model';
import type { Run } from '../../kernel/run/model';
import { limitedPortfolioStanding } from '../portfolio/budgets';
import { portfolioGate } from '../portfolio/gates';
import type { PortfolioSnapshot } from '../portfolio/model';
import type { PortfolioRecords } from '../portfolio/readings';
import { activePortfolios } from '../portfolio/snapshot';
import { PortfolioSnapshots, type PortfolioSnapshotsDeps } from '../portfolio/snapshots';
import { databaseCases } from './databaseCases';
import { itemOf, type Case } from './item';
import { readable } from './readable';
import { budgetCase, gateCase, heldRun, type Matter } from './runCases';

export interface PortfolioFacts {
  readonly home: PortfolioRecords;
  /** @throws KernelError as `portfolioSnapshot`. */
  snapshot(portfolioId: string): PortfolioSnapshot;
  /** How strictly portfolios' gates are judged. */
  tier(): GateTier;
}

/** What is best for a run, as it is called for a portfolio. */
const ACTIONS: Readonly<Partial<Record<AttentionAction, AttentionAction>>> = {
  override: 'portfolioOverride',
  artifact: 'portfolioArtifact',
  report: 'portfolioReport',
  budget: 'portfolioBudget',
  restore: 'portfolioRestore',
  // The relay reads it again by itself.
  reload: 'log',
};

export function portfolioItems(facts: PortfolioFacts): AttentionItem[] {
  const { kernel } = facts.home;
  const title = path.basename(kernel.path);
  const trouble = databaseCases(kernel.folder, kernel.state).map((found): Case => {
    return { ...asOfPortfolio(found), title, place: { kind: 'portfolios' } };
  });
  const cases = activePortfolios(facts.home).flatMap((run) => readable(() => casesOf(facts, run), []));
  return [...trouble, ...cases].map((found) => itemOf(kernel.folder, found));
}

function casesOf(facts: PortfolioFacts, run: Run): Case[] {
  const { home } = facts;
  const held = home.kernel.read((r) => heldRun(r, run));
  const gate = held && portfolioGate(home, facts.snapshot(run.id), facts.tier());
  const budget = limitedPortfolioStanding(home, run.id);
  const matters = [
    ...(held === undefined || gate instanceof KernelError ? [] : gateCase(held, gate)),
    ...(budget === undefined ? [] : budgetCase(budget)),
  ];
  const about = { portfolioId: run.id };
  return matters.map((matter) => {
    return { ...asOfPortfolio(matter), title: run.goal, ids: about, place: { kind: 'portfolio', ...about } };
  });
}

function asOfPortfolio<M extends Matter>(matter: M): M {
  return { ...matter, action: ACTIONS[matter.action] ?? matter.action };
}

export interface PortfolioNeedsDeps extends Omit<PortfolioSnapshotsDeps, 'log'>, Pick<PortfolioFacts, 'tier'> {}

/** Of a window: asked when somebody looks, kept until a portfolio or a child of one differs. */
export class PortfolioNeeds {
  private readonly snapshots: PortfolioSnapshots;
  private kept: readonly AttentionItem[] | undefined;

  constructor(
    private readonly deps: PortfolioNeedsDeps,
    log: Log,
  ) {
    this.snapshots = new PortfolioSnapshots({ ...deps, log });
  }

  /** Fires where items may have come or gone. */
  onDidChange(listener: () => void): Disposable {
    return this.snapshots.onDidChange(() => {
      this.note();
      listener();
    });
  }

  items(): readonly AttentionItem[] {
    const { home, tier } = this.deps;
    return (this.kept ??= portfolioItems({ home, tier, snapshot: (id) => this.snapshots.of(id) }));
  }

  /** Takes note that anything may differ. */
  note(): void {
    this.kept = undefined;
  }

  dispose(): void {
    this.snapshots.dispose();
  }
}
