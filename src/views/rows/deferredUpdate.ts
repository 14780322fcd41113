/** Work deferred to the next turn of the loop, once for all requests. */
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';

export class DeferredUpdate {
  private scheduled: NodeJS.Immediate | undefined;

  /** A failure of `work` is logged under `name`: no caller waits for it. */
  constructor(
    private readonly log: Log,
    private readonly name: string,
    private readonly work: () => void,
  ) {}

  schedule(): void {
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      try {
        this.work();
      } catch (error) {
        this.log.error('drawing failed', { what: this.name, problem: problemOf(error) });
      }
    });
  }

  dispose(): void {
    clearImmediate(this.scheduled);
  }
}
