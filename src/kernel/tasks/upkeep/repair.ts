/** Repairs records of tasks whose rows contradict each other: other programs wrote them, or an older version did. */
import { storedReason } from '../../errors/reasons/storedReasons';
import { KernelError } from '../../errors/errors';
import { findRun } from '../../run/record/queries';
import type { Unit } from '../../unit';
import { endAgentRun, listAgentRuns } from '../subtask/agentRuns';
import type { Subtask, Task } from '../record/model';
import { finishTask } from '../subtask/progress';
import { getTask, isWaiting, listTasks } from '../service';
import { getSubtask, listSubtasks, reconsider } from '../subtask/subtasks';
import { endTaskOfRun } from '../record/taskRuns';
import { enterSubtaskState } from '../record/transition';

/**
 * Repairs violations with only one solution (I3 to I6), and reports them. A task with an unreadable row is not changed.
 */
export function repairTasks(u: Unit): string[] {
  return listTasks(u).flatMap((task) => {
    if (!isReadable(u, task)) return [];
    const subtasks = listSubtasks(u, task.id);
    return [
      ...endExtraRuns(u, task, null),
      ...subtasks.flatMap((subtask) => endExtraRuns(u, task, subtask)),
      ...subtasks.flatMap((subtask) => settleWaiting(u, task, subtask)),
      ...endOfEndedRun(u, task),
      ...finishMerged(u, task),
    ];
  });
}

function isReadable(u: Unit, task: Task): boolean {
  try {
    for (const subtask of [null, ...listSubtasks(u, task.id)]) listAgentRuns(u, task.id, subtask?.id ?? null);
    return true;
  } catch (error) {
    if (!KernelError.is(error, 'ROW_INVALID')) throw error;
    return false;
  }
}

/** Of several running attempts, only the latest keeps running. */
function endExtraRuns(u: Unit, task: Task, subtask: Subtask | null): string[] {
  const [, ...extra] = listAgentRuns(u, task.id, subtask?.id ?? null).filter(({ status }) => status === 'RUNNING');
  for (const run of extra)
    endAgentRun(u, run.id, { status: 'CANCELLED', error: storedReason('another attempt ran beside it') });
  return extra.map((run) => `ended attempt ${run.attempt} at ${subtask?.id ?? task.id}`);
}

function settleWaiting(u: Unit, task: Task, subtask: Subtask): string[] {
  if (reconsider(u, task, subtask)) return [`freed ${subtask.id}, which waited for nothing`];
  if (subtask.status !== 'READY' || !isWaiting(u, task, subtask)) return [];
  enterSubtaskState(u, task, getSubtask(u, subtask.id), { to: 'BLOCKED_DEPENDENCY' });
  return [`${subtask.id} waits for what it depends on`];
}

/** No agent works for a run that has ended. */
function endOfEndedRun(u: Unit, task: Task): string[] {
  const status = findRun(u, task.runId)?.status;
  if (status === undefined || status === 'active' || status === 'completed') return [];
  const reason = status === 'failed' ? storedReason('run failed') : storedReason('run cancelled');
  return endTaskOfRun(u, task.runId, reason) ? [`ended the work of ${task.id}, whose run is ${status}`] : [];
}

function finishMerged(u: Unit, task: Task): string[] {
  const { status } = getTask(u, task.id);
  const hasWork = listSubtasks(u, task.id).length > 0;
  return status === 'ACTIVE' && hasWork && finishTask(u, getTask(u, task.id)) ? [`finished ${task.id}`] : [];
}
