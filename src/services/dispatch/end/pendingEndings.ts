/** Endings that are being recorded: heavy work waits for them. */
import { setTimeout as delay } from 'node:timers/promises';

/** The longest time that other work waits for a record that cannot be written. */
const LONGEST_MS = 5000;

export class PendingEndings {
  private readonly pending = new Set<Promise<void>>();

  /** The agent's follower handles a failure. */
  note(stored: Promise<void>): void {
    this.pending.add(stored);
    const isOver = (): void => void this.pending.delete(stored);
    stored.then(isOver, isOver);
  }

  /** Resolves when all pending endings are recorded, or after a time limit. */
  async recorded(): Promise<void> {
    if (this.pending.size === 0) return;
    const late = new AbortController();
    const timeUp = delay(LONGEST_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.pending), timeUp]);
    late.abort();
  }
}
