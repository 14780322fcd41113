/** `ic dispatch hand-over`: an agent of another kind continues the work of a dispatch. */
import { DISPATCH_OPERATIONS } from '../../../contract/operations/dispatches';
import type { handOverOperations } from '../../../services/operations/run/handOver';
import type { CliCommand } from '../../command/command';
import { aroundDispatcher } from '../../operations/aroundDispatcher';
import { operationCommands } from '../../operations/operationCommand';

const command = operationCommands<keyof typeof handOverOperations>({
  declarations: DISPATCH_OPERATIONS,
  load: async () => (await import('../../../services/operations/run/handOver.js')).handOverOperations,
});

const handOver = command('dispatches.handOver', {
  summary: 'Let an agent of another kind continue the work of a dispatch, which is ended first.',
  exits: {
    1: 'no such dispatch, or it has no prompt, or agents of the kind are not allowed here',
    2: 'the earlier agent cannot be ended, or its prompt was changed, or the agent cannot start',
  },
  around: aroundDispatcher,
  help: { kind: { doc: 'Agent kind that continues', value: 'KIND' } },
  examples: ['ic dispatch hand-over DISPATCH --to=codex-acp'],
  text: ({ id }, { out }) => out.line(id),
  json: ({ id }) => id,
});

export const HAND_OVER_COMMANDS: readonly CliCommand[] = [handOver];
