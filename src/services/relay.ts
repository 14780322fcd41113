/**
 * Carries the events of a portfolio's children from their own databases to the portfolio's (design §7; `spec/kernel.md`
 * §8.6). A child that cannot be read is reported and tried again later; the others go on.
 */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ifThere, readFailure } from '../host/fileErrors';
import { walPath } from '../host/otherUsers';
import { databasePath } from '../host/paths';
import { KernelError } from '../kernel/errors';
import type { RunId } from '../kernel/ids';
import type { Clock } from '../kernel/ports';
import { readChild, relayCursor, relayNews, type ChildNews, type RelayedEvent } from '../kernel/portfolio/relay';
import { childrenOf } from '../kernel/portfolio/service';
import { isTerminal } from '../kernel/run/machine';
import type { Run } from '../kernel/run/model';
import { refusalOf } from './kernelState';
import type { ProjectKernel } from './projectKernel';

export interface RelayDeps {
  /** The portfolio's database. */
  readonly kernel: ProjectKernel;
  readonly portfolioId: string;
  /** The kernel of a child's project; whoever gives it also closes it. It need not be loaded. */
  readonly childKernel: (folder: string) => ProjectKernel;
  readonly clock: Clock;
  readonly onRelayed?: (event: RelayedEvent) => void;
  /** Told when a child cannot be read, once for each attempt. */
  readonly onProblem?: (projectDir: string, error: KernelError) => void;
}

/** What is known of one child between two cycles. */
interface Watched {
  /** Where the files stood when they were last read through; undefined: not read through yet. */
  stamp: string | undefined;
  activeDispatches: number;
  failures: number;
  /** Not looked at before this time, in milliseconds. */
  retryAtMs: number;
  problem: KernelError | undefined;
}

const PAGE = 1000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;

export class Relay {
  private readonly watched = new Map<RunId, Watched>();
  private stored: number | undefined;

  constructor(private readonly deps: RelayDeps) {}

  /** Children that could not be read at the last attempt, with the reason. */
  get problems(): ReadonlyMap<RunId, KernelError> {
    return new Map(
      [...this.watched].flatMap(([id, { problem }]) => (problem === undefined ? [] : [[id, problem] as const])),
    );
  }

  /**
   * Reads all children through to their last events.
   * @throws KernelError where the portfolio itself cannot be read or written; nothing is lost then.
   */
  async cycle(): Promise<void> {
    await this.deps.kernel.refresh();
    let pending: readonly Pick<Run, 'id' | 'projectDir'>[] = this.children();
    do {
      const news = (await Promise.all(pending.map((child) => this.look(child)))).flatMap((look) => look ?? []);
      await this.tell(news);
      pending = news.filter(({ more }) => more).map(({ child }) => child);
    } while (pending.length > 0);
  }

  /** Cycles every `intervalMs` until stopped. A failed cycle is told of, and the next one tries again. */
  async run(intervalMs: number, stopped: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!stopped.aborted) {
      try {
        await this.cycle();
      } catch (error) {
        onError(error);
      }
      await delay(intervalMs, undefined, { signal: stopped }).catch((error: unknown) => {
        if (!stopped.aborted) throw error;
      });
    }
  }

  private children(): readonly Run[] {
    return this.deps.kernel.read((r) => childrenOf(r, this.deps.portfolioId));
  }

  /** What is new at a child, or undefined for nothing. Never throws for what is wrong with it. */
  private async look(child: Pick<Run, 'id' | 'projectDir'>): Promise<ChildNews | undefined> {
    const known = this.watchedOf(child.id);
    if (this.deps.clock.nowMs() < known.retryAtMs) return undefined;
    try {
      const stamp = await this.stampOf(child.projectDir);
      if (stamp === undefined || stamp === known.stamp) return undefined;
      const news = await this.read(child);
      Object.assign(known, { failures: 0, retryAtMs: 0, problem: undefined, activeDispatches: news.activeDispatches });
      known.stamp = news.more ? undefined : stamp;
      return this.isRelayed(news) ? news : undefined;
    } catch (error) {
      this.note(child.projectDir, known, readFailure(databasePath(child.projectDir), error));
      return undefined;
    }
  }

  private async read(child: Pick<Run, 'id' | 'projectDir'>): Promise<ChildNews> {
    const kernel = this.deps.childKernel(child.projectDir);
    await kernel.load();
    await kernel.refresh();
    if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') throw refusalOf(kernel.state, kernel.path);
    const since = this.deps.kernel.read((r) => relayCursor(r, this.deps.portfolioId, child));
    return kernel.read((r) => readChild(r, child, since, PAGE));
  }

  /** Runs that are not the child's own are those of the project's first active child, as in the original. */
  private isRelayed({ child, state }: ChildNews): boolean {
    if (state !== undefined) return true;
    const first = this.children().find(({ projectDir }) => projectDir === child.projectDir);
    return first?.id === child.id && !isTerminal(first.status);
  }

  private async tell(news: readonly ChildNews[]): Promise<void> {
    const active = [...this.watched.values()].reduce((sum, { activeDispatches }) => sum + activeDispatches, 0);
    if (news.length === 0 && active === this.stored) return;
    const { kernel, portfolioId, onRelayed } = this.deps;
    try {
      const told = await kernel.write((u) => relayNews(u, portfolioId, news, active));
      this.stored = active;
      for (const event of told) onRelayed?.(event);
    } catch (error) {
      // What could not be told is read again.
      for (const { child } of news) this.watchedOf(child.id).stamp = undefined;
      throw error;
    }
  }

  /**
   * Tells one content of the child's files from another at the price of two looks; undefined where they are the
   * portfolio's own, whose events would come back for ever (Q18).
   */
  private async stampOf(projectDir: string): Promise<string | undefined> {
    const file = databasePath(projectDir);
    if (!path.isAbsolute(projectDir)) {
      throw new KernelError('DATABASE_PATH', { path: projectDir, problem: 'the project of a child must be absolute' });
    }
    const [main, log] = await Promise.all([
      ifThere(stat(file, { bigint: true })),
      ifThere(stat(walPath(file), { bigint: true })),
    ]);
    if (main === undefined) throw new KernelError('DATABASE_MISSING', { path: file });
    const own = await this.isOwn(file);
    if (own) return undefined;
    return [main.dev, main.ino, main.size, main.mtimeNs, log?.ino, log?.size, log?.mtimeNs].join(':');
  }

  private async isOwn(file: string): Promise<boolean> {
    const ours = this.deps.kernel.path;
    if (file === ours) return true;
    if (path.basename(file) !== path.basename(ours)) return false;
    const [a, b] = await Promise.all([realpath(path.dirname(file)), realpath(path.dirname(ours))]);
    return a === b;
  }

  private watchedOf(id: RunId): Watched {
    const known = this.watched.get(id);
    if (known !== undefined) return known;
    const fresh = { stamp: undefined, activeDispatches: 0, failures: 0, retryAtMs: 0, problem: undefined };
    this.watched.set(id, fresh);
    return fresh;
  }

  private note(projectDir: string, known: Watched, error: KernelError): void {
    known.failures += 1;
    known.problem = error;
    known.stamp = undefined;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (known.failures - 1), LONGEST_RETRY_MS);
    known.retryAtMs = this.deps.clock.nowMs() + waitMs;
    this.deps.onProblem?.(projectDir, error);
  }
}
