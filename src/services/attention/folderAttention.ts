/** What waits for a person in one folder, with what has been seen there: the facts of a window or of a lone program. */
import type { AttentionItem } from '../../contract/results/attention';
import type { LeaderState } from '../../contract/results/tasks';
import type { GateTier } from '../../kernel/gate/model';
import type { Clock } from '../../kernel/ports';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { isQueuedIn } from '../dispatch/start/queuedHere';
import type { PortfolioLinks } from '../portfolio/snapshot/links';
import type { ProjectKernel } from '../record/projectKernel';
import { isWaitedFor } from '../tasks/lead/leader';
import { setImmediate } from 'node:timers/promises';
import { NO_OBSERVATIONS, type AgentObservations } from './items/agentItems';
import type { AttentionFacts } from './attentionOf';
import type { HeldView } from './items/heldItems';
import { FolderNeeds } from './folderNeeds';
import { observeAgents, type ObservationDeps } from './agentObservations';
import type { StuckLimits } from './stuck';

/** What is asked of a window, or of a lone program, about its folders. */
export interface FolderFacts {
  /** Where files of dispatches may be. */
  storages(): readonly string[];
  readonly clock: Clock;
  /** How strictly the folder's gates are judged. */
  tier(folder: string): GateTier;
  limits(folder: string): StuckLimits;
  readonly links: Pick<PortfolioLinks, 'upstreams'>;
  leaderState(folder: string): LeaderState;
  /** Accounts of agents that a limit holds. */
  held(folder: string): HeldView;
}

/** How long asking may keep the loop to itself: a record may hold thousands of runs to ask about. */
const SLICE_MS = 5;

/** Brings a folder's needs up to date for as long as the loop may be kept. False where something is left to ask. */
export function bringSlice(
  facts: FolderFacts,
  kernel: ProjectKernel,
  needs: FolderNeeds,
  seen: AgentObservations,
): boolean {
  const { folder, state } = kernel;
  const storages = facts.storages();
  const isQueuedHere = (queued: QueuedDispatch): boolean => isQueuedIn(storages, queued);
  const view: AttentionFacts = {
    state,
    leaderState: facts.leaderState(folder),
    held: facts.held(folder),
    unrecorded: kernel.unrecorded.list(),
    gates: { tier: facts.tier(folder), upstreams: (run) => facts.links.upstreams(run) },
    agents: { nowMs: facts.clock.nowMs(), limits: facts.limits(folder), seen, isQueuedHere },
  };
  if (!isReadable(kernel)) {
    needs.withoutRecord(view);
    return true;
  }
  const until = performance.now() + SLICE_MS;
  return kernel.read((r) => needs.refresh(r, view, () => performance.now() >= until));
}

/** All that waits in a folder, asked again, with a look at the running agents. */
export async function attentionNow(
  facts: FolderFacts & ObservationDeps,
  kernel: ProjectKernel,
): Promise<readonly AttentionItem[]> {
  const seen = isReadable(kernel) ? await observeAgents(facts, kernel, facts.limits(kernel.folder)) : NO_OBSERVATIONS;
  const needs = new FolderNeeds(kernel.folder);
  const isWaiting = await isWaitedFor(kernel.path);
  const leaderState = (folder: string): LeaderState => {
    const own = facts.leaderState(folder);
    return own === 'off' && isWaiting ? 'forbidden' : own;
  };
  while (!bringSlice({ ...facts, leaderState }, kernel, needs, seen)) await setImmediate();
  return needs.items;
}

export function isReadable({ state }: ProjectKernel): boolean {
  return state.kind === 'ready' || state.kind === 'readOnly';
}
