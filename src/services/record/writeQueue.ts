/**
 * Writes that wait to be saved together (`docs/design/architecture.md#write-protocol`), and the queue of all work on a
 * file.
 */
import type { Attempt, Transaction } from '../../kernel/image/kernel';
import type { Sync, Unit } from '../../kernel/unit';

/** One caller's write. It may run several times; its promise settles once. */
export class PendingWrite<T = unknown> {
  private outcome: Attempt<T> | undefined;

  constructor(
    private readonly work: (unit: Unit) => Sync<T>,
    private readonly resolve: (value: T) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  /** Runs the write as a part of `transaction`; false if it failed and left nothing. */
  run(transaction: Transaction): boolean {
    this.outcome = transaction.attempt(this.work);
    return this.outcome.ok;
  }

  /** Settles the caller's promise with the result of the last run, which is durable now. */
  settle(): void {
    if (this.outcome === undefined) throw new Error('a write was settled before it ran');
    if (this.outcome.ok) this.resolve(this.outcome.value);
    else this.reject(this.outcome.error);
  }

  /** Rejects the caller's promise, because nothing was saved. */
  fail(error: unknown): void {
    this.reject(error);
  }
}

/** The part of a write that the queue and the save need, independent of its result. */
export type AnyWrite = Pick<PendingWrite, 'run' | 'settle' | 'fail'>;

/** Runs tasks one after another, in the order they came. */
export class SerialLine {
  private last: Promise<unknown> = Promise.resolve();

  /** The task's own result; a failed task does not block the next. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task, task);
    this.last = result.catch(() => undefined);
    return result;
  }
}
