/** Counts repeated failures of jobs outside stages: after three of the same a person is needed. Pure. */
import { REPEATS_FOR_PERSON } from './failureClass';

export interface Repeat {
  /** Failures in a row with this problem. */
  readonly tries: number;
  /** When the first of them happened, in seconds. */
  readonly since: number;
  readonly problem: string;
}

/** A success, or another problem, resets the count. */
export function repeated(before: Repeat | undefined, problem: string, now: number): Repeat {
  if (before?.problem !== problem) return { tries: 1, since: now, problem };
  return { ...before, tries: before.tries + 1 };
}

export function needsPerson({ tries }: Repeat): boolean {
  return tries >= REPEATS_FOR_PERSON;
}
