/** Agents that have ended and whose endings are being recorded: what is heavy lets them go first. */
import { setTimeout as delay } from 'node:timers/promises';

/** A record that cannot be written now keeps no other work waiting for longer. */
const LONGEST_MS = 5000;

export class PendingEndings {
  private readonly pending = new Set<Promise<void>>();

  /** Where it fails, the follower of the agent handles that. */
  note(stored: Promise<void>): void {
    this.pending.add(stored);
    const isOver = (): void => void this.pending.delete(stored);
    stored.then(isOver, isOver);
  }

  /** Resolves when all that are pending are recorded, or have had their time. */
  async recorded(): Promise<void> {
    if (this.pending.size === 0) return;
    const late = new AbortController();
    const timeUp = delay(LONGEST_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.pending), timeUp]);
    late.abort();
  }
}
