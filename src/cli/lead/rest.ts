/** For `ic lead --once`: when nothing is left to do, and what then needs a person. */
import type { AttentionItem } from '../../contract/results/attention';
import { systemClock } from '../../host/clock';
import type { Log } from '../../host/log';
import { KernelError, type ErrorCode } from '../../kernel/errors/errors';
import { needsPerson } from '../../kernel/failure/repeats';
import { activeDispatches } from '../../kernel/dispatch/service';
import { listTasks } from '../../kernel/tasks/service';
import { readableSubtasks } from '../../kernel/tasks/subtask/subtasks';
import { attentionNow, isReadable } from '../../services/attention/folderAttention';
import { portfolioItems } from '../../services/attention/portfolioNeeds';
import type { ProjectKernel } from '../../services/record/kernels';
import { heldIn } from '../../services/leader/dispatcher';
import { missingProgramsOf } from '../../services/leader/installedKinds';
import type { SettingsReader } from '../../services/leader/settings';
import type { RelayFailure } from '../../services/portfolio/home/model';
import { activePortfolios, portfolioSnapshot } from '../../services/portfolio/snapshot/snapshot';
import { hasOpenWork, type IsBlocked } from '../../services/tasks/lead/openWork';
import type { LeaderHost } from './host';
import type { WaitingAgents } from './waitingAgents';

const CHECK_AGAIN_MS = 1000;

/**
 * True when nothing is left to do in any folder but what waits for a person, and the last events are relayed; false if
 * the signal is aborted before. Agents on other machines are not waited for.
 */
export async function untilAtRest(host: LeaderHost, agents: WaitingAgents, signal: AbortSignal): Promise<boolean> {
  const isEveryAtRest = (): boolean => {
    const isBlocked = blockedBy(host, agents);
    return (
      host.records.all().every((kernel) => dispatchesRest(host, agents, kernel)) &&
      host.kernels.all().every((kernel) => tasksRest(host, agents, kernel, isBlocked))
    );
  };
  while (!signal.aborted) {
    await host.queueSettled();
    if (isEveryAtRest()) {
      await relayOnce(host);
      await agents.read();
      await host.queueSettled();
      if (isEveryAtRest()) return true;
    }
    await changedOr(host, signal);
  }
  return false;
}

async function relayOnce({ portfolios }: LeaderHost): Promise<void> {
  await portfolios.relays?.cycleNow().catch((error: unknown) => {
    // The state of the relay has the failure, which is logged with everything that needs a person.
    if (!(error instanceof KernelError)) throw error;
  });
}

/** Whether as many agents as may run at once all wait for a person, so that no other one can start. */
function waitKeepsAllPlaces({ dispatcher }: LeaderHost, agents: WaitingAgents, settings: SettingsReader): boolean {
  const limit = settings.get('intercore.dispatch.maxConcurrent');
  const { followed } = dispatcher;
  return limit > 0 && followed.length >= limit && followed.every(agents.isWaiting);
}

const BUDGETS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['RUN_BUDGET', 'PORTFOLIO_BUDGET']);
const PLACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['TOO_MANY_DISPATCHES', 'DISPATCH_LIMIT']);

/**
 * Which limits have room only after a person acts: those that refused an agent after all running agents waited for a
 * person. Where none runs, a budget is used up, but agents of other programs may keep the places.
 */
function blockedBy({ dispatcher }: LeaderHost, agents: WaitingAgents): IsBlocked {
  const { followed } = dispatcher;
  const sinceMs = agents.waitingSince(followed);
  return ({ limit, atMs }) =>
    sinceMs !== undefined && atMs > sinceMs && (BUDGETS.has(limit) || (followed.length > 0 && PLACES.has(limit)));
}

/** Whether no agent of the record is followed, except those that wait for a person. */
function dispatchesRest({ dispatcher }: LeaderHost, agents: WaitingAgents, kernel: ProjectKernel): boolean {
  const { kind } = kernel.state;
  if (kind !== 'ready') return kind !== 'loading';
  if (!dispatcher.hasTakenUp(kernel)) return false;
  return !kernel.read((r) => activeDispatches(r)).some(({ id }) => dispatcher.isFollowed(id) && !agents.isWaiting(id));
}

function tasksRest(
  { orchestrators }: LeaderHost,
  agents: WaitingAgents,
  kernel: ProjectKernel,
  isBlocked: IsBlocked,
): boolean {
  const { state, folder } = kernel;
  if (state.kind !== 'ready') return true;
  const leaderState = orchestrators.leaderState(folder);
  // A folder without projects has no leader, and neither has one that waits for permission.
  if (leaderState === 'leading') return orchestrators.isAtRest(folder, agents.isWaiting, isBlocked);
  if (leaderState === 'forbidden' || leaderState === 'off') return true;
  return !kernel.read((r) => hasOpenWork(r, { isWaiting: agents.isWaiting }));
}

/** Changes of the record and of the folders' own work cause a check at once; this interval covers everything else. */
async function changedOr(host: LeaderHost, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, CHECK_AGAIN_MS);
    const subscription = host.onDidChange(done);
    signal.addEventListener('abort', done);
  });
}

/** Logs that other work waits for a place that an agent keeps while it waits for a person. */
export function logFull(host: LeaderHost, agents: WaitingAgents, settings: SettingsReader, log: Log): void {
  if (!waitKeepsAllPlaces(host, agents, settings)) return;
  const maxConcurrent = settings.get('intercore.dispatch.maxConcurrent');
  const hint = 'answer or resume them, or raise intercore.dispatch.maxConcurrent';
  log.warn('agents that wait for a person keep all places', {
    maxConcurrent,
    dispatches: host.dispatcher.followed,
    hint,
  });
}

/** Logs work that a limit keeps from starting until a person acts, and counts it. */
export function logBlocked(host: LeaderHost, agents: WaitingAgents, log: Log): number {
  const { orchestrators, kernels } = host;
  const isBlocked = blockedBy(host, agents);
  const found = kernels
    .all()
    .flatMap(({ folder }) =>
      orchestrators.blocked(folder, isBlocked).map(([id, { limit }]) => ({ folder, id, limit })),
    );
  const hint = 'answer or resume the agents that wait, or raise the limit';
  for (const blocked of found) log.warn('work waits for room', { ...blocked, hint });
  return found.length;
}

/** Logs everything that `ic needs` would list, children that are not relayed, and subtasks that a person starts. */
export async function logNeeds(host: LeaderHost, settings: SettingsReader, log: Log): Promise<number> {
  const items = [...(await folderItems(host, settings, log)), ...ofPortfolios(host, settings)];
  for (const { heading, title, reason, action } of items) {
    log.warn('needs a person', { heading, title, reason, ...action.args });
  }
  const unstarted = host.kernels.all().flatMap((kernel) => unstartedIn(kernel));
  for (const { id, title, folder } of unstarted) {
    log.warn('needs a person', { heading: 'Ready to start', title, folder, subtaskId: id });
  }
  const unrelayed = notRelayed(host);
  for (const { portfolio, projectDir, problem } of unrelayed) {
    log.warn('needs a person', { heading: 'Events not relayed', portfolio, folder: projectDir ?? undefined, problem });
  }
  return items.length + unstarted.length + unrelayed.length;
}

async function folderItems(host: LeaderHost, settings: SettingsReader, log: Log): Promise<AttentionItem[]> {
  const { kernels, dispatcher, orchestrators, portfolios, git, held, defaults } = host;
  const items: AttentionItem[] = [];
  for (const kernel of kernels.all()) {
    if (kernel.state.kind === 'missing') continue;
    const facts = {
      clock: systemClock,
      storages: () => dispatcher.storages,
      links: portfolios.links,
      tier: (folder: string) => settings.get('intercore.gates.tier', folder),
      limits: (folder: string) => ({
        minutes: settings.get('intercore.attention.stuckMinutes', folder),
        attempts: settings.get('intercore.attention.stuckAttempts', folder),
      }),
      leaderState: (folder: string) => orchestrators.leaderState(folder),
      held: (folder: string) => heldIn(defaults, held, folder),
      missingPrograms: async ({ folder }: ProjectKernel) =>
        await missingProgramsOf(host.permissions.kinds(folder), await host.deps.environment()),
    };
    items.push(...(await attentionNow({ ...facts, git, log }, kernel)));
  }
  return items;
}

function ofPortfolios({ portfolios, dispatcher }: LeaderHost, settings: SettingsReader): AttentionItem[] {
  const { home, relays } = portfolios;
  if (home === undefined || relays === undefined || home.kernel.state.kind === 'missing') return [];
  const snapshot = (id: string) => portfolioSnapshot(home, relays.state(id), id);
  return portfolioItems({
    home,
    snapshot,
    relay: (id) => relays.state(id),
    storages: () => dispatcher.storages,
    tier: () => settings.get('intercore.gates.tier'),
  });
}

/**
 * Portfolios and children whose last cycle failed, except those that `ic needs` lists because they failed repeatedly.
 */
function notRelayed({ portfolios }: LeaderHost): (RelayFailure & { readonly portfolio: string })[] {
  const { home, relays } = portfolios;
  if (home === undefined || relays === undefined) return [];
  return activePortfolios(home).flatMap(({ id }) =>
    relays
      .state(id)
      .failures.filter((failure) => !needsPerson(failure))
      .map((failure) => ({ ...failure, portfolio: id })),
  );
}

/** Ready subtasks of tasks whose workers a person starts. */
function unstartedIn(
  kernel: ProjectKernel,
): { readonly id: string; readonly title: string; readonly folder: string }[] {
  if (!isReadable(kernel)) return [];
  const { folder } = kernel;
  return kernel.read((r) =>
    listTasks(r)
      .filter(({ status, autoStart }) => status === 'ACTIVE' && !autoStart)
      .flatMap(({ id }) => readableSubtasks(r, id).sound)
      .filter(({ status }) => status === 'READY')
      .map(({ id, title }) => ({ id, title, folder })),
  );
}
