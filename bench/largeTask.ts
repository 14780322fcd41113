/** A record with one task of 2,000 subtasks in all states. */
import type { Task } from '../src/kernel/tasks/record/model';
import { failSubtask } from '../src/kernel/tasks/subtask/progress';
import { acceptPlan } from '../src/kernel/tasks/service';
import { addSubtask } from '../src/kernel/tasks/subtask/subtasks';
import { begin } from '../test/support/views/boardStage';
import type { TestFolder } from '../test/support/records/viewFixture';
import { aTask } from '../test/support/tasks/taskRecord';

export const SUBTASKS = 2000;

/** The ids of the subtasks that are ready. */
export function largeTask(folder: TestFolder): string[] {
  return folder.write((u) => {
    const task: Task = aTask(u);
    const texts = { spec: 'Late parcels are announced.', implementationPlan: '1. Announce them.' };
    const made = Array.from({ length: SUBTASKS }, (_, n) =>
      addSubtask(u, { taskId: task.id, title: `Part ${n + 1} of the work on late parcels`, ...texts }),
    );
    acceptPlan(u, task.id, { path: 'plan.md' });
    const isStarted = (n: number): boolean => n % 2 === 1;
    for (const subtask of made.filter((_, n) => isStarted(n))) {
      const ending = (['running', 'succeeded', 'failed'] as const)[subtask.number % 3] ?? 'running';
      begin(u, subtask, ending);
      if (ending === 'failed') failSubtask(u, subtask.id, 'The tests fail: expected one mail, but it was sent twice');
    }
    return made.filter((_, n) => !isStarted(n)).map(({ id }) => id);
  });
}
