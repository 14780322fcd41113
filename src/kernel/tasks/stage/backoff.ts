/** The delay before an agent is started again (`docs/design/tasks.md#attempts`, D25). Pure. */

export interface Backoff {
  readonly baseSeconds: number;
  readonly capSeconds: number;
  /** Largest random part of the delay: 0.2 for 20%. */
  readonly jitter: number;
}

export const DEFAULT_BACKOFF: Backoff = { baseSeconds: 5, capSeconds: 120, jitter: 0.2 };

/** Seconds to wait after failed attempt `attempt`, counted from 1. `chance` is at least 0 and below 1. */
export function delayAfter(attempt: number, chance: number, backoff: Backoff = DEFAULT_BACKOFF): number {
  const delay = Math.min(backoff.baseSeconds * 2 ** (attempt - 1), backoff.capSeconds);
  return delay * (1 + backoff.jitter * chance);
}
