/** What a timeline is made of: everything of one run that has a moment, read in steps. */
import type { LeftOutRow } from '../../kernel/db/rows';
import { mapped, readAmong, type Steps } from '../../host/turns';
import { usageIds, usageSteps, type UsageStep } from '../../kernel/budget/history';
import type { BudgetState } from '../../kernel/budget/model';
import { budgetStateWith } from '../../kernel/budget/budgetState';
import { NO_USAGE, plusUsage } from '../../kernel/budget/usage';
import type { Dispatch } from '../../kernel/dispatch/model';
import { decisionsAmong, type PermissionDecision } from '../../kernel/dispatch/decisions';
import { dispatchIdsOf, findDispatches } from '../../kernel/dispatch/service';
import type { PhaseEvent, Run } from '../../kernel/run/record/model';
import { phaseEventIds, phaseEventsAmong } from '../../kernel/run/record/queries';
import type { Artifact } from '../../kernel/tracking/model';
import { ARTIFACT_LIST } from '../../kernel/tracking/longLists';
import type { Reader, Sync } from '../../kernel/unit';
import type { ViewContext } from '../projections/viewContext';

export type TimelineContext = Pick<ViewContext, 'l10n' | 'words' | 'formats'>;

export interface TimelineFacts {
  readonly run: Run;
  /** Oldest first. */
  readonly events: readonly PhaseEvent[];
  /** Of the run's scope, oldest first. */
  readonly dispatches: readonly Dispatch[];
  /** About requests of their agents, oldest first. */
  readonly decisions: readonly PermissionDecision[];
  readonly artifacts: readonly Artifact[];
  readonly budget: BudgetState | undefined;
  /** What the budget's usage consists of. */
  readonly usage: readonly UsageStep[];
  /** Rows of the run that cannot be read. */
  readonly unreadable: readonly LeftOutRow[];
  /** Unix seconds. */
  readonly now: number;
}

/** Reads the database that holds the run. */
type Read = <T>(work: (reader: Reader) => Sync<T>) => T;

/** Which rows are read is fixed first, so what happens between two steps adds nothing to half of the timeline. */
export function* timelineFacts(read: Read, run: Run, now: number): Steps<TimelineFacts> {
  const ids = read((r) => ({
    mark: r.db.leftOut.mark,
    events: phaseEventIds(r, run.id),
    dispatches: dispatchIdsOf(r, run.scopeId ?? run.id).toReversed(),
    artifacts: ARTIFACT_LIST.keys(r, { runId: run.id }),
  }));
  yield;
  const uses = read((r) => usageIds(r, run.id));
  yield;
  const events = yield* readAmong(ids.events, (some) => read((r) => phaseEventsAmong(r, some)));
  const dispatches = yield* readAmong(ids.dispatches, (some) =>
    read((r) => inOrder(findDispatches(r, some).dispatches, some)),
  );
  const decisions = yield* readAmong(ids.dispatches, (some) => read((r) => decisionsAmong(r, some)));
  const artifacts = yield* readAmong(ids.artifacts, (some) => read((r) => ARTIFACT_LIST.at(r, some).sound));
  const usage = yield* readAmong(uses, (some) => read((r) => usageSteps(r, some)));
  let used = NO_USAGE;
  yield* mapped(usage, (step) => (used = plusUsage(used, step.usage)));
  const budget = read((r) => budgetStateWith(r, run.id, used));
  yield;
  return {
    run,
    events,
    dispatches: dispatches.sort((one, other) => beginOf(one) - beginOf(other)),
    decisions: decisions.sort((one, other) => one.decidedAt - other.decidedAt),
    artifacts,
    budget,
    usage,
    unreadable: read((r) => r.db.leftOut.since(ids.mark)),
    now,
  };
}

function inOrder(dispatches: readonly Dispatch[], ids: readonly string[]): Dispatch[] {
  const byId = new Map<string, Dispatch>(dispatches.map((dispatch) => [dispatch.id, dispatch]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** When it came to be running, or waited to. */
export function beginOf({ startedAt, createdAt }: Dispatch): number {
  return startedAt ?? createdAt;
}
