/** The items of a window's portfolios: their database, blocking gates, budgets (`docs/design/portfolios.md`). */
import path from 'node:path';
import type { AttentionAction, AttentionItem } from '../../contract/results/attention';
import type { Log } from '../../host/log';
import { both, type Disposable } from '../../kernel/emitter';
import { KernelError } from '../../kernel/errors/errors';
import { needsPerson } from '../../kernel/failure/repeats';
import type { GateTier } from '../../kernel/gate/model';
import type { QueuedDispatch } from '../../kernel/queue/model';
import type { Run } from '../../kernel/run/record/model';
import { limitedPortfolioBudgetState } from '../portfolio/snapshot/budgets';
import { portfolioGate } from '../portfolio/gates';
import type { PortfolioSnapshot, RelayFailure, RelayState } from '../portfolio/home/model';
import type { PortfolioRecords } from '../portfolio/relay/childReadings';
import { activePortfolios } from '../portfolio/snapshot/snapshot';
import { PortfolioSnapshots, type PortfolioSnapshotsDeps } from '../portfolio/snapshot/snapshots';
import { isQueuedIn } from '../dispatch/start/queuedHere';
import { queueItems } from './items/agentItems';
import { databaseItems } from './items/databaseItems';
import { isReadable } from './folderAttention';
import { itemOf, type ItemDraft } from './items/item';
import { minuteOf } from './items/minutes';
import { readable } from './items/readable';
import { stageItems } from './items/stageItems';
import { budgetItem, gateItem, heldRun, type ItemFacts } from './items/runItems';

export interface PortfolioFacts {
  readonly home: PortfolioRecords;
  /** @throws KernelError as `portfolioSnapshot`. */
  snapshot(portfolioId: string): PortfolioSnapshot;
  /** The state of a portfolio's relay. */
  relay(portfolioId: string): RelayState;
  /** The tier of portfolios' gates. */
  tier(): GateTier;
  /** The folders with files of dispatches. */
  readonly storages: () => readonly string[];
}

/** The portfolio's action for each run action. */
const ACTIONS: Readonly<Partial<Record<AttentionAction, AttentionAction>>> = {
  override: 'portfolioOverride',
  artifact: 'portfolioArtifact',
  report: 'portfolioReport',
  budget: 'portfolioBudget',
  restore: 'portfolioRestore',
  // The relay reads it again on its own.
  reload: 'log',
  // Commands of folders do not find dispatches of the portfolios' record.
  startNow: 'log',
  allow: 'log',
};

export function portfolioItems(facts: PortfolioFacts): AttentionItem[] {
  const { kernel } = facts.home;
  const title = path.basename(kernel.path);
  const trouble = databaseItems(kernel.folder, kernel.state).map((found): ItemDraft => {
    return { ...asOfPortfolio(found), title, place: { kind: 'portfolios' } };
  });
  const cases = activePortfolios(facts.home).flatMap((run) =>
    kernel.read((r) => readable(r, () => casesOf(facts, run), [])),
  );
  return [...trouble, ...queued(facts), ...cases].map((found) => itemOf(kernel.folder, found));
}

/** Of the portfolios' own record. */
function queued({ home, storages }: PortfolioFacts): ItemDraft[] {
  if (!isReadable(home.kernel)) return [];
  const known = storages();
  const isQueuedHere = (waiting: QueuedDispatch): boolean => isQueuedIn(known, waiting);
  const cases = home.kernel.read((r) => [
    ...queueItems(r, { isQueuedHere }),
    ...stageItems(r, home.kernel.unrecorded.list()),
  ]);
  return cases.map((found) => ({
    ...asOfPortfolio(found),
    place: { kind: 'portfolios' },
    key: `${found.key ?? ''} ${found.ids?.dispatchId ?? ''}`.trim(),
  }));
}

function casesOf(facts: PortfolioFacts, run: Run): ItemDraft[] {
  const { home } = facts;
  const held = home.kernel.read((r) => heldRun(r, run));
  const gate = held && portfolioGate(home, facts.snapshot(run.id), facts.tier());
  const relay = facts.relay(run.id).failures.filter(needsPerson).map(relayItem);
  const budget = limitedPortfolioBudgetState(home, run.id);
  const matters = [
    ...(held === undefined || gate instanceof KernelError ? [] : gateItem(held, gate)),
    ...(budget === undefined ? [] : budgetItem(budget)),
    ...relay,
  ];
  const about = { portfolioId: run.id };
  return matters.map((matter) => {
    return { ...asOfPortfolio(matter), title: run.goal, ids: about, place: { kind: 'portfolio', ...about } };
  });
}

/** The relay retries on its own; a person can only fix the cause. */
function relayItem({ projectDir, tries, since, problem, nextAt }: RelayFailure): RelayItemFacts {
  const facts = { step: 'Relaying events', tries, next: minuteOf(nextAt), problem };
  return { kind: 'stageRepeating', facts, since, action: 'log', key: projectDir ?? '' };
}

type RelayItemFacts = Pick<ItemDraft, 'kind' | 'facts' | 'since' | 'action' | 'key'>;

function asOfPortfolio<M extends ItemFacts>(matter: M): M {
  return { ...matter, action: ACTIONS[matter.action] ?? matter.action };
}

export interface PortfolioNeedsDeps
  extends Omit<PortfolioSnapshotsDeps, 'log'>, Pick<PortfolioFacts, 'tier' | 'storages'> {}

/** The items of a window's portfolios, computed on demand and kept until a portfolio or a child changes. */
export class PortfolioNeeds {
  private readonly snapshots: PortfolioSnapshots;
  private kept: readonly AttentionItem[] | undefined;

  constructor(
    private readonly deps: PortfolioNeedsDeps,
    log: Log,
  ) {
    this.snapshots = new PortfolioSnapshots({ ...deps, log });
  }

  /** Fires when items may have appeared or disappeared. */
  onDidChange(listener: () => void): Disposable {
    const note = (): void => {
      this.note();
      listener();
    };
    return both(this.snapshots.onDidChange(note), this.deps.home.kernel.unrecorded.onDidChange(note));
  }

  items(): readonly AttentionItem[] {
    const { home, tier, storages, relays } = this.deps;
    const relay = (id: string): RelayState => relays.state(id);
    return (this.kept ??= portfolioItems({ home, tier, storages, relay, snapshot: (id) => this.snapshots.of(id) }));
  }

  /** Marks that anything may have changed. */
  note(): void {
    this.kept = undefined;
  }

  dispose(): void {
    this.snapshots.dispose();
  }
}
