/** How a run's usage came about: what each of its dispatches counts for, in the order in which they ended. */
import type { Reader } from '../unit';
import type { Usage } from './model';
import { useOfDispatch } from './usage';
import { selectTimedUses } from './useStore';

export interface UsageStep {
  /** Unix seconds; null while it is at work. */
  readonly endedAt: number | null;
  readonly usage: Usage;
}

/** Of the run's dispatches and, for a portfolio, of its children's in this database. Together they are its usage. */
export function usageHistory(r: Reader, runId: string): UsageStep[] {
  return selectTimedUses(r, runId).map(({ endedAt, use }) => ({ endedAt, usage: useOfDispatch(use) }));
}
