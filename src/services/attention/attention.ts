/**
 * What waits for a person in all folders of a window (design §9, §10). Everything in the record is computed again after
 * a change, when somebody looks. Only for agents at work is there a timer: it rings when the next of them may have been
 * silent for too long, and while one is stuck its log is watched, so that it is taken back as soon as it speaks.
 */
import type { AttentionItem } from '../../contract/attention';
import type { Git } from '../../host/git/git';
import type { Log } from '../../host/log';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors';
import type { ProjectKernel, WorkspaceKernels } from '../kernels';
import type { PortfolioLinks } from '../portfolio/links';
import { NOTHING_SEEN, type Sightings } from './agentCases';
import { byUrgency } from './attentionOf';
import { attentionIn, isReadable, type FolderFacts } from './folderAttention';
import { LogWatches } from './logWatches';
import { look } from './seeing';

/** From a change to the look that follows it, and between two looks: agents that say a lot cost few. */
const AFTER_CHANGE_MS = 2_000;
/** Between looks while an agent is silent or a worktree without change: minutes are what is shown. */
const LONGEST_REST_MS = 60_000;
/** The longest a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MINUTE_MS = 60_000;

export interface AttentionDeps extends FolderFacts {
  readonly kernels: WorkspaceKernels;
  readonly git: Git;
  readonly log: Log;
  readonly links: Pick<PortfolioLinks, 'upstreams' | 'onDidChange'>;
  /** Settings, trust, or who makes agents work may have changed. */
  onDidChangeWindow(listener: () => void): Disposable;
}

interface Watched {
  /** Undefined where something differs since they were computed. */
  items: readonly AttentionItem[] | undefined;
  seen: Sightings;
  /** The next look, and when it is due. */
  next: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined;
  /** The look under way. */
  looking: Promise<void> | undefined;
  /** Of silent agents. */
  readonly logs: LogWatches;
}

export class Attention {
  private readonly folders = new Map<ProjectKernel, Watched>();
  private readonly changes: Emitter<void>;
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly deps: AttentionDeps) {
    const { kernels, links, log } = deps;
    this.changes = new Emitter((error) => log.error('A listener of the attention failed', { error }));
    for (const kernel of kernels.all()) this.open(kernel);
    this.subscriptions = [
      kernels.onDidChange(({ kernel, change }) =>
        this.differs(kernel, change.origin === 'file' || change.dispatches.size > 0),
      ),
      kernels.onDidChangeState(({ kernel }) => this.differs(kernel, true)),
      kernels.onDidChangeFolders(({ added, removed }) => {
        for (const kernel of removed) this.close(kernel);
        for (const kernel of added) this.open(kernel);
        this.changes.fire();
      }),
      links.onDidChange(() => this.allDiffer()),
      deps.onDidChangeWindow(() => this.allDiffer()),
    ];
  }

  /** Fires where items may have come or gone, also after each change of a record. */
  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  /** Of every folder; blocking ones first, then the oldest. */
  items(): readonly AttentionItem[] {
    return byUrgency(
      [...this.folders].flatMap(([kernel, watched]) => (watched.items ??= this.compute(kernel, watched))),
    );
  }

  /** Looks at the agents at work in a folder now, for whoever cannot wait for the timer; a look under way counts. */
  lookAt(kernel: ProjectKernel): Promise<void> {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return Promise.resolve();
    return (watched.looking ??= this.see(kernel, watched).finally(() => {
      watched.looking = undefined;
    }));
  }

  /** Nothing rings and nothing is read after it, but a look under way ends first. */
  async dispose(): Promise<void> {
    const looks = [...this.folders.values()].flatMap(({ looking }) => looking ?? []);
    for (const kernel of [...this.folders.keys()]) this.close(kernel);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
    await Promise.all(looks);
  }

  private open(kernel: ProjectKernel): void {
    const logs = new LogWatches(this.deps.log, () => this.lookWithin(kernel, AFTER_CHANGE_MS));
    this.folders.set(kernel, { items: undefined, seen: NOTHING_SEEN, next: undefined, looking: undefined, logs });
    this.lookWithin(kernel, 0);
  }

  private close(kernel: ProjectKernel): void {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return;
    this.folders.delete(kernel);
    clearTimeout(watched.next?.timer);
    watched.logs.dispose();
  }

  private allDiffer(): void {
    for (const kernel of this.folders.keys()) this.differs(kernel, true);
  }

  private differs(kernel: ProjectKernel, lookAgain: boolean): void {
    const watched = this.folders.get(kernel);
    if (watched === undefined) return;
    watched.items = undefined;
    if (lookAgain) this.lookWithin(kernel, AFTER_CHANGE_MS);
    this.changes.fire();
  }

  private compute(kernel: ProjectKernel, { seen }: Watched): AttentionItem[] {
    return attentionIn(this.deps, kernel, seen);
  }

  /** A look that is due earlier stands. */
  private lookWithin(kernel: ProjectKernel, ms: number): void {
    const watched = this.folders.get(kernel);
    const atMs = performance.now() + ms;
    if (watched === undefined || (watched.next !== undefined && watched.next.atMs <= atMs)) return;
    clearTimeout(watched.next?.timer);
    const ring = async (): Promise<void> => {
      watched.next = undefined;
      // What happened during a look may have come too late for it.
      await watched.looking;
      await this.lookAt(kernel);
    };
    watched.next = { atMs, timer: setTimeout(() => void ring(), ms).unref() };
  }

  private async see(kernel: ProjectKernel, watched: Watched): Promise<void> {
    try {
      if (!isReadable(kernel)) return;
      const seen = await look(this.deps, kernel, this.deps.limits(kernel.folder));
      if (this.folders.get(kernel) === watched) this.take(kernel, watched, seen);
    } catch (error) {
      this.deps.log.warn('agents at work not looked at', { folder: kernel.folder, problem: problemOf(error) });
    }
  }

  private take(kernel: ProjectKernel, watched: Watched, seen: Sightings): void {
    const before = JSON.stringify(watched.items);
    watched.seen = seen;
    watched.items = this.compute(kernel, watched);
    const limitMs = this.deps.limits(kernel.folder).minutes * MINUTE_MS;
    const rests = [...seen.outputs.values()].map(({ file, atMs }) => {
      return { file, dueMs: atMs + limitMs - this.deps.clock.nowMs() };
    });
    const silent = rests.filter(({ dueMs }) => dueMs <= 0);
    watched.logs.watch(new Set(silent.map(({ file }) => file)));
    const dues = rests.flatMap(({ dueMs }) => (dueMs > 0 ? [Math.max(dueMs, AFTER_CHANGE_MS)] : []));
    const soonest = Math.min(...dues, silent.length > 0 || seen.compared ? LONGEST_REST_MS : Infinity);
    if (soonest < Infinity) this.lookWithin(kernel, Math.min(soonest, MAX_TIMER_MS));
    if (JSON.stringify(watched.items) !== before) this.changes.fire();
  }
}
