/** When a leader that was asked for one go has nothing left to do, and what waits for a person then. */
import type { AttentionItem } from '../../contract/attention';
import { systemClock } from '../../host/clock';
import type { Log } from '../../host/log';
import { activeDispatches } from '../../kernel/dispatch/service';
import { listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import { attentionNow, isReadable } from '../../services/attention/folderAttention';
import { portfolioItems } from '../../services/attention/portfolioNeeds';
import type { ProjectKernel } from '../../services/kernels';
import type { SettingsReader } from '../../services/leader/settings';
import { portfolioSnapshot } from '../../services/portfolio/snapshot';
import { hasOpenWork } from '../../services/village/openWork';
import type { LeaderHost } from './host';

/** What nobody here may judge, as an agent on another machine, is not waited for. */
const LOOK_AGAIN_MS = 1000;

/** Resolves when nothing is left to do in any folder, or the signal is aborted. */
export async function untilAtRest(host: LeaderHost, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await host.queueSettled();
    if (host.kernels.all().every((kernel) => isAtRest(host, kernel))) return;
    await changedOr(host, signal);
  }
}

function isAtRest({ orchestrators, dispatcher }: LeaderHost, kernel: ProjectKernel): boolean {
  const { state, folder } = kernel;
  if (state.kind === 'loading') return false;
  if (state.kind !== 'ready') return true;
  if (!dispatcher.hasTakenUp(kernel)) return false;
  const standing = orchestrators.standing(folder);
  // Nobody leads where there are no projects, or where something has to be allowed first.
  const rests =
    standing === 'leading'
      ? orchestrators.isAtRest(folder)
      : standing === 'forbidden' || standing === 'off' || !kernel.read(hasOpenWork);
  return rests && !kernel.read((r) => activeDispatches(r)).some(({ id }) => dispatcher.isFollowed(id));
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
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    const subscription = host.onDidChange(done);
    signal.addEventListener('abort', done);
  });
}

/** All that `ic needs` would list, and subtasks that wait to be started. Each is a line of the log. */
export async function tellNeeds(host: LeaderHost, settings: SettingsReader, log: Log): Promise<number> {
  const items = [...(await folderItems(host, settings, log)), ...ofPortfolios(host, settings)];
  for (const { heading, title, reason, action } of items) {
    log.warn('needs a person', { heading, title, reason, ...action.args });
  }
  const unstarted = host.kernels.all().flatMap((kernel) => unstartedIn(kernel));
  for (const { id, title, folder } of unstarted) {
    log.warn('needs a person', { heading: 'To be started', title, folder, subtaskId: id });
  }
  return items.length + unstarted.length;
}

async function folderItems(host: LeaderHost, settings: SettingsReader, log: Log): Promise<AttentionItem[]> {
  const { kernels, dispatcher, orchestrators, portfolios, git } = host;
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
      standing: (folder: string) => orchestrators.standing(folder),
    };
    items.push(...(await attentionNow({ ...facts, git, log }, kernel)));
  }
  return items;
}

function ofPortfolios({ portfolios }: LeaderHost, settings: SettingsReader): AttentionItem[] {
  const { home, relays } = portfolios;
  if (home === undefined || relays === undefined || home.kernel.state.kind === 'missing') return [];
  const snapshot = (id: string) => portfolioSnapshot(home, relays.state(id), id);
  return portfolioItems({ home, snapshot, tier: () => settings.get('intercore.gates.tier') });
}

/** Subtasks that are ready, of tasks whose workers a person starts. */
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
