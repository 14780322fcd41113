/** What waits for a person in a folder of the tests: the real projection over a real kernel in memory. */
import assert from 'node:assert/strict';
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
import { createDispatch, endDispatch, markRunning } from '../../../src/kernel/dispatch/service';
import { PROCESS } from '../dispatch/dispatches';
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

export function kindsIn(folder: TestFolder): string[] {
  return attentionIn(folder).map(({ kind }) => kind);
}

/** The only item of a list. */
export function onlyItem(items: readonly AttentionItem[]): AttentionItem {
  assert.equal(items.length, 1, JSON.stringify(items.map(({ kind }) => kind)));
  return items[0] ?? assert.fail();
}

/** A dispatch that failed because its agent was not signed in. */
export function unsignedDispatch(folder: TestFolder, errorMessage: string): string {
  return folder.write((u) => {
    const { id } = createDispatch(u, { agentType: 'claude', projectDir: folder.folder });
    markRunning(u, id, PROCESS);
    const failure = { class: 'signIn', resetsAt: null } as const;
    return endDispatch(u, id, { status: 'failed', errorMessage, failure }).id;
  });
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
