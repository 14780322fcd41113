/**
 * Starts queued dispatches when their limits allow it (`docs/design/portfolios.md#limits`): after every event that may
 * have made room, or the release of a held account. Obstacles without an event, such as a record that another program
 * keeps busy, are retried with growing delays. Windows need no coordination: the record releases each dispatch from the
 * queue once.
 */
import type { Log } from '../../../host/log';
import type { Change } from '../../../kernel/change';
import { isActive } from '../../../kernel/dispatch/machine';
import { findDispatch } from '../../../kernel/dispatch/service';
import type { Disposable } from '../../../kernel/emitter';
import { listQueued } from '../../../kernel/queue/service';
import type { Dispatcher } from '../dispatcher';
import type { HeldAccounts } from '../context/heldAccounts';
import type { ProjectKernel } from '../../record/kernels';
import type { LedRecords } from './ledRecords';
import { jobFailed } from '../../failures/jobFailed';

const AGAIN_AFTER_MS = 5_000;
const LONGEST_AGAIN_MS = 60_000;

export interface DispatchQueueDeps {
  readonly dispatcher: Dispatcher;
  readonly kernels: LedRecords;
  /** Held accounts of agents; defaults to none known. */
  readonly held?: Pick<HeldAccounts, 'onDidRelease'>;
  readonly log: Log;
  /** Whether the workspace is trusted; nothing is started before. */
  readonly canRun: () => boolean;
  /**
   * The delay before the next try after an obstacle without an event, in milliseconds; doubled each time. Defaults to 5
   * s.
   */
  readonly againAfterMs?: number;
}

export class DispatchQueue {
  private readonly subscriptions: readonly Disposable[];
  private round: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isCalled = false;
  private isDisposed = false;
  private tries = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: DispatchQueueDeps) {
    const { kernels, dispatcher, held } = deps;
    this.subscriptions = [
      kernels.onDidChange(({ kernel, change }) => {
        if (mayMakeRoom(kernel, change)) this.wake();
      }),
      kernels.onDidChangeState(() => this.wake()),
      dispatcher.onDidMakeRoom(() => this.wake()),
      ...(held === undefined ? [] : [held.onDidRelease(() => this.wake())]),
    ];
  }

  /**
   * Starts a round after something may have made room, such as a raised limit or new trust. Cheap if the queue is
   * empty.
   */
  wake(): void {
    this.isCalled = true;
    if (!this.isRunning) this.round = this.rounds();
  }

  /** Resolves when all dispatches that could start have started. */
  async settled(): Promise<void> {
    while (this.isRunning) await this.round;
  }

  /** Finishes starts in progress, and starts nothing more. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
    await this.settled();
  }

  private async rounds(): Promise<void> {
    this.isRunning = true;
    while (this.isCalled && !this.isDisposed && this.deps.canRun()) {
      this.isCalled = false;
      await this.searchThrough();
    }
    this.isRunning = false;
  }

  private async searchThrough(): Promise<void> {
    const { dispatcher, kernels, log, againAfterMs = AGAIN_AFTER_MS } = this.deps;
    const ready = kernels.all().filter(({ state }) => state.kind === 'ready');
    // Agents that run since before the window was loaded also count.
    if (!ready.every((kernel) => dispatcher.hasTakenUp(kernel))) return;
    // Most windows have no queue, and start without its code.
    if (!ready.some(isConcerned)) return;
    const { runRound } = await import('./queueRound.js');
    const round = await runRound(dispatcher, ready, log);
    if (round.failures.length === 0) {
      this.tries = 0;
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    // A round that an event has woken neither counts nor moves the next try.
    else if (this.timer === undefined && !this.isDisposed) {
      this.tries += 1;
      const ms = Math.min(againAfterMs * 2 ** (this.tries - 1), LONGEST_AGAIN_MS);
      log.info('retrying the queue', { seconds: ms / 1000, tries: this.tries });
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.wake();
      }, ms).unref();
      await round.note(ms);
    }
  }
}

/** Whether something is queued, or a failure must be cleared. */
function isConcerned(kernel: ProjectKernel): boolean {
  try {
    return kernel.read((r) => listQueued(r)).queued.length > 0 || jobFailed(kernel, 'queue');
  } catch {
    // The round reports why it cannot be read.
    return true;
  }
}

/** Figures of running agents are stored frequently and make no room. */
function mayMakeRoom(kernel: ProjectKernel, { origin, runs, dispatches, other }: Change): boolean {
  if (origin === 'file' || other || (dispatches.size === 0 && runs.size > 0)) return true;
  return [...dispatches].some((id) => {
    const status = kernel.read((r) => findDispatch(r, id))?.status;
    return status === undefined || !isActive(status);
  });
}
