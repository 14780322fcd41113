/** The budget state of runs, for every surface that shows it (`docs/design/formats.md#tokens-and-budgets`, Q11). */
import type { RunId } from '../ids';
import type { Reader } from '../unit';
import type { BudgetLevel, BudgetState, Forecast, Gauge, MeasureUse, Usage } from './model';
import { budgetLevel, medianOf } from './rules';
import { NO_USAGE, usageOf, useOfDispatch, type DispatchUse } from './usage';
import {
  countRemaining,
  selectLimited,
  selectLimitedAmong,
  selectLimits,
  selectMergedUses,
  selectUseGroups,
  type RunLimits,
} from './useStore';
import { defined } from '../defined';

/** Undefined where there is no such run. A run without a budget has gauges without limits. */
export function budgetState(r: Reader, runId: string): BudgetState | undefined {
  return budgetStateWith(r, runId, runUsage(r, runId));
}

/** The same where the usage has been counted already. */
export function budgetStateWith(r: Reader, runId: string, usage: Usage): BudgetState | undefined {
  const limits = selectLimits(r, runId);
  return limits && budgetStateOf(limits, usage, forecastOf(r, runId));
}

/** The same without a forecast: all that the level of a budget needs. */
export function budgetUse(r: Reader, runId: string): BudgetState | undefined {
  const limits = selectLimits(r, runId);
  if (limits === undefined) return undefined;
  const isLimited = limits.tokens !== null || limits.cost !== null;
  return budgetStateOf(limits, isLimited ? runUsage(r, runId) : NO_USAGE);
}

/** Active runs with a budget, the oldest first. */
export function limitedRuns(r: Reader): RunId[] {
  return selectLimited(r);
}

/** Those of the named runs that have a budget. */
export function limitedAmong(r: Reader, runIds: readonly string[]): ReadonlySet<string> {
  return new Set(selectLimitedAmong(r, runIds));
}

/** The same for a run that has a budget; undefined, and nothing counted, for any other. */
export function limitedBudgetState(r: Reader, runId: string): BudgetState | undefined {
  const limits = selectLimits(r, runId);
  return limits === undefined || (limits.tokens === null && limits.cost === null) ? undefined : budgetState(r, runId);
}

/** Of the run's dispatches and, for a portfolio, of its children's in this database. */
export function runUsage(r: Reader, runId: string): Usage {
  return usageOf(selectUseGroups(r, runId));
}

/** Usage against limits, wherever the usage was counted. */
export function budgetStateOf({ runId, ...limits }: RunLimits, usage: Usage, forecast?: Forecast): BudgetState {
  return {
    runId,
    ...gaugesOf(limits, usage),
    warnPct: limits.warnPct,
    ...defined({ forecast }),
  };
}

/** Usage against the limits of a run or a dispatch; `level` is the worse of the two. */
export function gaugesOf(
  { tokens, cost, warnPct }: Pick<RunLimits, 'tokens' | 'cost' | 'warnPct'>,
  usage: Usage,
): Pick<BudgetState, 'tokens' | 'cost' | 'level'> {
  const gauges = { tokens: gauge(tokens, usage.tokens, warnPct), cost: gauge(cost, usage.cost, warnPct) };
  return { ...gauges, level: worse(gauges.tokens.level, gauges.cost.level) };
}

/** A forecast of what the run's task will still use; undefined without a task, or without merged subtasks. */
export function forecastOf(r: Reader, runId: string): Forecast | undefined {
  const remaining = countRemaining(r, runId);
  if (remaining === 0) return undefined;
  const merged = new Map<string, DispatchUse[]>();
  for (const { subtaskId, use } of selectMergedUses(r, runId)) {
    merged.set(subtaskId, [...(merged.get(subtaskId) ?? []), use]);
  }
  return forecastToFinish(remaining, [...merged.values()].map(subtaskUse));
}

function subtaskUse(attempts: readonly DispatchUse[]): SubtaskUse {
  const uses = attempts.map(useOfDispatch);
  return {
    tokens: uses.reduce((sum, { tokens }) => sum + tokens.used, 0),
    cost: uses.some(({ cost }) => cost.unknown > 0) ? null : uses.reduce((sum, { cost }) => sum + cost.used, 0),
  };
}

function gauge(limit: number | null, use: MeasureUse, warnPct: number): Gauge {
  return { limit, ...use, level: limit === null ? 'ok' : budgetLevel(use.used, limit, warnPct) };
}

function worse(one: BudgetLevel, other: BudgetLevel): BudgetLevel {
  if (one === 'exceeded' || other === 'exceeded') return 'exceeded';
  return one === 'warning' || other === 'warning' ? 'warning' : 'ok';
}

/** The usage of all attempts at one merged subtask. */
interface SubtaskUse {
  readonly tokens: number;
  /** In micro-dollars; null where some attempt's cost is unknown. */
  readonly cost: number | null;
}

/** Undefined where nothing remains, and where no subtask is merged yet. */
export function forecastToFinish(remaining: number, merged: readonly SubtaskUse[]): Forecast | undefined {
  const tokens = medianOf(merged.map((subtask) => subtask.tokens));
  if (remaining === 0 || tokens === undefined) return undefined;
  const cost = medianOf(merged.flatMap((subtask) => subtask.cost ?? []));
  return {
    remaining,
    samples: merged.length,
    tokens: remaining * tokens,
    cost: cost === undefined ? null : remaining * cost,
  };
}
