/**
 * Carries out what the record requests, in one program at a time. Every program requests work by changing the record:
 * this window, another one, or `ic`.
 */
import { Emitter, type Disposable } from '../../../kernel/emitter';
import { problemOf } from '../../../kernel/errors/errors';
import type { TaskDeps } from '../deps';
import type { Leader } from '../leader';
import type { Lease } from './lease';
import type { IsBlocked, IsWaiting } from './openWork';
import type { TaskLeader } from './taskLeader';

export class Orchestrator implements Disposable {
  private readonly ending = new AbortController();
  private readonly changes: Emitter<void>;
  private lease: Promise<Lease> | undefined;
  private leading: TaskLeader | undefined;
  private other: Leader | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly deps: TaskDeps) {
    this.changes = new Emitter((error) => deps.log.error('listener failed', { error }));
  }

  /** Whether this program leads; otherwise another one does. */
  get isLeading(): boolean {
    return this.leading !== undefined;
  }

  /** The program that leads instead, if known. */
  get leader(): Leader | undefined {
    return this.isLeading ? undefined : this.other;
  }

  /** Whether it leads, and all remaining work needs a person. */
  isAtRest(isWaiting?: IsWaiting, isBlocked?: IsBlocked): boolean {
    return this.leading?.isAtRest(isWaiting, isBlocked) ?? false;
  }

  /** As `TaskLeader.blocked`; none where another program leads. */
  blocked(isBlocked: IsBlocked): ReturnType<TaskLeader['blocked']> {
    return this.leading?.blocked(isBlocked) ?? [];
  }

  /** Fires when `isLeading` or `leader` changes, and when it becomes idle. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Starts as soon as no other program leads the folder. Call once, when the record can be written. */
  start(): void {
    this.lease ??= this.makeLease();
    this.running ??= this.lease
      .then((lease) => lease.hold(this.ending.signal, (signal) => this.lead(signal)))
      .catch((error: unknown) => {
        this.deps.log.error('tasks not led', { error: problemOf(error) });
      });
  }

  /** Takes over from the current leader as soon as it hands over. */
  async takeOver(): Promise<void> {
    const lease = await this.lease;
    if (!this.isLeading) await lease?.ask();
  }

  /**
   * Hands over, and waits for its turn again if no other program takes over. Resolves when it has released the lead.
   */
  async handOver(): Promise<void> {
    (await this.lease)?.handOver();
    while (this.isLeading) {
      await new Promise<void>((resolve) => {
        const subscription = this.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  dispose(): void {
    void this.close();
  }

  /** Releases the lead. Agents continue, and the next leader adopts them. */
  async close(): Promise<void> {
    this.ending.abort(new Error('The window is closing.'));
    await this.running;
    this.changes.dispose();
  }

  /** Most windows have no tasks, and start without the code for tasks. */
  private async makeLease(): Promise<Lease> {
    const { kernel, log, ports, program = 'window' } = this.deps;
    const { Lease } = await import('./lease.js');
    return new Lease({
      kernel,
      program,
      clock: ports.clock,
      log,
      onOther: (leader) => {
        this.other = leader;
        this.changes.fire();
      },
    });
  }

  private async lead(signal: AbortSignal): Promise<void> {
    const { TaskLeader } = await import('./taskLeader.js');
    const leading = new TaskLeader(this.deps, () => this.changes.fire());
    this.leading = leading;
    this.other = undefined;
    this.changes.fire();
    try {
      await leading.lead(signal);
    } finally {
      this.leading = undefined;
      this.changes.fire();
    }
  }
}
