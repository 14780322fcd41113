/** Invariants of tasks after every transaction (`docs/design/tasks.md#invariants`), as far as rows show them. */
import { KernelError } from '../../errors/errors';
import { isComplete, kahnOrder } from '../../portfolio/graph';
import type { Run } from '../../run/record/model';
import { findRun } from '../../run/record/queries';
import type { Reader } from '../../unit';
import { listAgentRuns } from '../subtask/agentRuns';
import type { Subtask, Task } from '../record/model';
import { edgesOf, isWaiting, listTasks } from '../service';
import { listSubtasks } from '../subtask/subtasks';
import { TASK_PHASES } from '../record/taskRuns';

/** Sentences about violations; empty if there are none. The constraints of the tables ensure I1. */
export function taskRecordProblems(r: Reader): string[] {
  return listTasks(r).flatMap((task) => {
    try {
      const subtasks = listSubtasks(r, task.id);
      return [...taskProblems(r, task, subtasks), ...subtasks.flatMap((one) => subtaskProblems(r, task, one))];
    } catch (error) {
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      return [`task ${task.id} was not checked: ${error.message}`];
    }
  });
}

function taskProblems(r: Reader, task: Task, subtasks: readonly Subtask[]): string[] {
  const merged = subtasks.length > 0 && subtasks.every(({ status }) => status === 'MERGED');
  const edges = edgesOf(r, task);
  const ids = new Set<string>(subtasks.map(({ id }) => id));
  const run = findRun(r, task.runId);
  return [
    task.status === 'ACTIVE' && subtasks.length === 0 && `I4: task ${task.id} is ACTIVE without subtasks`,
    (task.status === 'DONE') !== merged && `I4: task ${task.id} is ${task.status}, all merged: ${merged}`,
    !isComplete(edges, kahnOrder(edges)) && `I7: subtasks of ${task.id} wait in a circle`,
    edges.some((edge) => !ids.has(edge.upstream)) && `I7: a subtask of ${task.id} waits for one of another task`,
    tooManyRuns(r, task, null),
    run === undefined && `task ${task.id} has no run`,
    run !== undefined && runProblem(task, run, subtasks),
  ].filter((problem) => problem !== false);
}

/** No agent works for a run that has ended; it keeps its phase, and completed work may still be merged. */
function runProblem(task: Task, run: Run, subtasks: readonly Subtask[]): string | false {
  const isOver = run.status === 'cancelled' || run.status === 'failed';
  if (!isOver) {
    const isThere = task.status === 'DONE' ? run.status === 'completed' : TASK_PHASES[task.status].includes(run.phase);
    return !isThere && `task ${task.id} is ${task.status} in ${run.phase}, its run ${run.status}`;
  }
  const isAtWork = task.status === 'PLANNING' || subtasks.some(({ status }) => status === 'IN_PROGRESS');
  return isAtWork && `there is work for ${task.id}, and its run is ${run.status}`;
}

function subtaskProblems(r: Reader, task: Task, subtask: Subtask): string[] {
  const waits = isWaiting(r, task, subtask);
  return [
    subtask.status === 'READY' && waits && `I6: ${subtask.id} is READY and waits`,
    subtask.blockedReason === 'DEPENDENCY' && !waits && `I6: ${subtask.id} waits for nothing`,
    subtask.status === 'IN_PROGRESS' && task.status !== 'ACTIVE' && `${subtask.id} is built, its task ${task.status}`,
    tooManyRuns(r, task, subtask),
  ].filter((problem) => problem !== false);
}

function tooManyRuns(r: Reader, task: Task, subtask: Subtask | null): string | false {
  const running = listAgentRuns(r, task.id, subtask?.id ?? null).filter(({ status }) => status === 'RUNNING');
  return running.length > 1 && `I5: ${running.length} agents work on ${subtask?.id ?? task.id}`;
}
