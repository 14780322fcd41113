/** What waits for a person in a folder of the tests: the real projection over a real kernel in memory. */
import type { AttentionItem } from '../../../src/contract/results/attention';
import type { LeaderState } from '../../../src/contract/results/tasks';
import { NOTHING_SEEN, type AgentView, type Sightings } from '../../../src/services/attention/cases/agentCases';
import { NOTHING_HELD, type HeldView } from '../../../src/services/attention/cases/heldCases';
import { attentionOf } from '../../../src/services/attention/attentionOf';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import type { TestFolder } from '../records/scene';

export interface Around {
  readonly standing?: LeaderState;
  readonly seen?: Partial<Sightings>;
  readonly isQueuedHere?: AgentView['isQueuedHere'];
  readonly held?: HeldView;
}

export function attentionIn(
  folder: TestFolder,
  { standing = 'leading', seen = {}, isQueuedHere = () => true, held = NOTHING_HELD }: Around = {},
): AttentionItem[] {
  const { state, tier, kernel } = folder;
  const facts = {
    state,
    standing,
    held,
    unrecorded: [],
    gates: { tier, upstreams: () => undefined },
    agents: {
      nowMs: kernel.clock.nowMs(),
      limits: { minutes: 10, attempts: 3 },
      seen: { ...NOTHING_SEEN, ...seen },
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
    standing: 'leading',
    held: NOTHING_HELD,
    unrecorded: kernel.unrecorded.list(),
    gates: { tier: 'hard', upstreams: () => undefined },
    agents: {
      ...{ nowMs: Date.now(), limits: { minutes: 10, attempts: 3 } },
      ...{ seen: NOTHING_SEEN, isQueuedHere: () => true },
    },
  } as const;
  return kernel.read((r) => attentionOf(r, kernel.folder, facts));
}
