/** The interfaces that the kernel needs from outside (`docs/design/architecture.md#layers`). */

export interface Clock {
  /** Milliseconds since the Unix epoch. Rows hold whole seconds. */
  nowMs(): number;
}

/**
 * Whether a time is in the future. A time further away than the longest pause counts as due: the clock was set back.
 */
export function isAhead(atMs: number, nowMs: number, longestMs: number): boolean {
  return nowMs < atMs && atMs - nowMs <= longestMs;
}

export interface IdSource {
  /** A new random id of `length` characters of `ID_ALPHABET`, uniform and unpredictable. */
  newId(length: number): string;
}

export interface Ports {
  readonly clock: Clock;
  readonly ids: IdSource;
}
