/** What a task may still use until it is finished, from what its merged subtasks have used: pure. */
import { medianOf } from './median';
import type { Forecast } from './model';

/** What the attempts at one merged subtask have used, all together. */
export interface SubtaskUse {
  readonly tokens: number;
  /** In micro-dollars; null where some attempt's cost is unknown. */
  readonly cost: number | null;
}

/** Undefined where nothing remains or nothing is merged yet: there is nothing to go by then. */
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
