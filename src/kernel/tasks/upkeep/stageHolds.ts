/** How failed stages hold work, for leaders and views. */
import type { Reader } from '../../unit';
import type { Subtask } from '../record/model';
import { isHeld } from '../subtask/held';
import * as store from '../stage/stageFailureStore';
import type { StageFailure } from '../stage/stageFailureStore';
import { holdsWork, type StageName } from '../stage/stages';

export type { StageFailure } from '../stage/stageFailureStore';

export function findStageFailure(r: Reader, stage: StageName, subject: string): StageFailure | undefined {
  const failure = store.selectStageFailure(r, stage, subject);
  return failure && asOfNow(r, failure);
}

/** Stages that failed and have not succeeded since; oldest first. */
export function stageFailures(r: Reader): StageFailure[] {
  return store.selectStageFailures(r).map((failure) => asOfNow(r, failure));
}

/** Those of a task's planning, and of the named subtasks; oldest first. */
export function stageFailuresAmong(r: Reader, taskId: string, subtaskIds: readonly string[]): StageFailure[] {
  return store.selectStageFailuresAmong(r, taskId, subtaskIds).map((failure) => asOfNow(r, failure));
}

/** The largest difference between clocks of programs that share a record, in seconds. */
const CLOCKS_DIFFER = 60;

/** A failure in the future: the clock was set back since, and its next try is due now. */
function asOfNow({ now }: Reader, failure: StageFailure): StageFailure {
  const isSetBack = failure.lastAt > now + CLOCKS_DIFFER;
  return isSetBack && failure.nextAt !== null ? { ...failure, nextAt: Math.min(failure.nextAt, now) } : failure;
}

/** Until when a subject is held: a time, or until a person retries (null); undefined if it is not held. */
export function heldUntil(failures: readonly StageFailure[], subject: string): number | null | undefined {
  const holding = failures.filter((failure) => failure.subject === subject && holdsWork(failure.stage));
  const times = holding.map(({ nextAt }) => nextAt);
  if (times.length === 0) return undefined;
  return times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0));
}

/** The same for the work on a subtask, which an older version may have held without a stored failure. */
export function workHeldUntil(failures: readonly StageFailure[], subtask: Subtask): number | null | undefined {
  const until = heldUntil(failures, subtask.id);
  return until === undefined && isHeld(subtask) ? null : until;
}

/** Whether work that is held until then may continue. */
export function isDue({ now }: Pick<Reader, 'now'>, until: number | null | undefined): boolean {
  return until === undefined || (until !== null && until <= now);
}
