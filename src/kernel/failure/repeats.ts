/** Counts a failure that repeats itself, for jobs that no stage runs: three of the same need a person. Pure. */
import { REPEATS_FOR_PERSON } from './failureClass';

export interface Repeat {
  /** Failures in a row with this problem. */
  readonly tries: number;
  /** Of the first of them, in seconds. */
  readonly since: number;
  readonly problem: string;
}

/** A success, or another problem, starts the count again. */
export function repeated(before: Repeat | undefined, problem: string, now: number): Repeat {
  if (before?.problem !== problem) return { tries: 1, since: now, problem };
  return { ...before, tries: before.tries + 1 };
}

export function needsPerson({ tries }: Repeat): boolean {
  return tries >= REPEATS_FOR_PERSON;
}
