/**
 * The operation that lists attention items. It computes them itself, so that programs without views can call it too.
 */
import type { AttentionItem } from '../../../contract/results/attention';
import { systemClock } from '../../../host/clock';
import { byUrgency } from '../../attention/attentionOf';
import { portfolioItems } from '../../attention/portfolioNeeds';
import { portfolioSnapshot } from '../../portfolio/snapshot/snapshot';
import { attentionNow, type FolderFacts } from '../../attention/folderAttention';
import { defined } from '../../../kernel/defined';
import { kernelOf, type OperationHost } from '../host';
import type { Implementation } from '../implementation';

export const attentionOperations: Implementation<'attention'> = {
  'attention.list': async (host, { folder }) => {
    const one = folder === undefined ? undefined : await kernelOf(host, { folder }, 'attention.list');
    const items: AttentionItem[] = [];
    for (const kernel of one === undefined ? host.kernels.all() : [one]) {
      await kernel.load();
      items.push(...(await attentionNow(factsOf(host), kernel)));
    }
    if (one === undefined) items.push(...(await ofPortfolios(host)));
    return byUrgency(items);
  },
};

function factsOf(host: OperationHost): Parameters<typeof attentionNow>[0] {
  const { log, taskServices } = host;
  const { git, isForbidden } = taskServices;
  return { ...folderFacts(host), git, log, ...defined({ isForbidden }) };
}

async function ofPortfolios(host: OperationHost): Promise<AttentionItem[]> {
  const { portfolios, setting } = host;
  if (portfolios === undefined) return [];
  const { dispatcher } = host;
  const { home, relays } = portfolios;
  await home.load();
  const snapshot = (id: string) => portfolioSnapshot(home, relays.state(id), id);
  return portfolioItems({
    home,
    snapshot,
    relay: (id) => relays.state(id),
    storages: () => dispatcher.storages,
    tier: () => setting('intercore.gates.tier'),
  });
}

/** What an open window, or a program in its place, provides about its folders. */
export function folderFacts(host: OperationHost): FolderFacts {
  const { setting, links, taskServices, held } = host;
  return {
    storages: () => (host.agentFacts ?? host.dispatcher).storages,
    clock: systemClock,
    links,
    tier: (folder) => setting('intercore.gates.tier', folder),
    limits: (folder) => ({
      minutes: setting('intercore.attention.stuckMinutes', folder),
      attempts: setting('intercore.attention.stuckAttempts', folder),
    }),
    leaderState: (folder) => taskServices.leaderState(folder),
    held: (folder) => held(folder),
    missingPrograms: taskServices.missingPrograms,
  };
}
