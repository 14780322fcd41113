/** What the kernel needs from outside, and nothing more (`docs/design/architecture.md#layers`). */

export interface Clock {
  /** Milliseconds since the Unix epoch. Rows hold whole seconds of it. */
  nowMs(): number;
}

/** Whether a time has not come. One further away than the longest pause is of a clock that was set back since. */
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
