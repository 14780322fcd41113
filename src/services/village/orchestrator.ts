/**
 * Makes what the record says come true, in one window at a time. Whoever wants something changed changes the record, in
 * this window, in another or by `ic`.
 */
import { Emitter, type Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors';
import type { VillageDeps } from './deps';
import { withLease } from './lease';

export class Orchestrator implements Disposable {
  private readonly ending = new AbortController();
  private readonly changes: Emitter<void>;
  private leading = false;
  private running: Promise<void> | undefined;

  constructor(private readonly deps: VillageDeps) {
    this.changes = new Emitter((error) => deps.log.error('listener failed', { error }));
  }

  /** Whether this window makes agents work; another one does otherwise. */
  get isLeading(): boolean {
    return this.leading;
  }

  /** Fired when `isLeading` changes. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Begins as soon as no other window orchestrates the folder. Call once, when the record can be written. */
  start(): void {
    const { kernel, log } = this.deps;
    this.running ??= withLease(kernel.path, this.ending.signal, (signal) => this.lead(signal)).catch(
      (error: unknown) => {
        log.error('the village is not orchestrated', { error: problemOf(error) });
      },
    );
  }

  dispose(): void {
    void this.close();
  }

  /** Lets go. Agents go on and are taken up by the next window. */
  async close(): Promise<void> {
    this.ending.abort(new Error('The window is closing.'));
    await this.running;
    this.changes.dispose();
  }

  private async lead(signal: AbortSignal): Promise<void> {
    // Most windows have no village, and start without what it takes (design §12).
    const { Leading } = await import('./leading.js');
    this.setLeading(true);
    try {
      await new Leading(this.deps).lead(signal);
    } finally {
      this.setLeading(false);
    }
  }

  private setLeading(leading: boolean): void {
    this.leading = leading;
    this.changes.fire();
  }
}
