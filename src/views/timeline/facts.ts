/** What a timeline is made of: everything of one run that has a moment, read at once. */
import type { Dispatch } from '../../kernel/dispatch/model';
import { listDispatches } from '../../kernel/dispatch/service';
import type { BudgetStanding } from '../../kernel/budget/model';
import { usageHistory, type UsageStep } from '../../kernel/budget/history';
import { budgetStanding } from '../../kernel/budget/standing';
import type { PhaseEvent, Run } from '../../kernel/run/model';
import { phaseEvents } from '../../kernel/run/service';
import type { Artifact } from '../../kernel/tracking/model';
import { listArtifacts } from '../../kernel/tracking/service';
import type { Reader } from '../../kernel/unit';

export interface TimelineFacts {
  readonly run: Run;
  /** Oldest first. */
  readonly events: readonly PhaseEvent[];
  /** Of the run's scope, oldest first. */
  readonly dispatches: readonly Dispatch[];
  readonly artifacts: readonly Artifact[];
  readonly budget: BudgetStanding | undefined;
  /** What the budget's usage consists of. */
  readonly usage: readonly UsageStep[];
  /** Unix seconds. */
  readonly now: number;
}

export function readTimeline(r: Reader, run: Run, now: number): TimelineFacts {
  const { dispatches } = listDispatches(r, { scopeId: run.scopeId ?? run.id });
  return {
    run,
    events: phaseEvents(r, run.id),
    dispatches: [...dispatches].reverse().sort((one, other) => beginOf(one) - beginOf(other)),
    artifacts: [...listArtifacts(r, run.id)].sort((one, other) => one.createdAt - other.createdAt),
    budget: budgetStanding(r, run.id),
    usage: usageHistory(r, run.id),
    now,
  };
}

/** When it came to be at work, or waited to. */
export function beginOf({ startedAt, createdAt }: Dispatch): number {
  return startedAt ?? createdAt;
}
