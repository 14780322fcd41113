/** The work of a leader in a record, and whether all remaining work needs a person. */
import { findRun } from '../../../kernel/run/record/queries';
import type { Reader } from '../../../kernel/unit';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { agentFor, plannerFor, type NeededAgent } from '../../../kernel/tasks/subtask/neededAgent';
import { listTasks } from '../../../kernel/tasks/service';
import { heldUntil, stageFailures, workHeldUntil, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { STAGE_TRIES } from '../../../kernel/tasks/stage/stages';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';

import type { NoRoom } from '../deps';

const no = (): boolean => false;

/** Subtasks of tasks whose workers start automatically. */
export function readyToStart(r: Reader): Subtask[] {
  return listTasks(r)
    .filter((task) => task.status === 'ACTIVE' && task.autoStart && findRun(r, task.runId)?.status === 'active')
    .flatMap((task) => readableSubtasks(r, task.id).sound)
    .filter(({ status }) => status === 'READY');
}

/** Which work only a person can continue, beyond what the record shows. */
export interface OpenWorkView {
  /** Whether agents start only after a person resumes their account; defaults to none. */
  readonly isStopped?: (needs: NeededAgent) => boolean;
  /** Whether the agent of a dispatch waits for a person; defaults to none. */
  readonly isWaiting?: IsWaiting;
  /** Tasks and subtasks whose agents a limit keeps from starting until a person acts; defaults to none. */
  readonly blocked?: ReadonlySet<string>;
}

/** Whether a limit that refused the start of an agent has no room before a person acts. */
export type IsBlocked = (noRoom: NoRoom) => boolean;

/** Whether the agent of a dispatch waits for a person: for an answer, or because it is paused. */
export type IsWaiting = (dispatchId: string) => boolean;

/** Tasks and subtasks with a running agent, each with whether that agent waits for a person. */
export function runningWork(r: Reader, isWaiting: IsWaiting): ReadonlyMap<string, boolean> {
  return new Map<string, boolean>(
    runningAgentRuns(r).map(({ subtaskId, taskId, dispatchId }) => [
      subtaskId ?? taskId,
      dispatchId !== null && isWaiting(dispatchId),
    ]),
  );
}

/** Whether an agent runs that waits for no person, or a leader would start one now or after a delay. */
export function hasOpenWork(r: Reader, { isStopped = no, isWaiting = no, blocked }: OpenWorkView = {}): boolean {
  const running = runningWork(r, isWaiting);
  if ([...running.values()].includes(false) || readyToStart(r).length > 0) return true;
  const failures = stageFailures(r);
  const isOpen = (id: string): boolean => !running.has(id) && blocked?.has(id) !== true;
  return listTasks(r).some((task) => {
    const { id, status } = task;
    if (status === 'PLANNING')
      return isOpen(id) && !isStopped(plannerFor(task)) && goesOn(failures, id, heldUntil(failures, id));
    const inProgress = readableSubtasks(r, id).sound.filter(
      (subtask) => subtask.status === 'IN_PROGRESS' && isOpen(subtask.id),
    );
    return inProgress.some(
      (subtask) => !isStopped(agentFor(subtask)) && goesOn(failures, subtask.id, workHeldUntil(failures, subtask)),
    );
  });
}

/** Work that has failed so often that it is shown to a person is still retried, but programs should not wait for it. */
function goesOn(failures: readonly StageFailure[], subject: string, until: number | null | undefined): boolean {
  if (until === undefined || until === null) return until === undefined;
  return failures.every((failure) => failure.subject !== subject || failure.tries < STAGE_TRIES);
}
