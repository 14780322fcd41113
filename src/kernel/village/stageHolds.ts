/** How work is held by stages that failed: what leaders and views read. */
import type { Reader } from '../unit';
import type { Subtask } from './model';
import { isHeld } from './progress';
import * as store from './stageFailureStore';
import type { StageFailure } from './stageFailureStore';
import { holdsWork, type StageName } from './stages';

export type { StageFailure } from './stageFailureStore';

export function findStageFailure(r: Reader, stage: StageName, subject: string): StageFailure | undefined {
  return store.selectStageFailure(r, stage, subject);
}

/** Stages that failed and have not succeeded since; oldest first. */
export function stageFailures(r: Reader): StageFailure[] {
  return store.selectStageFailures(r);
}

/** How a subject is held: until a time, or until a person retries (null); undefined where it is not. */
export function heldUntil(failures: readonly StageFailure[], subject: string): number | null | undefined {
  const holding = failures.filter((failure) => failure.subject === subject && holdsWork(failure.stage));
  const times = holding.map(({ nextAt }) => nextAt);
  if (times.length === 0) return undefined;
  return times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0));
}

/** The same for the work on a subtask, which may have been held by a version that kept no failures. */
export function workHeldUntil(failures: readonly StageFailure[], subtask: Subtask): number | null | undefined {
  const until = heldUntil(failures, subtask.id);
  return until === undefined && isHeld(subtask) ? null : until;
}

/** Whether what is held until then may go on. */
export function isDue({ now }: Pick<Reader, 'now'>, until: number | null | undefined): boolean {
  return until === undefined || (until !== null && until <= now);
}
