/**
 * Adopts the agents of a folder, once for each record, as soon as it is writable
 * (`docs/design/agents.md#from-start-to-end`). From then on the dispatcher adopts what other programs start.
 */
import type { PermissionRule } from '../../contract/permissions/model';
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { ProjectKernel } from '../record/projectKernel';

const AGAIN_AFTER_MS = 10_000;

export interface TakingUpDeps {
  readonly dispatcher: Pick<Dispatcher, 'adopt' | 'storages'>;
  /** Those of the person's settings; undefined where they are not known, so that sessions keep what they have. */
  readonly rules: () => readonly PermissionRule[] | undefined;
  /** This program, as the log of a session names it. */
  readonly by: string;
  readonly log: Log;
  readonly trusted: () => boolean;
  /** Called when the agents of a record were adopted and have the rules. */
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
    const report = await this.deps.dispatcher.adopt(kernel, () => void this.giveRules(kernel));
    this.deps.log.info('dispatches adopted', { folder: kernel.folder, ...report });
    await this.giveRules(kernel);
    this.deps.tookUp(kernel);
  }

  /** They may have changed while no program with the person's settings was running, and `ic` gives a session none. */
  private async giveRules(kernel: ProjectKernel): Promise<void> {
    const { rules: current, by, dispatcher, log } = this.deps;
    try {
      const rules = current();
      if (rules === undefined) return;
      const { giveRules } = await import('../dispatch/sessionRules.js');
      await giveRules({ kernels: [kernel], storages: dispatcher.storages, rules, onlyOthers: true, by, log });
    } catch (error) {
      log.warn('rules not given to sessions', { folder: kernel.folder, problem: problemOf(error) });
    }
  }
}
