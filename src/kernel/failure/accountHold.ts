/** How long a limit holds an account (`docs/design/failures.md#classes`). Pure. */
import type { FailureClass } from './failureClass';

export interface MetLimit {
  readonly class: FailureClass;
  /** Unix seconds, as the agent named it. */
  readonly resetsAt: number | null;
  /** When the agent started that met it, in milliseconds; null where that is not known. */
  readonly startedMs: number | null;
  /** Limits met in a row, this one included. */
  readonly tries: number;
  readonly nowMs: number;
  /** From 0 up to, not including, 1. */
  readonly chance: number;
}

const MINUTE_MS = 60_000;

/** Limits of a month are the longest of today's services; a later time is wrong. */
const LONGEST_HOLD_MS = 32 * 86_400_000;

/** Agents of several windows do not all start in the same second: a tenth of the wait, and at most this. */
const JITTER_MS = MINUTE_MS;
const JITTER_PART = 0.1;

/** The same where the wait is over before the ending is judged, as after a night without a leader. */
const PASSED_JITTER_MS = 5000;

/** Clocks of running systems are corrected by less. */
const CORRECTED_CLOCK_MS = 5 * MINUTE_MS;

const FIRST_PAUSE_MS: Readonly<Partial<Record<FailureClass, number>>> = { usageLimit: 5 * MINUTE_MS };
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/**
 * When the account may be used again. A time that has passed since the agent started: now. One that is unknown, too far
 * away, or was past when the agent started: after a pause that grows.
 */
export function heldUntilMs({ class: failure, resetsAt, startedMs, tries, nowMs, chance }: MetLimit): number {
  const resetMs = (resetsAt ?? 0) * 1000;
  if (startedMs !== null && resetMs >= startedMs && resetMs <= nowMs) {
    return nowMs + Math.ceil(chance * PASSED_JITTER_MS);
  }
  if (resetMs > nowMs && resetMs <= nowMs + LONGEST_HOLD_MS) {
    return resetMs + Math.ceil(chance * Math.min(JITTER_MS, (resetMs - nowMs) * JITTER_PART));
  }
  const pause = Math.min((FIRST_PAUSE_MS[failure] ?? MINUTE_MS) * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return nowMs + Math.ceil(pause * (1 + chance * 0.2));
}

/**
 * Whether an account is held. A hold that started in the future was noted while the clock was ahead: it would last longer
 * than its limit by as much.
 */
export function isHeld(hold: { readonly sinceMs: number; readonly untilMs: number | null }, nowMs: number): boolean {
  if (hold.untilMs === null) return true;
  return nowMs < hold.untilMs && nowMs >= hold.sinceMs - CORRECTED_CLOCK_MS;
}
