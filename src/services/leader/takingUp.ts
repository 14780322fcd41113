/**
 * Adopts the agents that still run in a folder, once for each record, as soon as it is writable
 * (`docs/design/agents.md#from-start-to-end`).
 */
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { ProjectKernel } from '../record/projectKernel';

const AGAIN_AFTER_MS = 10_000;

export interface TakingUpDeps {
  readonly dispatcher: Pick<Dispatcher, 'adopt'>;
  readonly log: Log;
  readonly trusted: () => boolean;
  /** Called when the agents of a record were adopted. */
  readonly tookUp: (kernel: ProjectKernel) => void;
  /** The delay before adopting a record's agents is retried, in milliseconds; defaults to 10 s. */
  readonly againAfterMs?: number;
}

export class TakingUp {
  private readonly started = new WeakSet<ProjectKernel>();

  constructor(private readonly deps: TakingUpDeps) {}

  /** Recording endings is a change, so it waits for trust. */
  look(kernel: ProjectKernel): void {
    if (kernel.state.kind !== 'ready' || !this.deps.trusted() || this.started.has(kernel)) return;
    this.started.add(kernel);
    this.takeUp(kernel).catch((error: unknown) => {
      this.deps.log.error('dispatches not adopted', { folder: kernel.folder, problem: problemOf(error) });
      this.started.delete(kernel);
      setTimeout(() => this.look(kernel), this.deps.againAfterMs ?? AGAIN_AFTER_MS).unref();
    });
  }

  private async takeUp(kernel: ProjectKernel): Promise<void> {
    const report = await this.deps.dispatcher.adopt(kernel);
    this.deps.log.info('dispatches adopted', { folder: kernel.folder, ...report });
    this.deps.tookUp(kernel);
  }
}
