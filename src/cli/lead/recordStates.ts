/** Logs when a record cannot be used, and when it can be used again. */
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import { refusalOf } from '../../services/record/kernelState';
import type { ProjectKernel } from '../../services/record/kernels';
import type { LedRecords } from '../../services/dispatch/queue/ledRecords';

export class RecordStates implements Disposable {
  private readonly problems = new Map<ProjectKernel, string>();
  private readonly subscription: Disposable;

  /** @param optional a record that may be missing */
  constructor(
    records: Pick<LedRecords, 'onDidChangeState'>,
    private readonly optional: ProjectKernel | undefined,
    private readonly log: Log,
  ) {
    this.subscription = records.onDidChangeState(({ kernel }) => this.look(kernel));
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private look(kernel: ProjectKernel): void {
    const { state, folder, path } = kernel;
    if (state.kind === 'loading' || (state.kind === 'missing' && kernel === this.optional)) return;
    const before = this.problems.get(kernel);
    if (state.kind === 'ready') {
      if (this.problems.delete(kernel)) this.log.info('record can be used again', { folder });
      return;
    }
    const problem = refusalOf(state, path).message;
    if (problem === before) return;
    this.problems.set(kernel, problem);
    this.log.warn('record cannot be used', { folder, problem });
  }
}
