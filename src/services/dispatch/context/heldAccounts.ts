/**
 * Held accounts on this machine: the agent kinds that wait for them, until when, and when they are released.
 * Subscribers are notified of every change by any program, and each minute during a countdown. No timer runs while no
 * account is held.
 */
import type { AgentKind } from '../../../contract/agentKinds';
import type { AccountHold, AccountHolds } from '../../../host/state/accountHolds';
import type { Log } from '../../../host/log';
import { Emitter, type Disposable } from '../../../kernel/emitter';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { isHeld } from '../../../kernel/failure/accountHold';
import type { Clock } from '../../../kernel/ports';

/** Held accounts by the names of the kinds that use them. */
export type HeldKinds = ReadonlyMap<string, AccountHold>;

export interface HeldAccountsDeps {
  readonly accounts: AccountHolds;
  readonly kinds: () => readonly AgentKind[];
  readonly accountOf: (kind: AgentKind) => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Released {
  readonly kinds: readonly string[];
  /** A person resumed it before its reset. */
  readonly early: boolean;
}

const MINUTE_MS = 60_000;

/** All accounts that are held now. */
export function heldNow(accounts: AccountHolds, nowMs: number): AccountHold[] {
  return accounts.list().filter((hold) => isHeld(hold, nowMs));
}

/**
 * Allows agents of the held accounts to start now. `name`: an agent kind, or the mark of an account.
 * @throws KernelError `NOT_FOUND`
 */
export function resumeAccounts(accounts: AccountHolds, name: string, nowMs: number): readonly AccountHold[] {
  const held = named(accounts, name, nowMs);
  for (const { account } of held) accounts.release(account);
  return held;
}

/** Keeps held accounts held after their reset, until a person resumes them. @throws KernelError `NOT_FOUND` */
export function pauseAccounts(accounts: AccountHolds, name: string, nowMs: number): readonly AccountHold[] {
  const held = named(accounts, name, nowMs);
  for (const hold of held) accounts.set({ ...hold, untilMs: null });
  return held;
}

function named(accounts: AccountHolds, name: string, nowMs: number): AccountHold[] {
  const found = heldNow(accounts, nowMs).filter(({ kind, account }) => kind === name || account === name);
  if (found.length === 0) throw new KernelError('NOT_FOUND', { what: 'held account', id: name });
  return found;
}

/** Milliseconds until a countdown in whole minutes changes or ends. */
export function untilNextMinute(untilMs: number, nowMs: number): number {
  const rest = untilMs - nowMs;
  return rest <= 0 ? 0 : rest % MINUTE_MS || MINUTE_MS;
}

export class HeldAccounts implements Disposable {
  private held: HeldKinds = new Map();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private isDisposed = false;
  private readonly watch: Disposable;
  private readonly changes: Emitter<void>;
  private readonly ticks: Emitter<void>;
  private readonly releases: Emitter<Released>;

  constructor(private readonly deps: HeldAccountsDeps) {
    const { accounts, log } = deps;
    const onError = (error: unknown): void => log.error('listener failed', { error });
    this.changes = new Emitter(onError);
    this.ticks = new Emitter(onError);
    this.releases = new Emitter(onError);
    this.watch = accounts.watch(log, () => this.look());
    this.look();
  }

  /** As of the last check. */
  get kinds(): HeldKinds {
    return this.held;
  }

  /** Fires when the held accounts change. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Fires when a countdown shows another minute. */
  onDidTick(listener: () => void): Disposable {
    return this.ticks.event(listener);
  }

  /** Fires when kinds may start agents again. */
  onDidRelease(listener: (released: Released) => void): Disposable {
    return this.releases.event(listener);
  }

  /** @throws KernelError `NOT_FOUND` if the account of the kind is not held */
  resume(kind: string): readonly AccountHold[] {
    return this.changed(resumeAccounts, kind);
  }

  /** @throws KernelError `NOT_FOUND` if the account of the kind is not held */
  pause(kind: string): readonly AccountHold[] {
    return this.changed(pauseAccounts, kind);
  }

  /** Reads the held accounts again: kinds or credentials may have changed. */
  look(): void {
    this.round = this.round
      .then(() => this.read())
      .catch((error: unknown) => {
        this.deps.log.warn('held accounts not read', { problem: problemOf(error) });
      });
  }

  /** Resolves when all noted changes were read. */
  async settled(): Promise<void> {
    await this.round;
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    this.watch.dispose();
    this.changes.dispose();
    this.ticks.dispose();
    this.releases.dispose();
  }

  private changed(change: typeof resumeAccounts, kind: string): readonly AccountHold[] {
    const { accounts, clock } = this.deps;
    const held = change(accounts, this.held.get(kind)?.account ?? kind, clock.nowMs());
    this.look();
    return held;
  }

  private async read(): Promise<void> {
    if (this.isDisposed) return;
    const { accounts, clock } = this.deps;
    const before = this.held;
    const holds = heldNow(accounts, clock.nowMs());
    this.held = holds.length === 0 ? new Map() : await this.kindsOf(holds);
    this.schedule();
    this.notifyReleased(before, clock.nowMs());
    if (JSON.stringify([...before]) !== JSON.stringify([...this.held])) this.changes.fire();
    else if (this.held.size > 0) this.ticks.fire();
  }

  private async kindsOf(holds: readonly AccountHold[]): Promise<HeldKinds> {
    const held = new Map<string, AccountHold>();
    for (const kind of this.deps.kinds()) {
      const account = await this.deps.accountOf(kind);
      const hold = holds.find((each) => each.account === account);
      if (hold !== undefined) held.set(kind.name, hold);
    }
    return held;
  }

  /** At most a minute, so that the time is right after sleep or a clock change. */
  private schedule(): void {
    clearTimeout(this.timer);
    if (this.isDisposed) return;
    const nowMs = this.deps.clock.nowMs();
    const rests = [...this.held.values()].flatMap(({ untilMs }) =>
      untilMs === null ? [] : [untilNextMinute(untilMs, nowMs)],
    );
    if (rests.length > 0) this.timer = setTimeout(() => this.look(), Math.min(...rests) + 1).unref();
  }

  private notifyReleased(before: HeldKinds, nowMs: number): void {
    const gone = [...before].filter(([kind]) => !this.held.has(kind));
    for (const early of [true, false]) {
      const kinds = gone.filter(([, hold]) => isHeld(hold, nowMs) === early).map(([kind]) => kind);
      if (kinds.length > 0) this.releases.fire({ kinds, early });
    }
  }
}
