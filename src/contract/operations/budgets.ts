/** Operations on budgets of runs, portfolios and dispatches. The budget of a task is that of its run. */
import * as z from 'zod';
import type { BudgetState } from '../../kernel/budget/model';
import type { DispatchBudgetState } from '../../kernel/budget/reservation/dispatchBudgetState';
import { setRunInput } from '../../kernel/run/record/model';
import { costLimit, folder, id, ofRun } from '../declarations/arguments';
import { operation, resultOf } from '../declarations/operation';
import { ACTIVE_RUN, IN_VIEW } from '../declarations/ways';

/** Exactly one of the ids. */
const owner = { folder, runId: id.optional(), portfolioId: id.optional(), dispatchId: id.optional() };

export const BUDGET_OPERATIONS = {
  'budgets.get': operation({
    args: z.strictObject(owner),
    /** Cost in micro-dollars: millionths of a US dollar. */
    result: resultOf<BudgetState | DispatchBudgetState>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'The token and cost budget of a run, a portfolio, or a dispatch: limit, used, reserved, estimated, the number of dispatches without reported usage, and for a task a forecast.',
    command: IN_VIEW,
    ic: 'budget show',
  }),
  /** Null removes a budget, and omitted ones are not changed. A dispatch has no warning. */
  'budgets.set': operation({
    args: z.strictObject({
      ...owner,
      tokens: setRunInput.shape.tokenBudget,
      costUsd: costLimit,
      warnPct: setRunInput.shape.budgetWarnPct,
    }),
    result: resultOf<BudgetState | DispatchBudgetState>(),
    effect: 'change',
    decides: 'person',
    about:
      'Sets the budget of a run, a portfolio, or a running dispatch, in tokens and in US dollars; null removes a budget.',
    command: {
      id: 'intercore.run.setBudget',
      title: 'Set Budget…',
      palette: ACTIVE_RUN,
      args: setRunInput
        .pick({ tokenBudget: true, budgetWarnPct: true })
        .extend({ ...ofRun, costBudgetUsd: costLimit })
        .partial(),
    },
    ic: 'budget set',
  }),
};
