/** Every subtask of the run's task is merged; the others are named. */
import { counted } from '../../errors/reasons/fill';
import type { TaskGateFacts } from '../../tasks/record/taskGateFacts';
import { verdict, type Check } from './check';

export const subtasksMerged: Check<TaskGateFacts['unmerged']> = {
  read: ({ task }) => task?.unmerged ?? { count: 0, first: [] },
  judge: ({ count, first }) => {
    const named = first.map(({ number, title, status }) => `${number}. ${title} (${status})`);
    const others = count > first.length ? [`and ${count - first.length} more`] : [];
    return verdict(count === 0, count, `${counted(count, 'subtasks')} not merged: ${[...named, ...others].join(', ')}`);
  },
};
