/** Proven work that is not published yet. */
import type { Subtask } from '../record/model';

/** Its work was checked and is about to be published. */
export function isProven({ stage }: Pick<Subtask, 'stage'>): boolean {
  return stage === 'push' || stage === 'pr';
}

/** Its proven work could not be published, and waits for a person. */
export function isHeld(subtask: Pick<Subtask, 'stage' | 'lastError'>): boolean {
  return isProven(subtask) && subtask.lastError !== null;
}
