/** How long a limit holds an account (`docs/design/failures.md#classes`). Pure. */
import type { FailureClass } from './failureClass';

export interface MetLimit {
  readonly class: FailureClass;
  /** Unix seconds, as reported by the agent. */
  readonly resetsAt: number | null;
  /** When the start of the agent that hit the limit was recorded, in milliseconds; null where unknown. */
  readonly startedMs: number | null;
  /** Consecutive limits, including this one. */
  readonly tries: number;
  readonly nowMs: number;
  /** At least 0 and below 1. */
  readonly chance: number;
}

const MINUTE_MS = 60_000;

/** The longest limits of today's services are a month; a later time is wrong. */
const LONGEST_HOLD_MS = 32 * 86_400_000;

/** Keeps agents of several windows from starting in the same second: a tenth of the wait, at most this. */
const JITTER_MS = MINUTE_MS;
const JITTER_PART = 0.1;

/** The same if the wait is over before the ending is handled, for example after a night without a leader. */
const PASSED_JITTER_MS = 5000;

/** A start is recorded in whole seconds, after the program runs: an agent can name a time that is a little earlier. */
const RECORDED_LATE_MS = 10_000;

/** Corrections of running clocks are smaller. */
const CORRECTED_CLOCK_MS = 5 * MINUTE_MS;

const FIRST_PAUSE_MS: Readonly<Partial<Record<FailureClass, number>>> = { usageLimit: 5 * MINUTE_MS };
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/**
 * When the account may be used again. If the reset time has passed since the agent started: now. If it is unknown, too
 * far away, or was past when the agent started: after a growing pause.
 */
export function heldUntilMs({ class: failure, resetsAt, startedMs, tries, nowMs, chance }: MetLimit): number {
  const resetMs = (resetsAt ?? 0) * 1000;
  if (startedMs !== null && resetMs >= startedMs - RECORDED_LATE_MS && resetMs <= nowMs) {
    return nowMs + Math.ceil(chance * PASSED_JITTER_MS);
  }
  if (resetMs > nowMs && resetMs <= nowMs + LONGEST_HOLD_MS) {
    return resetMs + Math.ceil(chance * Math.min(JITTER_MS, (resetMs - nowMs) * JITTER_PART));
  }
  const pause = Math.min((FIRST_PAUSE_MS[failure] ?? MINUTE_MS) * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return nowMs + Math.ceil(pause * (1 + chance * 0.2));
}

/**
 * Whether an account is held. A hold that starts in the future was recorded while the clock was ahead, and would last
 * too long by as much.
 */
export function isHeld(hold: { readonly sinceMs: number; readonly untilMs: number | null }, nowMs: number): boolean {
  if (hold.untilMs === null) return true;
  return nowMs < hold.untilMs && nowMs >= hold.sinceMs - CORRECTED_CLOCK_MS;
}
