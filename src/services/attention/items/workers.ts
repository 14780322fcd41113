/** Running agents in one folder: live dispatches, and tasks and subtasks whose next attempt is about to start. */
import { listDispatches } from '../../../kernel/dispatch/service';
import type { Dispatch } from '../../../kernel/dispatch/model';
import type { Reader } from '../../../kernel/unit';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun, Subtask, Task } from '../../../kernel/tasks/record/model';
import { tasksAtWork } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { readable } from './readable';

export interface Worker {
  /** Its live process, if any. */
  readonly dispatch: Dispatch | undefined;
  /** Its task or subtask, for a planner or worker. */
  readonly task: Task | undefined;
  readonly subtask: Subtask | undefined;
  /** Ended attempts of this round, newest first. */
  readonly ended: readonly AgentRun[];
}

export function workersOf(r: Reader): Worker[] {
  const live = new Map<string, Dispatch>(
    readable(r, () => listDispatches(r, { active: true }).dispatches, []).map((dispatch) => [dispatch.id, dispatch]),
  );
  const ofTasks = readable(r, () => taskWorkers(r), []).map(({ task, subtask, firstAttempt }): Worker => {
    const round = listAgentRuns(r, task.id, subtask?.id ?? null).filter(({ attempt }) => attempt >= firstAttempt);
    const running = round.find(({ status }) => status === 'RUNNING')?.dispatchId ?? '';
    const dispatch = live.get(running);
    live.delete(running);
    return { dispatch, task, subtask, ended: round.filter(({ status }) => status !== 'RUNNING') };
  });
  const others = [...live.values()].map((dispatch) => {
    return { dispatch, task: undefined, subtask: undefined, ended: [] };
  });
  return [...ofTasks, ...others];
}

interface TaskWorker extends Pick<Worker, 'subtask'> {
  readonly task: Task;
  readonly firstAttempt: number;
}

function taskWorkers(r: Reader): TaskWorker[] {
  return tasksAtWork(r).flatMap((task): TaskWorker[] => {
    if (task.status === 'PLANNING') return [{ task, subtask: undefined, firstAttempt: task.firstAttempt }];
    return readableSubtasks(r, task.id)
      .sound.filter(({ status }) => status === 'IN_PROGRESS')
      .map((subtask) => ({ task, subtask, firstAttempt: subtask.firstAttempt }));
  });
}
