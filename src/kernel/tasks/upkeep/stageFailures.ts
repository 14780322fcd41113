/** Handling of failed stages: the subject is held, fails, or uses up an attempt, in one transaction. */
import { storedReason } from '../../errors/reasons/storedReasons';
import { KernelError } from '../../errors/errors';
import type { ErrorClass } from '../../failure/errorClasses';
import { storableText } from '../../text/storableText';
import type { Reader, Unit } from '../../unit';
import { endAgentRun, listAgentRuns } from '../subtask/agentRuns';
import type { Subtask, Task } from '../record/model';
import { insertEvent, updateTaskPlanner } from '../record/store';
import { isHeld, isProven } from '../subtask/held';
import { agentFor } from '../subtask/neededAgent';
import { failSubtask, holdSubtask, reopenSubtask, resumePublishing, retrySubtask } from '../subtask/progress';
import { failPlanning, getProject, getTask, retryPlanning } from '../service';
import * as store from '../stage/stageFailureStore';
import type { StageFailure } from '../stage/stageFailureStore';
import { findStageFailure, heldUntil, stageFailures, workHeldUntil } from './stageHolds';
import { reactionTo } from '../stage/stageReactions';
import { holdsWork, STAGE_SPECS, STAGE_TRIES, type StageName } from '../stage/stages';
import { refused, refuseSubtask, refuseTask } from '../record/stateRefusals';
import { getSubtask } from '../subtask/subtasks';
import { changeSubtask, stateOf } from '../record/transition';

export interface FailedStage {
  readonly stage: StageName;
  readonly subject: string;
  readonly reason: string;
  readonly code: string | null;
  readonly failure: ErrorClass;
  /** When the failure named a time. */
  readonly passesAt: number | null;
  /** The dispatch whose session the next try continues. */
  readonly dispatchId?: string | null;
  /** Seconds to wait after a number of failures. */
  readonly pause: (tries: number) => number;
}

export type StageResult = 'held' | 'failed' | 'attempt';

const LONGEST_REASON = 10_000;

/** @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE` where its subject is no longer in progress */
export function failStage(u: Unit, failed: FailedStage): StageResult {
  const { stage, subject, failure, code } = failed;
  const reason = storableText(failed.reason, LONGEST_REASON);
  const known = store.selectStageFailure(u, stage, subject);
  const tries = (known?.tries ?? 0) + 1;
  const reaction = reactionTo(stage, failure, tries);
  if (reaction === 'fail' || reaction === 'attempt') {
    endWork(u, stage, subject, reason, reaction);
    store.deleteStageFailuresOf(u, subject);
    return reaction === 'fail' ? 'failed' : 'attempt';
  }
  refuseIdle(u, stage, subject);
  const nextAt = reaction === 'wait' ? null : (failed.passesAt ?? u.now + Math.ceil(failed.pause(tries)));
  const dispatchId = failed.dispatchId ?? null;
  const times = { tries, since: known?.since ?? u.now, lastAt: u.now, nextAt };
  store.upsertStageFailure(u, { stage, subject, ...ownersOf(u, stage, subject), reason, code, dispatchId, ...times });
  touch(u, stage, subject);
  if (STAGE_SPECS[stage].of === 'subtask') {
    explain(u, getSubtask(u, subject), reason, nextAt === null || failed.passesAt !== null || tries >= STAGE_TRIES);
  }
  return 'held';
}

/** A subject that has left the stage, by its own write or a person's, must not be held. */
function refuseIdle(r: Reader, stage: StageName, subject: string): void {
  if (!holdsWork(stage)) return;
  const isTask = STAGE_SPECS[stage].of === 'task';
  const { id, status } = isTask ? getTask(r, subject) : getSubtask(r, subject);
  const wanted = isTask ? 'PLANNING' : 'IN_PROGRESS';
  if (status === wanted) return;
  throw new KernelError('TASK_STATE', { what: isTask ? 'task' : 'subtask', id, state: status, wanted });
}

/** Stores the reason in the row of a held subtask. Proven work is shown to a person once retries do not help. */
function explain(u: Unit, subtask: Subtask, reason: string, needsPerson: boolean): void {
  if (subtask.status !== 'IN_PROGRESS') return;
  if (!isProven(subtask)) changeSubtask(u, getTask(u, subtask.taskId), subtask, { lastError: reason });
  else if (needsPerson) holdSubtask(u, subtask.id, reason);
}

function endWork(u: Unit, stage: StageName, subject: string, reason: string, reaction: 'fail' | 'attempt'): void {
  const subtask = STAGE_SPECS[stage].of === 'subtask' ? getSubtask(u, subject) : null;
  const task = getTask(u, subtask?.taskId ?? subject);
  const running = listAgentRuns(u, task.id, subtask?.id ?? null).find(({ status }) => status === 'RUNNING');
  if (running !== undefined) endAgentRun(u, running.id, { status: 'FAILED', error: reason });
  if (subtask === null) {
    if (reaction === 'fail') failPlanning(u, task.id, reason);
  } else if (reaction === 'fail') failSubtask(u, subtask.id, reason);
  else reopenSubtask(u, subtask.id, reason);
}

function ownersOf(
  r: Reader,
  stage: StageName,
  subject: string,
): Pick<StageFailure, 'projectId' | 'taskId' | 'subtaskId'> {
  switch (STAGE_SPECS[stage].of) {
    case 'subtask': {
      const { id, taskId } = getSubtask(r, subject);
      return { projectId: null, taskId, subtaskId: id };
    }
    case 'task':
      return { projectId: null, taskId: getTask(r, subject).id, subtaskId: null };
    case 'project':
      return { projectId: getProject(r, subject).id, taskId: null, subtaskId: null };
    case 'folder':
      return { projectId: null, taskId: null, subtaskId: null };
  }
}

function touch(u: Unit, stage: StageName, subject: string): void {
  const { taskId } = ownersOf(u, stage, subject);
  if (taskId !== null) u.touched.run(getTask(u, taskId).runId);
  u.touched.rest();
}

/** The stage has succeeded. */
export function clearStageFailure(u: Unit, stage: StageName, subject: string): void {
  const known = store.selectStageFailure(u, stage, subject);
  if (known === undefined) return;
  store.deleteStageFailure(u, stage, subject);
  if (known.subtaskId !== null) {
    const subtask = getSubtask(u, known.subtaskId);
    const isOurs = subtask.lastError === known.reason && subtask.status === 'IN_PROGRESS';
    if (isOurs) changeSubtask(u, getTask(u, subtask.taskId), subtask, { lastError: null });
  }
  touch(u, stage, subject);
}

/** Retries the stage now. @throws KernelError `NOT_FOUND` where nothing failed */
export function retryStage(u: Unit, subject: string, stage: StageName | null = null): void {
  const failures = store.selectStageFailures(u).filter((failure) => failure.subject === subject);
  if (store.makeStageFailuresDue(u, subject, stage) === 0) {
    throw new KernelError('NOT_FOUND', { what: 'failed step', id: [stage, subject].filter(Boolean).join(' ') });
  }
  for (const failure of failures) touch(u, failure.stage, subject);
}

/**
 * A person retries a subtask: again after a failure, or now if it is held.
 * @throws KernelError `NOT_FOUND`, `STALE`; `TASK_STATE` where it neither failed nor is held
 */
export function retryWork(u: Unit, id: string): Subtask {
  const subtask = getSubtask(u, id);
  if (subtask.status !== 'IN_PROGRESS' || !isSubtaskHeld(u, subtask)) return retrySubtask(u, id);
  if (isHeld(subtask)) return resumePublishing(u, id);
  retryStage(u, id);
  return subtask;
}

/**
 * A person lets agents of another kind do the work from its next attempt on: again after a failure, or now if it waits.
 * @throws KernelError `NOT_FOUND`, `STALE`; `AGENT_RUNNING`; `TASK_STATE` where its next step needs no agent
 */
export function handOverWork(u: Unit, id: string, kind: string): Subtask {
  const subtask = getSubtask(u, id);
  const task = getTask(u, subtask.taskId);
  const state = stateOf(subtask);
  refuseRunning(u, task, subtask);
  if (state !== 'IN_PROGRESS' || agentFor(subtask) === null) refuseSubtask(id, state, 'retry');
  changeSubtask(u, task, subtask, { agentKind: kind });
  insertEvent(u, {
    taskId: task.id,
    subtaskId: subtask.id,
    from: state,
    to: state,
    reason: storedReason('handed over to {kind}', { kind }),
  });
  if (state === 'BLOCKED_FAILURE') return retrySubtask(u, id);
  store.makeStageFailuresDue(u, id, null);
  u.touched.rest();
  return getSubtask(u, id);
}

/**
 * As `handOverWork`, for the planning of a task.
 * @throws KernelError `NOT_FOUND`, `STALE`; `AGENT_RUNNING`; `TASK_STATE` where it has a plan, or its run has ended
 */
export function handOverPlan(u: Unit, id: string, kind: string): Task {
  const task = getTask(u, id);
  const { status } = task;
  refuseRunning(u, task, null);
  if (status !== 'PLANNING') refuseTask(id, status, 'plan');
  updateTaskPlanner(u, task.id, kind);
  const reason = storedReason('handed over to {kind}', { kind });
  insertEvent(u, { taskId: task.id, subtaskId: null, from: status, to: status, reason });
  if (status === 'PLANNING_FAILED') return retryPlanning(u, id);
  store.makeStageFailuresDue(u, id, null);
  u.touched.run(task.runId);
  u.touched.rest();
  return getTask(u, id);
}

/** Another agent must not work beside a running one. */
function refuseRunning(r: Reader, task: Task, subtask: Subtask | null): void {
  const running = listAgentRuns(r, task.id, subtask?.id ?? null).find(({ status }) => status === 'RUNNING');
  if (running === undefined) return;
  throw new KernelError('AGENT_RUNNING', { id: subtask?.id ?? task.id, attempt: running.attempt });
}

/**
 * Repeats the failed set-up of a worktree now, in the same worktree and without another attempt of an agent.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where it has not failed
 */
export function retrySetup(u: Unit, id: string): Subtask {
  const subtask = getSubtask(u, id);
  if (findStageFailure(u, 'setup', id) === undefined) {
    refuseSubtask(id, stateOf(subtask), 'setup');
    throw refused('subtask', id, subtask.status, 'setup', 'subtaskSetUp');
  }
  retryStage(u, id, 'setup');
  return subtask;
}

/** As `retryWork`, for the planning of a task. @throws as `retryWork` */
export function retryPlan(u: Unit, id: string): Task {
  const task = getTask(u, id);
  if (task.status !== 'PLANNING' || heldUntil(stageFailures(u), id) === undefined) return retryPlanning(u, id);
  retryStage(u, id);
  return task;
}

function isSubtaskHeld(r: Reader, subtask: Subtask): boolean {
  return workHeldUntil(stageFailures(r), subtask) !== undefined;
}
