/** Operations on budgets of runs, portfolios and dispatches; a task's budget is that of its run. */
import * as z from 'zod';
import type { DispatchStanding } from '../../kernel/budget/reservation/dispatchStanding';
import type { BudgetStanding } from '../../kernel/budget/model';
import { setRunInput } from '../../kernel/run/model';

const id = z.string().min(1).max(128).optional();

/** Exactly one of the ids. */
const owner = { folder: z.string().min(1).optional(), runId: id, portfolioId: id, dispatchId: id };

/** In US dollars, to a millionth. */
export const costUsd = z.number().min(0.000_001).max(1_000_000);

export const BUDGET_OPERATIONS = {
  'budgets.get': z.strictObject(owner),
  /** Null takes a budget away, and what is left out stays. A dispatch has no warning. */
  'budgets.set': z.strictObject({
    ...owner,
    tokens: setRunInput.shape.tokenBudget,
    costUsd: costUsd.nullable().optional(),
    warnPct: setRunInput.shape.budgetWarnPct,
  }),
} as const;

export interface BudgetResults {
  /** Cost in micro-dollars: millionths of a US dollar. */
  'budgets.get': BudgetStanding | DispatchStanding;
  'budgets.set': BudgetStanding | DispatchStanding;
}
