/** `ic task hand-over` and `ic subtask hand-over`: agents of another kind continue a plan, or the work on a subtask. */
import { SUBTASK_OPERATIONS } from '../../../contract/operations/subtasks';
import { TASK_OPERATIONS } from '../../../contract/operations/tasks';
import type { CliCommand } from '../../command/command';
import { aroundDispatcher } from '../../operations/aroundDispatcher';
import { operationCommands } from '../../operations/operationCommand';

const command = operationCommands<'subtasks.handOver'>({
  declarations: SUBTASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/subtasks.js')).subtaskOperations,
});

const plan = operationCommands<'tasks.handOver'>({
  declarations: TASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/tasks.js')).taskOperations,
});

const handOver = command('subtasks.handOver', {
  summary: 'Let agents of another kind continue the work on a subtask that failed or waits for an account.',
  exits: {
    1: 'no such subtask, or agents of the kind are not allowed here',
    2: 'its agent is running, or it needs none',
  },
  around: aroundDispatcher,
  help: { kind: { doc: 'Agent kind that continues', value: 'KIND' } },
  examples: ['ic subtask hand-over SUBTASK --to=codex-acp'],
  text: 'handed over',
});

const handOverPlan = plan('tasks.handOver', {
  summary: 'Let planners of another kind make the plan of a task that failed or waits for an account.',
  exits: {
    1: 'no such task, or agents of the kind are not allowed here',
    2: 'its planner is running, or it has a plan',
  },
  around: aroundDispatcher,
  help: { kind: { doc: 'Agent kind that continues', value: 'KIND' } },
  examples: ['ic task hand-over TASK --to=codex-acp'],
  text: 'handed over',
});

export const TASK_HAND_OVER_COMMANDS: readonly CliCommand[] = [handOverPlan];
export const SUBTASK_HAND_OVER_COMMANDS: readonly CliCommand[] = [handOver];
