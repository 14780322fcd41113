/** The items of one folder, as a pure function of its record and of the observations around it. */
import { ATTENTION, type AttentionItem } from '../../contract/results/attention';
import type { LeaderState } from '../../contract/results/tasks';
import type { Reader } from '../../kernel/unit';
import type { KernelState } from '../record/kernelState';
import type { UnrecordedFailure } from '../record/unrecordedFailures';
import { agentItems, type AgentView } from './items/agentItems';
import { databaseItems } from './items/databaseItems';
import { heldItems, type HeldView } from './items/heldItems';
import { itemOf } from './items/item';
import type { GateView } from './items/runItems';
import { stageItems } from './items/stageItems';
import { needsOf, runsInQuestion, type RunNeeds } from './runNeeds';
import { consentItems } from './items/taskItems';

export interface AttentionFacts {
  readonly state: KernelState;
  readonly gates: GateView;
  readonly agents: AgentView;
  readonly held: HeldView;
  /** Failures that the record could not store. */
  readonly unrecorded: readonly UnrecordedFailure[];
  /** The leader of the folder's tasks. */
  readonly leaderState: LeaderState;
}

/** `reader` is undefined if the record cannot be read. Blocking items first, then the oldest. */
export function attentionOf(reader: Reader | undefined, folder: string, facts: AttentionFacts): AttentionItem[] {
  if (reader === undefined) return byUrgency(itemsAround(reader, folder, facts, []));
  const runs = [...runsInQuestion(reader)].flatMap((id) => needsOf(reader, id, folder, facts.gates) ?? []);
  return byUrgency([...itemsAround(reader, folder, facts, runs), ...runs.flatMap(({ items }) => items)]);
}

/** Items that belong to no single run: the database, consent, running agents. Cheap to compute. */
export function itemsAround(
  reader: Reader | undefined,
  folder: string,
  facts: AttentionFacts,
  runs: Iterable<RunNeeds>,
): AttentionItem[] {
  const cases = [
    ...databaseItems(folder, facts.state),
    ...(reader !== undefined && facts.leaderState === 'forbidden'
      ? consentItems(reader, waitingIn(runs), facts.agents.seen.absent)
      : []),
    ...(reader === undefined
      ? []
      : [
          ...agentItems(reader, facts.agents),
          ...stageItems(reader, facts.unrecorded),
          ...heldItems(reader, facts.held),
        ]),
  ];
  return cases.map((found) => itemOf(folder, found));
}

function waitingIn(runs: Iterable<RunNeeds>): ReadonlySet<NonNullable<RunNeeds['waits']>> {
  return new Set([...runs].flatMap(({ waits }) => waits ?? []));
}

const KINDS = Object.keys(ATTENTION);

/** Within a severity, items without a time come first, such as a database or a budget. Ties have a fixed order. */
export function byUrgency(items: readonly AttentionItem[]): AttentionItem[] {
  return [...items].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.since ?? 0) - (b.since ?? 0) ||
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      (a.id < b.id ? -1 : Number(a.id > b.id)),
  );
}

function rank({ severity }: AttentionItem): number {
  return severity === 'blocking' ? 0 : 1;
}
