/** The agents that this program follows to their end, and what is done when their records change. */
import type { Change } from '../../../kernel/change';
import { isActive } from '../../../kernel/dispatch/machine';
import { findDispatch } from '../../../kernel/dispatch/service';
import { Emitter, type Disposable } from '../../../kernel/emitter';
import type { DispatchId } from '../../../kernel/ids';
import { graceMsOf, type DispatcherDeps } from '../context/deps';
import { BudgetWatch } from '../end/budgets';
import { PendingEndings } from '../end/pendingEndings';
import type { DispatchKernel } from '../../record/dispatchKernel';
import type { Follower, LiveDispatch } from './follower';

export interface OutputEvent {
  readonly dispatchId: DispatchId;
  /** The log, which has grown. */
  readonly file: string;
}

export class FollowedAgents {
  readonly output: Emitter<OutputEvent>;
  /** Fires when an agent is no longer followed. */
  readonly room: Emitter<void>;
  readonly budgets: BudgetWatch;
  readonly endings = new PendingEndings();
  private readonly followed = new Map<DispatchId, { kernel: DispatchKernel; follower: Follower }>();
  private readonly subscriptions = new Map<DispatchKernel, Disposable>();
  private disposed = false;

  /** `onEnded`: called when an agent is no longer followed, unless its project was released. */
  constructor(
    private readonly deps: DispatcherDeps,
    private readonly onEnded: (kernel: DispatchKernel, id: DispatchId) => void,
  ) {
    const onError = (error: unknown): void => deps.log.error('listener failed', { error });
    this.output = new Emitter(onError);
    this.room = new Emitter(onError);
    this.budgets = new BudgetWatch(deps, (kernel) =>
      [...this.followed].filter(([, each]) => each.kernel === kernel).map(([id]) => id),
    );
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /** The followed dispatches. */
  get ids(): readonly DispatchId[] {
    return [...this.followed.keys()];
  }

  /** The projects of agents that are, or were, followed. */
  get kernels(): readonly DispatchKernel[] {
    return [...this.subscriptions.keys()];
  }

  has(id: DispatchId): boolean {
    return this.followed.has(id);
  }

  async follow(live: LiveDispatch): Promise<void> {
    const { kernel, id } = live;
    const { Follower } = await import('./follower.js');
    if (this.disposed || this.followed.has(id)) return;
    const onOutput = (file: string) => this.output.fire({ dispatchId: id, file });
    const onEnding = (stored: Promise<void>) => this.endings.note(stored);
    const options = { graceMs: graceMsOf(this.deps), log: this.deps.log, accounts: this.deps, onOutput, onEnding };
    const follower = new Follower(live, options);
    this.followed.set(id, { kernel, follower });
    void follower.done.then(() => {
      this.followed.delete(id);
      if (this.subscriptions.has(kernel)) this.onEnded(kernel, id);
      this.room.fire();
    });
    this.budgets.checkSoon(kernel);
    if (this.subscriptions.has(kernel)) return;
    this.subscriptions.set(
      kernel,
      kernel.onDidChange((change) => this.onChange(kernel, change)),
    );
  }

  /** Stops following the agents of a project. Agents continue. */
  async release(kernel: DispatchKernel): Promise<void> {
    this.subscriptions.get(kernel)?.dispose();
    this.subscriptions.delete(kernel);
    this.budgets.release(kernel);
    const own = [...this.followed.values()].filter((follower) => follower.kernel === kernel);
    await Promise.all(own.map(({ follower }) => follower.dispose()));
  }

  /** Call before the last projects are released: nothing is followed from now on. */
  end(): void {
    this.disposed = true;
  }

  dispose(): void {
    this.output.dispose();
    this.room.dispose();
  }

  /** A dispatch that was ended in the record (by a rollback, another window, `ic`) must not continue. */
  private onChange(kernel: DispatchKernel, change: Change): void {
    this.budgets.checkSoon(kernel);
    for (const [id, { kernel: owner, follower }] of this.followed) {
      if (owner !== kernel || (change.origin === 'commit' && !change.dispatches.has(id))) continue;
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && !isActive(status)) void follower.endProcess();
    }
  }
}
