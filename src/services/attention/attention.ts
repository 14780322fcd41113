/**
 * The items of *Needs You* in all folders of a window. After a change, affected items are computed again when a view
 * reads them; long work is done in slices that yield to other work, and the previous items are shown until then. Only
 * running agents have a timer, which fires when the next of them may have been silent for too long. The log of a stuck
 * agent is watched, so that its item disappears as soon as it prints; so are the sessions of agents that ask a person.
 */
import type { AttentionItem } from '../../contract/results/attention';
import type { Git } from '../../host/git/git';
import type { Log } from '../../host/log';
import type { Change } from '../../kernel/change';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { activeDispatches } from '../../kernel/dispatch/service';
import { problemOf } from '../../kernel/errors/errors';
import type { GateTier } from '../../kernel/gate/model';
import type { ProjectKernel, WorkspaceKernels } from '../record/kernels';
import type { PortfolioLinks } from '../portfolio/snapshot/links';
import { NO_OBSERVATIONS, type AgentObservations } from './items/agentItems';
import { byUrgency } from './attentionOf';
import { absentPrograms, bringSlice, isReadable, type FolderFacts } from './folderAttention';
import { FolderNeeds } from './folderNeeds';
import { LogWatches } from './logWatches';
import { PortfolioNeeds, type PortfolioNeedsDeps } from './portfolioNeeds';
import { observeAgents } from './agentObservations';
import type { FolderSessions } from './sessions/folderSessions';

/** The delay from a change to the next check, and between two checks, so that talkative agents cause few checks. */
const AFTER_CHANGE_MS = 2_000;
/** The delay between checks while an agent is silent or a worktree is unchanged: the view shows minutes. */
const LONGEST_REST_MS = 60_000;
/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MINUTE_MS = 60_000;

export interface AttentionDeps extends FolderFacts {
  readonly kernels: WorkspaceKernels;
  readonly git: Git;
  readonly log: Log;
  readonly links: Pick<PortfolioLinks, 'upstreams' | 'onDidChange'>;
  /** In a window on a workspace file. */
  readonly portfolios: PortfolioNeedsDeps | undefined;
  /** Settings, trust, or the leader may have changed. */
  onDidChangeWindow(listener: () => void): Disposable;
}

interface Watched {
  readonly needs: FolderNeeds;
  /** Whether something changed since the last update. */
  isStale: boolean;
  /** The rest of a long update. */
  slice: NodeJS.Immediate | undefined;
  /** How strictly gates were judged. */
  tier: GateTier;
  seen: AgentObservations;
  /** The next check, and when it is due. */
  next: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined;
  /** The running check. */
  looking: Promise<void> | undefined;
  /** Of running agents; loaded with the first dispatch. */
  sessions: Promise<FolderSessions> | undefined;
  /** Of silent agents. */
  readonly logs: LogWatches;
  /** Failures that the record could not store. */
  readonly unrecorded: Disposable;
}

export class Attention {
  private readonly folders = new Map<ProjectKernel, Watched>();
  /** The items of all folders; undefined if they may have changed. */
  private list: readonly AttentionItem[] | undefined;
  private readonly portfolios: PortfolioNeeds | undefined;
  private readonly changes: Emitter<void>;
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly deps: AttentionDeps) {
    const { kernels, links, log, portfolios } = deps;
    this.portfolios = portfolios && new PortfolioNeeds(portfolios, log);
    this.changes = new Emitter((error) => log.error('A listener of the attention failed', { error }));
    for (const kernel of kernels.all()) this.open(kernel);
    this.subscriptions = [
      kernels.onDidChange(({ kernel, change }) => this.noteChange(kernel, change)),
      kernels.onDidChangeState(({ kernel }) => {
        this.differs(kernel, (needs) => needs.noteAll());
        this.checkWithin(kernel, AFTER_CHANGE_MS);
        this.noteSessions(kernel);
      }),
      kernels.onDidChangeFolders(({ added, removed }) => {
        for (const kernel of removed) this.close(kernel);
        for (const kernel of added) this.open(kernel);
        this.changed();
      }),
      links.onDidChange(() => {
        for (const kernel of this.folders.keys()) this.differs(kernel, (needs) => needs.markFurtherDue());
      }),
      deps.onDidChangeWindow(() => this.noteWindow()),
      ...(this.portfolios === undefined ? [] : [this.portfolios.onDidChange(() => this.changed()), this.portfolios]),
    ];
  }

  /** Fires when items may have appeared or disappeared, also after each change of a record. */
  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  /** The items of all folders and portfolios: blocking items first, then the oldest. */
  items(): readonly AttentionItem[] {
    for (const [kernel, watched] of this.folders) if (watched.isStale) this.refresh(kernel, watched);
    const ofFolders = (): AttentionItem[] => [...this.folders.values()].flatMap(({ needs }) => needs.items);
    return (this.list ??= byUrgency([...ofFolders(), ...(this.portfolios?.items() ?? [])]));
  }

  /** The sessions of running agents in all folders, by the ids of their dispatches. */
  sessions(): AgentObservations['sessions'] {
    return new Map([...this.folders.values()].flatMap(({ seen }) => [...seen.sessions]));
  }

  /** Checks the running agents in a folder now instead of at the next timer. Joins a check that is running. */
  lookAt(kernel: ProjectKernel): Promise<void> {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return Promise.resolve();
    return (watched.looking ??= this.see(kernel, watched).finally(() => {
      watched.looking = undefined;
    }));
  }

  /** Stops the timers after the running check ends. */
  async dispose(): Promise<void> {
    const looks = [...this.folders.values()].flatMap(({ looking }) => looking ?? []);
    for (const kernel of [...this.folders.keys()]) this.close(kernel);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
    await Promise.all(looks);
  }

  private open(kernel: ProjectKernel): void {
    const logs = new LogWatches(this.deps.log, () => this.checkWithin(kernel, AFTER_CHANGE_MS));
    this.folders.set(kernel, {
      needs: new FolderNeeds(kernel.folder),
      isStale: true,
      slice: undefined,
      tier: this.deps.tier(kernel.folder),
      seen: NO_OBSERVATIONS,
      next: undefined,
      looking: undefined,
      sessions: undefined,
      logs,
      unrecorded: kernel.unrecorded.onDidChange(() => this.differs(kernel, () => undefined)),
    });
    this.checkWithin(kernel, 0);
  }

  private close(kernel: ProjectKernel): void {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return;
    this.folders.delete(kernel);
    clearTimeout(watched.next?.timer);
    clearImmediate(watched.slice);
    watched.logs.dispose();
    void watched.sessions?.then((sessions) => sessions.dispose());
    watched.unrecorded.dispose();
  }

  private noteChange(kernel: ProjectKernel, change: Change): void {
    this.differs(kernel, (needs) => needs.note(change));
    if (change.origin !== 'file' && change.dispatches.size === 0) return;
    this.checkWithin(kernel, AFTER_CHANGE_MS);
    this.noteSessions(kernel);
  }

  private noteSessions(kernel: ProjectKernel): void {
    const watched = this.folders.get(kernel);
    if (watched !== undefined) void this.sessionsOf(kernel, watched)?.then((sessions) => sessions.note());
  }

  /** Undefined until the folder has an active dispatch. */
  private sessionsOf(kernel: ProjectKernel, watched: Watched): Watched['sessions'] {
    const { log } = this.deps;
    const load = async (): Promise<FolderSessions> => {
      const { FolderSessions } = await import('./sessions/folderSessions.js');
      const sessions: FolderSessions = new FolderSessions({
        kernel,
        log,
        storages: () => this.deps.storages(),
        onChanged: () => {
          watched.seen = { ...watched.seen, sessions: sessions.sessions };
          this.differs(kernel, () => undefined);
        },
      });
      return sessions;
    };
    const isNeeded = (): boolean => isReadable(kernel) && kernel.read((r) => activeDispatches(r)).length > 0;
    return (watched.sessions ??= isNeeded() ? load() : undefined);
  }

  /** Of the window's facts, only the tier affects the items of runs. */
  private noteWindow(): void {
    this.portfolios?.note();
    for (const [kernel, watched] of this.folders) {
      const tier = this.deps.tier(kernel.folder);
      if (tier !== watched.tier) watched.needs.noteAll();
      watched.tier = tier;
      this.differs(kernel, () => undefined);
      this.checkWithin(kernel, AFTER_CHANGE_MS);
    }
  }

  private differs(kernel: ProjectKernel, note: (needs: FolderNeeds) => void): void {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return;
    note(watched.needs);
    watched.isStale = true;
    this.changed();
  }

  private changed(): void {
    this.list = undefined;
    this.changes.fire();
  }

  /** Does one slice now. The rest follows automatically and fires an event. */
  private refresh(kernel: ProjectKernel, watched: Watched): void {
    if (watched.slice !== undefined) return;
    const before = watched.needs.items;
    watched.isStale = !bringSlice(this.deps, kernel, watched.needs, watched.seen);
    if (watched.needs.items !== before) this.list = undefined;
    if (watched.isStale) watched.slice = setImmediate(() => this.goOn(kernel, watched));
    const asks = watched.needs.around.some(({ kind }) => kind === 'consentNeeded');
    if (asks && watched.seen.absent === undefined) this.checkWithin(kernel, 0);
  }

  private goOn(kernel: ProjectKernel, watched: Watched): void {
    const before = watched.needs.items;
    watched.slice = undefined;
    try {
      this.refresh(kernel, watched);
    } catch (error) {
      this.deps.log.error('Needs You not updated', { folder: kernel.folder, problem: problemOf(error) });
    }
    if (watched.needs.items !== before) this.changes.fire();
  }

  /** An earlier check stays scheduled. */
  private checkWithin(kernel: ProjectKernel, ms: number): void {
    const watched = this.folders.get(kernel);
    const atMs = performance.now() + ms;
    if (watched === undefined || (watched.next !== undefined && watched.next.atMs <= atMs)) return;
    clearTimeout(watched.next?.timer);
    const ring = async (): Promise<void> => {
      watched.next = undefined;
      // The check may have missed a change that happened while it ran.
      await watched.looking;
      await this.lookAt(kernel);
    };
    watched.next = { atMs, timer: setTimeout(() => void ring(), ms).unref() };
  }

  private async see(kernel: ProjectKernel, watched: Watched): Promise<void> {
    try {
      if (!isReadable(kernel)) return;
      const observed = await observeAgents(this.deps, kernel, this.deps.limits(kernel.folder));
      const sessions = await this.sessionsOf(kernel, watched);
      await sessions?.look();
      const absent = await absentPrograms(this.deps, kernel);
      const seen = { ...observed, sessions: sessions?.sessions ?? NO_OBSERVATIONS.sessions, absent };
      if (this.folders.get(kernel) === watched) this.take(kernel, watched, seen);
    } catch (error) {
      this.deps.log.warn('running agents not checked', { folder: kernel.folder, problem: problemOf(error) });
    }
  }

  private take(kernel: ProjectKernel, watched: Watched, seen: AgentObservations): void {
    const before = JSON.stringify(watched.needs.around);
    watched.seen = seen;
    watched.isStale = true;
    this.refresh(kernel, watched);
    const limitMs = this.deps.limits(kernel.folder).minutes * MINUTE_MS;
    const rests = [...seen.outputs.values()].map(({ file, atMs }) => {
      return { file, dueMs: atMs + limitMs - this.deps.clock.nowMs() };
    });
    const silent = rests.filter(({ dueMs }) => dueMs <= 0);
    watched.logs.watch(new Set(silent.map(({ file }) => file)));
    const dues = rests.flatMap(({ dueMs }) => (dueMs > 0 ? [Math.max(dueMs, AFTER_CHANGE_MS)] : []));
    // Nothing reports that a worktree changed, or that a program was installed.
    const isAwaited = silent.length > 0 || seen.compared || (seen.absent ?? []).length > 0;
    const soonest = Math.min(...dues, isAwaited ? LONGEST_REST_MS : Infinity);
    if (soonest < Infinity) this.checkWithin(kernel, Math.min(soonest, MAX_TIMER_MS));
    if (JSON.stringify(watched.needs.around) !== before) this.changed();
  }
}
