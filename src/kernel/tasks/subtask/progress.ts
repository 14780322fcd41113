/** The steps of a subtask from ready to merged (`docs/design/tasks.md#attempts`), one transaction each. */
import { storedReason } from '../../errors/reasons/storedReasons';
import { KernelError } from '../../errors/errors';
import type { RefName, Sha } from '../../text/gitNames';
import { getRun } from '../../run/record/queries';
import { advanceRun } from '../../run/advance';
import type { Unit } from '../../unit';
import type { AgentRun, Proof, Stage, Subtask, Task } from '../record/model';
import { isHeld, isProven } from './held';
import { getTask } from '../service';
import { deleteStageFailuresOf } from '../stage/stageFailureStore';
import { insertEvent, selectAgentRuns } from '../record/store';
import { deleteSubtask } from '../record/subtaskStore';
import { countSubtasks, getSubtask, neighborsOf, reconsider, refuseStarted } from './subtasks';
import { refused, refuseEndedWork, refuseSubtask, subtaskRefusal, type SubtaskAction } from '../record/stateRefusals';
import { changeSubtask, enterSubtaskState, enterTaskStatus, stateOf } from '../record/transition';

/**
 * Starts work. The program that leads the folder creates the worktree. Of two concurrent starts one is refused (D31).
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where it is not ready; `STALE`.
 */
export function startSubtask(u: Unit, id: string): Subtask {
  return begin(u, id, 'READY');
}

/**
 * Starts work again after a failure, on the existing branch.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where it has not failed; `STALE`.
 */
export function retrySubtask(u: Unit, id: string): Subtask {
  return begin(u, id, 'BLOCKED_FAILURE');
}

function begin(u: Unit, id: string, from: 'READY' | 'BLOCKED_FAILURE'): Subtask {
  const subtask = getSubtask(u, id);
  const state = stateOf(subtask);
  const task = getTask(u, subtask.taskId);
  const action = from === 'READY' ? 'start' : 'retry';
  refuseSubtask(id, state, action);
  refuseEnded(u, subtask, task, action);
  const firstAttempt = (selectAgentRuns(u, task.id, subtask.id)[0]?.attempt ?? 0) + 1;
  // A claim or a failure of an earlier round does not apply to this one.
  const changes = {
    stage: 'prepare',
    firstAttempt,
    lastError: null,
    failedAt: null,
    ...UNCLAIMED,
    ...UNPROVEN,
  } as const;
  enterSubtaskState(u, task, subtask, { to: 'IN_PROGRESS', changes });
  return getSubtask(u, id);
}

/** Refuses work for a task or a run that has ended. @throws KernelError `TASK_STATE` */
function refuseEnded(u: Unit, { id }: Subtask, task: Task, action: SubtaskAction): void {
  refuseEndedWork(id, task.status, getRun(u, task.runId).status, action);
}

/** The worktree and branch of a worker. */
export interface Workplace {
  readonly branchName: RefName;
  /** Absolute. */
  readonly worktreePath: string;
  readonly baseSha: Sha;
}

/** The worktree exists: agents can start. @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE` */
export function placeSubtask(u: Unit, id: string, workplace: Workplace): Subtask {
  const { subtask, task } = inProgress(u, id);
  changeSubtask(u, task, subtask, { ...workplace, stage: 'agent' });
  return getSubtask(u, id);
}

/** Withdraws an attempt, so that it is not counted: its event has the reason, and its dispatch is kept. */
export function noteWithdrawn(u: Unit, { taskId, subtaskId, attempt }: AgentRun, problem: string): void {
  const state = subtaskId === null ? getTask(u, taskId).status : stateOf(getSubtask(u, subtaskId));
  const reason = storedReason('attempt {attempt} is not counted: {problem}', { attempt, problem });
  insertEvent(u, { taskId, subtaskId, from: state, to: state, reason });
}

const UNCLAIMED = { closedAt: null, closeReason: null };
const UNPROVEN = { provenSha: null, provenAt: null, provenWhere: null, decidingFiles: [], mergeSha: null };

/**
 * Moves to the next stage. Only a proof leads to `push`: see `recordProof`.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE`
 */
export function enterStage(u: Unit, id: string, stage: Exclude<Stage, 'push'>): Subtask {
  const { subtask, task } = inProgress(u, id);
  changeSubtask(u, task, subtask, { stage });
  return getSubtask(u, id);
}

/** The work is proven: exactly this commit is published and merged. @throws as `enterStage` */
export function recordProof(u: Unit, id: string, { commit, where, decidingFiles }: Proof): Subtask {
  const { subtask, task } = inProgress(u, id);
  changeSubtask(u, task, subtask, {
    stage: 'push',
    lastError: null,
    mergeSha: null,
    provenSha: commit,
    provenAt: u.now,
    provenWhere: where,
    decidingFiles,
  });
  return getSubtask(u, id);
}

/**
 * The proof no longer holds, for example because the branch moved: the work is proven again before it is published or
 * merged. @throws KernelError `NOT_FOUND`, `STALE`; `TASK_STATE` where it is neither proven nor completed.
 */
export function withdrawProof(u: Unit, id: string, reason: string): Subtask {
  const subtask = getSubtask(u, id);
  const task = getTask(u, subtask.taskId);
  const changes = { stage: 'verify', lastError: reason, ...UNPROVEN } as const;
  refuseEnded(u, subtask, task, 'work');
  if (subtask.status === 'COMPLETED') enterSubtaskState(u, task, subtask, { to: 'IN_PROGRESS', changes, reason });
  else if (isProven(subtask)) changeSubtask(u, task, subtask, changes);
  else
    throw (
      subtaskRefusal(id, stateOf(subtask), 'work') ??
      refused('subtask', id, stateOf(subtask), 'work', 'subtaskUnproven')
    );
  return getSubtask(u, id);
}

/**
 * Records the commit that our merge is about to move the base branch to, so that our merge is recognized after a crash.
 * @throws as `recordPullRequest`
 */
export function announceMerge(u: Unit, id: string, mergeSha: Sha): Subtask {
  const subtask = getSubtask(u, id);
  refuseSubtask(id, stateOf(subtask), 'merge');
  changeSubtask(u, getTask(u, subtask.taskId), subtask, { mergeSha });
  return getSubtask(u, id);
}

/**
 * The work is proven but could not be published: it is held, with the reason, until a person resumes it (D3). @throws
 * as `enterStage`; `TASK_STATE` also where its work is not proven.
 */
export function holdSubtask(u: Unit, id: string, problem: string): Subtask {
  const { subtask, task } = inProgress(u, id);
  if (!isProven(subtask)) throw refused('subtask', id, stateOf(subtask), 'work', 'subtaskUnproven');
  changeSubtask(u, task, subtask, { lastError: problem });
  return getSubtask(u, id);
}

/**
 * Publishes a held subtask again, from the step that failed. @throws as `enterStage`; `TASK_STATE` where it is not held
 */
export function resumePublishing(u: Unit, id: string): Subtask {
  const { subtask, task } = heldSubtask(u, id);
  deleteStageFailuresOf(u, subtask.id);
  changeSubtask(u, task, subtask, { lastError: null });
  return getSubtask(u, id);
}

/** Completes a held subtask without a pull request, by a person's decision. @throws as `resumePublishing` */
export function completeWithoutPullRequest(u: Unit, id: string): Subtask {
  const { subtask } = heldSubtask(u, id);
  return completeSubtask(u, subtask.id, { pullRequest: null, problem: subtask.lastError ?? '' });
}

function heldSubtask(u: Unit, id: string): { subtask: Subtask; task: Task } {
  const found = inProgress(u, id, 'resume');
  if (isHeld(found.subtask)) return found;
  throw refused('subtask', id, stateOf(found.subtask), 'resume', 'subtaskRunning');
}

/** The work is not done although the agent reported it: the claim is removed. @throws as `enterStage` */
export function reopenSubtask(u: Unit, id: string, problem: string): Subtask {
  const { subtask, task } = inProgress(u, id);
  changeSubtask(u, task, subtask, { stage: 'agent', lastError: problem, ...UNCLAIMED, ...UNPROVEN });
  return getSubtask(u, id);
}

/** Attempts are used up, or a person stopped it. The reason is stored and shown. @throws as `enterStage` */
export function failSubtask(u: Unit, id: string, reason: string): Subtask {
  const { subtask, task } = inProgress(u, id, 'stop');
  const changes = { stage: null, lastError: reason, failedAt: u.now };
  enterSubtaskState(u, task, subtask, { to: 'BLOCKED_FAILURE', changes, reason });
  return getSubtask(u, id);
}

/** The result of landing: no pull request for a local project, or if opening one failed, with the reason. */
export interface Landed {
  readonly pullRequest: { readonly url: string; readonly number: number } | null;
  readonly problem?: string;
}

/** The work is done and checked. @throws as `enterStage` */
export function completeSubtask(u: Unit, id: string, landed: Landed): Subtask {
  const { subtask, task } = inProgress(u, id);
  enterSubtaskState(u, task, subtask, { to: 'COMPLETED', changes: { stage: null, ...landedChanges(landed) } });
  return getSubtask(u, id);
}

/** A pull request was opened later (D3). @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE` */
export function recordPullRequest(u: Unit, id: string, landed: Landed): Subtask {
  const subtask = getSubtask(u, id);
  refuseSubtask(id, stateOf(subtask), 'publish');
  changeSubtask(u, getTask(u, subtask.taskId), subtask, landedChanges(landed));
  return getSubtask(u, id);
}

function landedChanges({ pullRequest, problem }: Landed): Pick<Subtask, 'prUrl' | 'prNumber' | 'lastError'> {
  return { prUrl: pullRequest?.url ?? null, prNumber: pullRequest?.number ?? null, lastError: problem ?? null };
}

/** Merging completed work into its base branch failed; the problem is kept until it is merged. Throws as above. */
export function recordLandingProblem(u: Unit, id: string, problem: string): Subtask {
  const subtask = getSubtask(u, id);
  refuseSubtask(id, stateOf(subtask), 'merge');
  changeSubtask(u, getTask(u, subtask.taskId), subtask, { lastError: problem });
  return getSubtask(u, id);
}

export interface MergeOutcome {
  readonly subtask: Subtask;
  /** Subtasks that were waiting only for this one. */
  readonly unblocked: readonly Subtask[];
  /** It was the last subtask: the task is done. */
  readonly taskDone: boolean;
}

/**
 * The work is merged; `remark` says how it differs from the proven work. Unblocks its dependents and ends the task with
 * its last subtask, all in one transaction (I8).
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE`
 */
export function mergeSubtask(u: Unit, id: string, remark: string | null = null): MergeOutcome {
  const subtask = getSubtask(u, id);
  const task = getTask(u, subtask.taskId);
  refuseSubtask(id, stateOf(subtask), 'merge');
  const { dependents } = neighborsOf(u, subtask);
  enterSubtaskState(u, task, subtask, {
    to: 'MERGED',
    changes: { mergedAt: u.now, lastError: remark },
    ...(remark === null ? {} : { reason: remark }),
  });
  const freed = dependents.filter((dependent) => reconsider(u, task, getSubtask(u, dependent)));
  const taskDone = finishTask(u, task);
  return { subtask: getSubtask(u, id), unblocked: freed.map((one) => getSubtask(u, one)), taskDone };
}

/**
 * Removes a subtask that has not started from the plan. Subtasks that waited only for it become ready; if all others
 * are merged, the task is done.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE`, also for the only subtask of an active task.
 */
export function removeSubtask(u: Unit, id: string): void {
  const subtask = getSubtask(u, id);
  const task = getTask(u, subtask.taskId);
  refuseStarted(subtask);
  if (task.status === 'ACTIVE' && countSubtasks(u, task.id).all === 1) {
    throw refused('subtask', id, stateOf(subtask), 'edit', 'subtaskOnly');
  }
  const { dependents } = neighborsOf(u, subtask);
  deleteSubtask(u, subtask.id);
  u.touched.run(task.runId);
  for (const dependent of dependents) reconsider(u, task, getSubtask(u, dependent));
  if (task.status === 'ACTIVE') finishTask(u, task);
}

/** Its worktree is gone. @throws KernelError `NOT_FOUND`, `STALE` */
export function forgetWorktree(u: Unit, id: string): Subtask {
  const subtask = getSubtask(u, id);
  changeSubtask(u, getTask(u, subtask.taskId), subtask, { worktreePath: null });
  return getSubtask(u, id);
}

/** Ends the task and advances its run through the remaining phases, if every subtask is merged. */
export function finishTask(u: Unit, task: Task): boolean {
  const { all, merged } = countSubtasks(u, task.id);
  if (merged < all) return false;
  enterTaskStatus(u, task, 'DONE');
  for (;;) {
    const run = getRun(u, task.runId);
    if (run.status !== 'active') return true;
    const { advanced, toPhase, conditions } = advanceRun(u, run.id, {
      tier: 'hard',
      skipReason: storedReason('every subtask merged'),
    });
    if (advanced) continue;
    const open = conditions.find(({ result }) => result === 'fail');
    const problem = `its run cannot enter ${toPhase}: ${open?.detail ?? open?.check ?? 'it does not advance automatically'}`;
    throw new KernelError('TASK_STATE', { what: 'task', id: task.id, state: problem, wanted: 'DONE' });
  }
}

function inProgress(u: Unit, id: string, action: SubtaskAction = 'work'): { subtask: Subtask; task: Task } {
  const subtask = getSubtask(u, id);
  refuseSubtask(id, stateOf(subtask), action);
  return { subtask, task: getTask(u, subtask.taskId) };
}
