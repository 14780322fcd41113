/** A forecast of what a task will still use, from the usage of its merged subtasks. Pure. */
import { medianOf } from './median';
import type { Forecast } from './model';

/** The usage of all attempts at one merged subtask. */
export interface SubtaskUse {
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
