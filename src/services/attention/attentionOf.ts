/** All that waits for a person in one folder, as a pure function of its record and of what was seen around it. */
import type { AttentionItem } from '../../contract/attention';
import type { VillageStanding } from '../../contract/village';
import type { Reader } from '../../kernel/unit';
import type { KernelState } from '../kernelState';
import { agentCases, type AgentView } from './agentCases';
import { databaseCases } from './databaseCases';
import { itemOf } from './item';
import { runCases, type GateView } from './runCases';
import { taskCases } from './taskCases';

export interface AttentionFacts {
  readonly state: KernelState;
  readonly gates: GateView;
  readonly agents: AgentView;
  /** Who makes agents work on the folder's tasks. */
  readonly standing: VillageStanding;
}

/** `reader` is undefined where the record cannot be read. Blocking items first, then the oldest. */
export function attentionOf(reader: Reader | undefined, folder: string, facts: AttentionFacts): AttentionItem[] {
  const cases = [
    ...databaseCases(folder, facts.state),
    ...(reader === undefined
      ? []
      : [
          ...runCases(reader, facts.gates),
          ...taskCases(reader, facts.standing === 'forbidden'),
          ...agentCases(reader, facts.agents),
        ]),
  ];
  return byUrgency(cases.map((found) => itemOf(folder, found)));
}

/** What does not tell since when comes first among its like: a database, a budget. */
export function byUrgency(items: readonly AttentionItem[]): AttentionItem[] {
  return [...items].sort((a, b) => rank(a) - rank(b) || (a.since ?? 0) - (b.since ?? 0));
}

function rank({ severity }: AttentionItem): number {
  return severity === 'blocking' ? 0 : 1;
}
