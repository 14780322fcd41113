/** Token totals and budgets of runs (`docs/design/formats.md#tokens-and-budgets`). */
import { STATE_KEYS } from '../state/keys';
import { getState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import type { BudgetCheck, BudgetStatus, TokenTotals } from './model';
import { budgetLevel, warnThreshold } from './rules';
import { selectBudget, selectBudgeted, sumTokens } from './store';

const NO_TOKENS: TokenTotals = {
  inputTokens: 0,
  outputTokens: 0,
  cacheHits: 0,
  cacheHitsReported: false,
  totalTokens: 0,
};

/** What the dispatches of the run's scope have used so far; nothing for an unknown run. */
export function runTokens(r: Reader, runId: string): TokenTotals {
  return sumTokens(r, runId) ?? NO_TOKENS;
}

/** The budget state of the run; undefined where it is missing or has no budget. */
export function budgetStatus(r: Reader, runId: string): BudgetStatus | undefined {
  const budget = selectBudget(r, runId);
  if (budget === undefined) return undefined;
  const used = runTokens(r, runId).totalTokens;
  return {
    runId: budget.runId,
    budget: budget.tokens,
    used,
    usagePct: (used / budget.tokens) * 100,
    warnPct: budget.warnPct,
    level: budgetLevel(used, budget.tokens, budget.warnPct),
  };
}

/** The budget state of every active run with a budget, the oldest run first. */
export function activeBudgets(r: Reader): BudgetStatus[] {
  return selectBudgeted(r).flatMap(({ runId }) => budgetStatus(r, runId) ?? []);
}

/** The same, with what was crossed for the first time. That is stored, so the next check no longer reports it (Q11). */
export function checkBudget(u: Unit, runId: string): BudgetCheck | undefined {
  const check = budgetCheck(u, runId);
  if (check?.firstWarning === true) raiseFlag(u, STATE_KEYS.budgetWarning, check);
  if (check?.firstExceeded === true) raiseFlag(u, STATE_KEYS.budgetExceeded, check);
  return check;
}

/** The same without storing that it was reported: for a read-only record. */
export function budgetCheck(r: Reader, runId: string): BudgetCheck | undefined {
  const status = budgetStatus(r, runId);
  if (status === undefined) return undefined;
  const threshold = warnThreshold(status.budget, status.warnPct);
  const isReported = (key: string): boolean => getState(r, key, runId) !== undefined;
  return {
    ...status,
    firstWarning: threshold > 0 && status.used >= threshold && !isReported(STATE_KEYS.budgetWarning),
    firstExceeded: status.level === 'exceeded' && !isReported(STATE_KEYS.budgetExceeded),
  };
}

function raiseFlag(u: Unit, key: string, status: BudgetStatus): void {
  setState(u, { key, scopeId: status.runId, payload: JSON.stringify({ used: status.used }) });
  u.touched.run(status.runId);
}
