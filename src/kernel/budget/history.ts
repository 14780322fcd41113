/** The usage of a run by dispatch, in the order in which the dispatches ended. */
import type { Reader } from '../unit';
import type { Usage } from './model';
import { useOfDispatch } from './usage';
import { selectTimedUses, selectUseIds } from './useStore';

export interface UsageStep {
  /** Unix seconds; null while it is running. */
  readonly endedAt: number | null;
  readonly usage: Usage;
}

/**
 * Ids of the run's dispatches and, for a portfolio, of its children's in this database, in the order in which they
 * ended. Their amounts add up to the usage of the run.
 */
export function usageIds(r: Reader, runId: string): readonly string[] {
  return selectUseIds(r, runId);
}

/** What the named dispatches count for, in the order in which they ended. */
export function usageSteps(r: Reader, dispatchIds: readonly string[]): UsageStep[] {
  return selectTimedUses(r, dispatchIds).map(({ endedAt, use }) => ({ endedAt, usage: useOfDispatch(use) }));
}
