/**
 * Carries the events of a portfolio's children from their own databases to the portfolio's
 * (`docs/design/portfolios.md#relay`). A child that cannot be read is reported and tried again later; the others continue.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readFailure } from '../../../host/files/fileErrors';
import { stampOf, type FileStamp } from '../../../host/image/fileStamp';
import { databasePath } from '../../../host/files/paths';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { RunId } from '../../../kernel/ids';
import { isAhead, type Clock } from '../../../kernel/ports';
import {
  isMirror,
  isNew,
  readChild,
  relayMark,
  relayNews,
  storedActive,
  type ChildNews,
  type RelayedEvent,
} from '../../../kernel/portfolio/relay';
import { childrenOf } from '../../../kernel/portfolio/service';
import { isTerminal } from '../../../kernel/run/record/machine';
import type { Run } from '../../../kernel/run/record/model';
import { findRun } from '../../../kernel/run/record/queries';
import { refusalOf } from '../../record/kernelState';
import type { RelayFailure } from '../home/model';
import type { ProjectKernel } from '../../record/projectKernel';
import { LONGEST_RETRY_MS, noteFailure, unreadChild, type WatchedChild } from './watchedChild';

export interface RelayDeps {
  /** The portfolio's database. */
  readonly kernel: ProjectKernel;
  readonly portfolioId: string;
  /** The kernel of a child's project, which its provider closes. It may not be loaded. */
  readonly childKernel: (folder: string) => ProjectKernel;
  readonly clock: Clock;
  /** How long a cycle waits for one child. */
  readonly patienceMs?: number;
  /**
   * True: only updates the mirrors, for a gate. Skips projects that do not hold the child's run, and the number of
   * active dispatches.
   */
  readonly mirrorsOnly?: boolean;
  readonly onRelayed?: (event: RelayedEvent) => void;
  /** Called when a child cannot be read, once for each attempt. */
  readonly onProblem?: (projectDir: string, error: KernelError) => void;
}

/** The portfolio's rows as of one generation of its database. */
interface Rows {
  readonly generation: number;
  readonly children: readonly Run[];
  readonly hasEnded: boolean;
}

const PAGE = 5000;
const PATIENCE_MS = 2000;

export class Relay {
  private readonly watched = new Map<RunId, WatchedChild>();
  private known: Rows | undefined;
  private stored: number | undefined;

  constructor(private readonly deps: RelayDeps) {}

  /**
   * Children that could not be read at the last attempt, with the reason. A project that never had a database is not
   * one of them: its run is the row in the portfolio.
   */
  get problems(): ReadonlyMap<RunId, KernelError> {
    return new Map(
      [...this.watched].flatMap(([id, { problem }]) => (problem === undefined ? [] : [[id, problem] as const])),
    );
  }

  /** The same with their counts and the next attempt. */
  get failures(): readonly RelayFailure[] {
    const dirs = new Map(this.rows().children.map(({ id, projectDir }) => [id, projectDir]));
    return [...this.watched].flatMap(([id, { repeat, retryAtMs }]) => {
      const projectDir = dirs.get(id);
      if (repeat === undefined || projectDir === undefined) return [];
      return [{ ...repeat, projectDir, nextAt: Math.ceil(retryAtMs / 1000) }];
    });
  }

  /**
   * Reads all children up to their last events; with `retryNow` also those that failed recently. @throws KernelError if
   * the portfolio itself cannot be read or written; nothing is lost then.
   */
  async cycle({ retryNow = false }: { readonly retryNow?: boolean } = {}): Promise<void> {
    await this.deps.kernel.refresh();
    if (retryNow) for (const known of this.watched.values()) known.retryAtMs = 0;
    let pending = this.rows().children;
    do {
      const news = (await Promise.all(pending.map((child) => this.look(child)))).flatMap((look) => look ?? []);
      const again = await this.storeNews(news);
      pending = pending.filter(({ id }) => again.has(id));
    } while (pending.length > 0);
  }

  /** Cycles every `intervalMs` until stopped. A failed cycle is reported and retried by the next one. */
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

  private rows(): Rows {
    const { kernel, portfolioId } = this.deps;
    const { generation } = kernel;
    if (this.known?.generation === generation) return this.known;
    return (this.known = kernel.read((r) => {
      const portfolio = findRun(r, portfolioId);
      const hasEnded = portfolio !== undefined && isTerminal(portfolio.status);
      return { generation, children: childrenOf(r, portfolioId), hasEnded };
    }));
  }

  /** The news of a child, or undefined for none. Never throws for problems with the child. */
  private async look(child: Run): Promise<ChildNews | undefined> {
    const known = this.watchedOf(child.id);
    if (isAhead(known.retryAtMs, this.deps.clock.nowMs(), LONGEST_RETRY_MS)) return undefined;
    try {
      const stamp = await this.stamp(child.projectDir, known);
      if (stamp === undefined || (stamp === known.stamp && this.isMirrored(child, known))) return undefined;
      const news = await this.readInTime(child, known);
      const { activeDispatches, state } = news;
      Object.assign(known, {
        failures: 0,
        retryAtMs: 0,
        problem: undefined,
        repeat: undefined,
        activeDispatches,
        state,
      });
      known.stamp = news.more ? undefined : stamp;
      return isNew(news, child) && this.isRelayed(news) ? news : undefined;
    } catch (error) {
      // The folder was closed meanwhile; the next check gets another kernel.
      if (!KernelError.is(error, 'KERNEL_CLOSED'))
        this.note(child, known, readFailure(databasePath(child.projectDir), error));
      return undefined;
    }
  }

  /** Whether the row still matches the child's own database; any program may have changed it. */
  private isMirrored({ phase, status }: Run, { state }: WatchedChild): boolean {
    return state === undefined || this.rows().hasEnded || (state.phase === phase && state.status === status);
  }

  /**
   * A slow child must not delay the others. It may be locked, or its file is checked for the first time. Its problem,
   * or that it has none, is noted when it is known.
   */
  private async readInTime(child: Run, known: WatchedChild): Promise<ChildNews> {
    const reading = this.read(child);
    const timer = new AbortController();
    const path = databasePath(child.projectDir);
    const late = new KernelError('DATABASE_LOADING', { path });
    const patienceMs = this.deps.patienceMs ?? PATIENCE_MS;
    const patience = delay(patienceMs, undefined, { signal: timer.signal, ref: false }).then(() => {
      reading.then(
        () => {
          if (known.problem === late) known.retryAtMs = 0;
        },
        (error: unknown) => {
          if (known.problem === late) known.problem = readFailure(path, error);
        },
      );
      throw late;
    });
    try {
      return await Promise.race([reading, patience]);
    } finally {
      timer.abort();
    }
  }

  /** The position is read first, so that a child behind it was restored from a backup, and not just read too early. */
  private async read(child: Run): Promise<ChildNews> {
    const mark = this.deps.kernel.read((r) => relayMark(r, this.deps.portfolioId, child));
    const kernel = this.deps.childKernel(child.projectDir);
    await kernel.load();
    await kernel.refresh();
    if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') throw refusalOf(kernel.state, kernel.path);
    return kernel.read((r) => readChild(r, child, mark, PAGE));
  }

  /** Other runs belong to the project's first active child, as in the original. */
  private isRelayed({ child, state }: ChildNews): boolean {
    if (state !== undefined) return true;
    if (this.deps.mirrorsOnly === true) return false;
    const first = this.rows().children.find(({ projectDir }) => projectDir === child.projectDir);
    return first?.id === child.id && !isTerminal(first.status);
  }

  /** Returns the children to check again: those with more events, and those that another relay advanced. */
  private async storeNews(news: readonly ChildNews[]): Promise<ReadonlySet<RunId>> {
    const { kernel, portfolioId, onRelayed } = this.deps;
    this.stored ??= kernel.read((r) => storedActive(r, portfolioId));
    const active = this.active();
    if (news.length === 0 && active === this.stored) return new Set();
    try {
      const { relayed, overtaken } = await kernel.write((u) => relayNews(u, portfolioId, news, active));
      this.stored = active;
      for (const event of relayed) onRelayed?.(event);
      for (const id of overtaken) this.watchedOf(id).stamp = undefined;
      return new Set([...overtaken, ...news.filter(({ more }) => more).map(({ child }) => child.id)]);
    } catch (error) {
      // News that could not be relayed is read again.
      for (const { child } of news) this.watchedOf(child.id).stamp = undefined;
      throw error;
    }
  }

  /** Active dispatches of all children; unreadable children keep their last number. */
  private active(): number | undefined {
    if (this.deps.mirrorsOnly === true) return this.stored;
    return [...this.watched.values()].reduce((sum, { activeDispatches }) => sum + activeDispatches, 0);
  }

  /**
   * The identity of the child's content; undefined if it is the portfolio's own database, whose events would be relayed
   * forever (Q18).
   */
  private async stamp(projectDir: string, known: WatchedChild): Promise<FileStamp | undefined> {
    if (known.isOwn === true) return undefined;
    const file = databasePath(projectDir);
    if (!path.isAbsolute(projectDir)) {
      throw new KernelError('DATABASE_PATH', {
        path: projectDir,
        problem: because('the project path of a child must be absolute'),
      });
    }
    const stamp = await stampOf(file, known.stamp);
    if (stamp === undefined) throw new KernelError('DATABASE_MISSING', { path: file });
    known.isOwn ??= await this.isOwn(file);
    return known.isOwn ? undefined : stamp;
  }

  private async isOwn(file: string): Promise<boolean> {
    const ours = this.deps.kernel.path;
    if (file === ours) return true;
    if (path.basename(file) !== path.basename(ours)) return false;
    const [a, b] = await Promise.all([realpath(path.dirname(file)), realpath(path.dirname(ours))]);
    return a === b;
  }

  private watchedOf(id: RunId): WatchedChild {
    const known = this.watched.get(id);
    if (known !== undefined) return known;
    const fresh = unreadChild();
    this.watched.set(id, fresh);
    return fresh;
  }

  private note(child: Run, known: WatchedChild, error: KernelError): void {
    noteFailure(known, this.isRow(child, error) ? undefined : error, this.deps.clock.nowMs());
    this.deps.onProblem?.(child.projectDir, error);
  }

  /** Whether the child never had its own database. */
  private isRow(child: Run, error: KernelError): boolean {
    if (error.code !== 'DATABASE_MISSING') return false;
    return !isMirror(
      child,
      this.deps.kernel.read((r) => relayMark(r, this.deps.portfolioId, child)),
    );
  }
}
