/** What waits for a person in a folder of the tests: the real projection over a real kernel in memory. */
import type { AttentionItem } from '../../../src/contract/results/attention';
import type { LeaderState } from '../../../src/contract/results/tasks';
import {
  NO_OBSERVATIONS,
  type AgentView,
  type AgentObservations,
} from '../../../src/services/attention/items/agentItems';
import { NOTHING_HELD, type HeldView } from '../../../src/services/attention/items/heldItems';
import { attentionOf } from '../../../src/services/attention/attentionOf';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import type { TestFolder } from '../records/viewFixture';

export interface Around {
  readonly leaderState?: LeaderState;
  readonly seen?: Partial<AgentObservations>;
  readonly isQueuedHere?: AgentView['isQueuedHere'];
  readonly held?: HeldView;
}

export function attentionIn(
  folder: TestFolder,
  { leaderState = 'leading', seen = {}, isQueuedHere = () => true, held = NOTHING_HELD }: Around = {},
): AttentionItem[] {
  const { state, tier, kernel } = folder;
  const facts = {
    state,
    leaderState,
    held,
    unrecorded: [],
    gates: { tier, upstreams: () => undefined },
    agents: {
      nowMs: kernel.clock.nowMs(),
      limits: { minutes: 10, attempts: 3 },
      seen: { ...NO_OBSERVATIONS, ...seen },
      isQueuedHere,
    },
  };
  const isReadable = state.kind === 'ready' || state.kind === 'readOnly';
  return isReadable
    ? kernel.read((r) => attentionOf(r, folder.folder, facts))
    : attentionOf(undefined, folder.folder, facts);
}

/** The same of a record on disk, at the time of the system. */
export function attentionOfKernel(kernel: ProjectKernel): AttentionItem[] {
  const facts = {
    state: kernel.state,
    leaderState: 'leading',
    held: NOTHING_HELD,
    unrecorded: kernel.unrecorded.list(),
    gates: { tier: 'hard', upstreams: () => undefined },
    agents: {
      nowMs: Date.now(),
      limits: { minutes: 10, attempts: 3 },
      seen: NO_OBSERVATIONS,
      isQueuedHere: () => true,
    },
  } as const;
  return kernel.read((r) => attentionOf(r, kernel.folder, facts));
}
