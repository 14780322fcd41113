/** Where the operations on what waits for a person are reached. */
import type { OperationName } from '../operations/api';
import type { Surface } from './surfaceModel';

export const ATTENTION_SURFACES: { readonly [N in Extract<OperationName, `attention.${string}`>]: Surface } = {
  'attention.list': {
    effect: 'read',
    decides: 'anyone',
    about:
      'Lists what waits for a person: blocked gates with the reason, overrides asked for, failed plans and subtasks, work to merge, budgets, databases in trouble, stuck agents.',
    command: 'intercore.attention.show',
    ic: 'needs',
    core: true,
  },
};
