/** `ic subtask hand-over`: agents of another kind continue the work on a subtask. */
import { SUBTASK_OPERATIONS } from '../../../contract/operations/subtasks';
import type { CliCommand, CliContext } from '../../command/command';
import type { HostParts } from '../../operations/host';
import { operationCommands } from '../../operations/operationCommand';

const command = operationCommands<'subtasks.handOver'>({
  declarations: SUBTASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/subtasks.js')).subtaskOperations,
});

const around = async <T>(context: CliContext, work: (parts: HostParts) => Promise<T>): Promise<T> => {
  const { withDispatcher } = await import('../../dispatching/dispatcher.js');
  return await withDispatcher(context, (dispatcher) => work({ dispatcher }));
};

const handOver = command('subtasks.handOver', {
  summary: 'Let agents of another kind continue the work on a subtask that failed or waits for an account.',
  exits: {
    1: 'no such subtask, or agents of the kind are not allowed here',
    2: 'its agent is running, or it needs none',
  },
  around,
  help: { kind: { doc: 'Agent kind that continues', value: 'KIND' } },
  examples: ['ic subtask hand-over SUBTASK --to=codex-acp'],
  text: 'handed over',
});

export const SUBTASK_HAND_OVER_COMMANDS: readonly CliCommand[] = [handOver];
