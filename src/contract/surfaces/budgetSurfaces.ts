/** Where the operations on budgets are reached. */
import type { OperationName } from '../operations/api';
import type { Surface } from './surfaceModel';

export const BUDGET_SURFACES: { readonly [N in Extract<OperationName, `budgets.${string}`>]: Surface } = {
  'budgets.get': {
    effect: 'read',
    decides: 'anyone',
    about:
      'Where a run, a portfolio or a dispatch stands against its budget of tokens and cost: limit, used, reserved, estimated, how many dispatches told nothing, and for a task a forecast to finish.',
    command: { not: 'the views show it' },
    ic: 'budget show',
  },
  'budgets.set': {
    effect: 'change',
    decides: 'person',
    about:
      'Sets what a run, a portfolio or a dispatch at work may use, in tokens and in US dollars; null takes a budget away.',
    command: 'intercore.run.setBudget',
    ic: 'budget set',
  },
};
