/**
 * The relays of a window: one for each active portfolio of its home, on one timer (`docs/design/portfolios.md#relay`).
 * `ic` relays one portfolio on its own; both may run at once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../host/clock';
import type { Log } from '../../../host/log';
import { Emitter, type Disposable } from '../../../kernel/emitter';
import { KernelError } from '../../../kernel/errors/errors';
import { needsPerson, repeated } from '../../../kernel/failure/repeats';
import type { RunId } from '../../../kernel/ids';
import type { Clock } from '../../../kernel/ports';
import type { RelayedEvent } from '../../../kernel/portfolio/relay';
import { listRuns } from '../../../kernel/run/record/queries';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { PortfolioKernels } from '../home/authority';
import type { Relay } from './relay';
import { SerialLine } from '../../record/writeQueue';
import type { RelayFailure, RelayState } from '../home/model';

export interface PortfolioRelaysDeps {
  readonly home: PortfolioKernels;
  readonly clock: Clock;
  readonly log: Log;
  /** Read before every pause. */
  readonly intervalMs: () => number;
  /** Whether the record may be changed. Read before every cycle, because a window may not be trusted yet. */
  readonly canWrite: () => boolean;
  readonly onRelayed?: (portfolioId: string, event: RelayedEvent) => void;
}

interface Member {
  readonly relay: Relay;
  lastCycleAt: number | undefined;
  relayed: number;
  error: KernelError | undefined;
  /** Of the portfolio itself, and of its children. */
  failures: readonly RelayFailure[];
}

const NONE: ReadonlyMap<RunId, KernelError> = new Map();

export class PortfolioRelays {
  private readonly log: Log;
  private readonly members = new Map<string, Member>();
  private readonly paused = new Set<string>();
  private readonly line = new SerialLine();
  private readonly stopping = new AbortController();
  private readonly changes: Emitter<void>;
  private running: Promise<void> | undefined;

  constructor(private readonly deps: PortfolioRelaysDeps) {
    this.log = deps.log.scope('relay');
    this.changes = new Emitter((error) => this.log.error('A listener of the relays failed', { error }));
  }

  /** Fires when a state has changed; a cycle without news changes none. */
  readonly onDidChange = (listener: () => void): Disposable => this.changes.event(listener);

  /** Cycles all active portfolios that are not paused, repeatedly until disposed. */
  start(): void {
    this.running ??= this.run();
  }

  /** Excludes a portfolio from the timer; `cycleNow` still works. The caller stores this beyond the window's life. */
  pause(portfolioId: string): void {
    if (this.paused.has(portfolioId)) return;
    this.paused.add(portfolioId);
    this.changes.fire();
  }

  resume(portfolioId: string): void {
    if (this.paused.delete(portfolioId)) this.changes.fire();
  }

  /**
   * Runs one cycle immediately, for one portfolio or for all that the timer would cycle, ignoring back-off of children.
   * Cycles of this window never overlap.
   * @throws KernelError the first failure to read or write a portfolio; the others are still cycled.
   */
  async cycleNow(portfolioId?: string): Promise<void> {
    await this.line.run(async () => {
      const failures = portfolioId === undefined ? await this.cycleDue('now') : [await this.cycle(portfolioId, 'now')];
      const failure = failures.find((error) => error !== undefined);
      if (failure !== undefined) throw failure;
    });
  }

  state(portfolioId: string): RelayState {
    const member = this.members.get(portfolioId);
    return {
      isPaused: this.paused.has(portfolioId),
      lastCycleAt: member?.lastCycleAt,
      relayed: member?.relayed ?? 0,
      error: member?.error,
      problems: member?.relay.problems ?? NONE,
      failures: member?.failures ?? [],
    };
  }

  /** Stops the timer and waits for the running cycle. */
  async dispose(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.line.run(() => Promise.resolve());
    this.changes.dispose();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.line.run(() => this.cycleDue('due'));
      } catch (error) {
        this.log.error('A cycle of the relays failed', { error });
      }
      await delay(this.deps.intervalMs(), undefined, { signal, ref: false }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  private async cycleDue(when: 'due' | 'now'): Promise<readonly (KernelError | undefined)[]> {
    const failures: (KernelError | undefined)[] = [];
    for (const id of this.due()) {
      // It may have been paused while another one was cycled.
      if (!this.paused.has(id)) failures.push(await this.cycle(id, when));
    }
    return failures;
  }

  /** The portfolios that a tick of the timer cycles. */
  private due(): readonly string[] {
    const { kernel } = this.deps.home;
    const { kind } = kernel.state;
    if (kind === 'loading' || kind === 'missing' || !this.deps.canWrite()) return [];
    const ids =
      kind === 'failed'
        ? [...this.members.keys()]
        : kernel.read((r) => listRuns(r, { portfolio: true, status: 'active' })).runs.map(({ id }) => id);
    return ids.filter((id) => !this.paused.has(id));
  }

  /** The failure of the portfolio itself, which its state shows too; a bug throws. */
  private async cycle(portfolioId: string, when: 'due' | 'now'): Promise<KernelError | undefined> {
    if (this.stopping.signal.aborted) return undefined;
    const member = await this.memberOf(portfolioId);
    const before = fingerprint(this.state(portfolioId));
    try {
      await member.relay.cycle({ retryNow: when === 'now' });
      member.error = undefined;
      member.failures = member.relay.failures;
      member.lastCycleAt = Math.floor(this.deps.clock.nowMs() / 1000);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (member.error?.message !== error.message)
        this.log.warn('A portfolio cannot be relayed', { portfolioId, error });
      member.error = error;
      member.failures = [this.failureOf(member, error.message)];
    }
    if (fingerprint(this.state(portfolioId)) !== before) this.changes.fire();
    return member.error;
  }

  private failureOf({ failures }: Member, problem: string): RelayFailure {
    const now = Math.floor(this.deps.clock.nowMs() / 1000);
    const before = failures.find(({ projectDir }) => projectDir === null);
    const nextAt = now + Math.ceil(this.deps.intervalMs() / 1000);
    return { ...repeated(before, problem, now), projectDir: null, nextAt };
  }

  /** Created with the first cycle of a portfolio, because a window starts without it. */
  private async memberOf(portfolioId: string): Promise<Member> {
    const known = this.members.get(portfolioId);
    if (known !== undefined) return known;
    const { home, clock } = this.deps;
    const { Relay } = await import('./relay.js');
    const relay = new Relay({
      kernel: home.kernel,
      portfolioId,
      childKernel: (folder) => home.childKernel(folder),
      clock,
      onRelayed: (event) => {
        member.relayed += 1;
        this.deps.onRelayed?.(portfolioId, event);
      },
      onProblem: (projectDir, error) => this.log.info('A child cannot be read', { portfolioId, projectDir, error }),
    });
    const member: Member = { relay, lastCycleAt: undefined, relayed: 0, error: undefined, failures: [] };
    this.members.set(portfolioId, member);
    return member;
  }
}

/**
 * Updates the mirrors of a portfolio before its gate or a child's gate is judged for an action. Returns the children
 * whose own database cannot be read, by run; their mirrors hold the last known state. @throws KernelError if the
 * portfolio itself cannot be read or written.
 */
export async function cyclePortfolio(
  home: PortfolioKernels,
  portfolioId: string,
): Promise<ReadonlyMap<RunId, KernelError>> {
  await home.kernel.load();
  const { kernel } = home;
  if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') throw refusalOf(kernel.state, kernel.path);
  const { Relay } = await import('./relay.js');
  const childKernel = (folder: string): ProjectKernel => home.childKernel(folder);
  const relay = new Relay({ kernel, portfolioId, childKernel, clock: systemClock, mirrorsOnly: true });
  await relay.cycle();
  return relay.problems;
}

/** All of a state except the time of its last cycle. */
function fingerprint({ isPaused, relayed, error, problems, failures }: RelayState): string {
  const children = [...problems].map(([id, problem]) => [id, problem.message]);
  // A count is reported once with the failure that needs a person, not at each repeat.
  const repeating = failures.filter(needsPerson).map(({ projectDir, problem }) => [projectDir, problem]);
  return JSON.stringify([isPaused, relayed, error?.message, children, repeating]);
}
