/** The items of one folder, from its record and from the facts of a window or a standalone program. */
import type { AttentionItem } from '../../contract/results/attention';
import type { LeaderState } from '../../contract/results/tasks';
import type { GateTier } from '../../kernel/gate/model';
import type { Clock } from '../../kernel/ports';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { isQueuedIn } from '../dispatch/start/queuedHere';
import type { PortfolioLinks } from '../portfolio/snapshot/links';
import type { ProjectKernel } from '../record/projectKernel';
import { isLed, isWaitedFor } from '../tasks/leader';
import { setImmediate } from 'node:timers/promises';
import { NO_OBSERVATIONS, type AgentObservations } from './items/agentItems';
import type { AttentionFacts } from './attentionOf';
import type { HeldView } from './items/heldItems';
import { FolderNeeds } from './folderNeeds';
import { observeAgents, type ObservationDeps } from './agentObservations';
import type { StuckLimits } from './items/stuck';

/** What a window, or a standalone program, provides about its folders. */
export interface FolderFacts {
  /** The folders with files of dispatches. */
  storages(): readonly string[];
  readonly clock: Clock;
  /** The tier of the folder's gates. */
  tier(folder: string): GateTier;
  limits(folder: string): StuckLimits;
  readonly links: Pick<PortfolioLinks, 'upstreams'>;
  leaderState(folder: string): LeaderState;
  /** Accounts of agents that a limit holds. */
  held(folder: string): HeldView;
  /** Programs that agents of the folder's tasks need and that are not on this machine; left out: not checked. */
  readonly missingPrograms?: ((kernel: ProjectKernel) => Promise<readonly string[]>) | undefined;
}

/** How long an update may block the event loop: a record may hold thousands of runs. */
const SLICE_MS = 5;

/** Updates a folder's needs for a bounded time. False if runs are left. */
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

/** What a program that leads no folder provides. */
export interface UnledFacts {
  /** Whether a person must allow something before a leader of this user would work on the folder's tasks. */
  readonly isForbidden?: (kernel: ProjectKernel) => Promise<boolean>;
}

/** All items of a folder, computed again, with a check of the running agents. */
export async function attentionNow(
  facts: FolderFacts & ObservationDeps & UnledFacts,
  kernel: ProjectKernel,
): Promise<readonly AttentionItem[]> {
  const needs = new FolderNeeds(kernel.folder);
  const own = facts.leaderState(kernel.folder);
  const state = own === 'off' && (await isForbidden(facts, kernel)) ? 'forbidden' : own;
  const leaderState = (): LeaderState => state;
  const seen = isReadable(kernel) ? await observedNow({ ...facts, leaderState }, kernel) : NO_OBSERVATIONS;
  while (!bringSlice({ ...facts, leaderState }, kernel, needs, seen)) await setImmediate();
  return needs.items;
}

/** A leader that waits, or leads, has decided it by its own settings. */
async function isForbidden(facts: UnledFacts, kernel: ProjectKernel): Promise<boolean> {
  if (await isWaitedFor(kernel.path)) return true;
  if (facts.isForbidden === undefined || !isReadable(kernel) || (await isLed(kernel.path))) return false;
  return await facts.isForbidden(kernel);
}

async function observedNow(facts: FolderFacts & ObservationDeps, kernel: ProjectKernel): Promise<AgentObservations> {
  const { observeSessions } = await import('./sessions/observedSession.js');
  const sessions = await observeSessions(facts.storages(), kernel);
  const absent = await absentPrograms(facts, kernel);
  return { ...(await observeAgents(facts, kernel, facts.limits(kernel.folder))), sessions, absent };
}

/** Undefined where no person is asked to allow agents. */
export async function absentPrograms(
  { leaderState, missingPrograms }: Pick<FolderFacts, 'leaderState' | 'missingPrograms'>,
  kernel: ProjectKernel,
): Promise<AgentObservations['absent']> {
  if (leaderState(kernel.folder) !== 'forbidden') return undefined;
  return (await missingPrograms?.(kernel)) ?? [];
}

export function isReadable({ state }: ProjectKernel): boolean {
  return state.kind === 'ready' || state.kind === 'readOnly';
}
