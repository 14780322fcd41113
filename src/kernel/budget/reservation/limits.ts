/** Setting the budgets of runs; a task's budget is that of its run. */
import * as z from 'zod';
import { KernelError } from '../../errors/errors';
import { because } from '../../errors/reasons/problem';
import { parseInput } from '../../input';
import { setRunInput, type Run } from '../../run/record/model';
import { getRun } from '../../run/record/queries';
import { setRun } from '../../run/record/runs';
import type { Unit } from '../../unit';
import { updateCostLimit } from './reservationStore';
import { defined } from '../../defined';

const budgetInput = z.strictObject({
  /** Null removes the budget; an absent one is kept. */
  tokens: setRunInput.shape.tokenBudget,
  /** In micro-dollars. */
  cost: z.int().positive().nullable().optional(),
  warnPct: setRunInput.shape.budgetWarnPct,
});
export type BudgetInput = z.input<typeof budgetInput>;

/**
 * Sets the budgets of a run. A budget below current usage is allowed: no dispatch starts then, and running ones end as
 * at any limit.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `INVALID_ARGUMENT` also where there is nothing to set.
 */
export function setRunBudget(u: Unit, runId: string, input: BudgetInput): Run {
  const { tokens, cost, warnPct } = parseInput(budgetInput, input, 'budget');
  if (tokens === undefined && cost === undefined && warnPct === undefined) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'budget', problem: because('there is nothing to set') });
  }
  const { id, budgetWarnPct } = getRun(u, runId);
  // A change of the cost alone is a change of the run's settings too, with its event.
  const run = setRun(u, id, {
    budgetWarnPct: warnPct ?? budgetWarnPct,
    ...defined({ tokenBudget: tokens }),
  });
  if (cost !== undefined) updateCostLimit(u, id, cost);
  return run;
}
