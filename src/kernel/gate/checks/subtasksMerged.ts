/** Every subtask of the run's task is merged; the others are named. */
import { storedReason } from '../../errors/reasons/storedReasons';
import type { TaskGateFacts } from '../../tasks/record/taskGateFacts';
import { verdict, type Check } from './check';

export const subtasksMerged: Check<TaskGateFacts['unmerged']> = {
  read: ({ task }) => task?.unmerged ?? { count: 0, first: [] },
  judge: ({ count, first }) => {
    const named = first.map(({ number, title, status }) => `${number}. ${title} (${status})`);
    const others = count > first.length ? [`and ${count - first.length} more`] : [];
    const subtasks = [...named, ...others].join(', ');
    return verdict(count === 0, count, storedReason('{count} subtasks not merged: {subtasks}', { count, subtasks }));
  },
};
