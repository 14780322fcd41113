/** The portfolios of a leader: those of its workspace file are relayed, others are only read for their limits. */
import path from 'node:path';
import { systemClock } from '../../host/clock';
import type { Log } from '../../host/log';
import { portfolioLocation } from '../../host/files/paths';
import type { KernelDeps, WorkspaceKernels } from '../../services/record/kernels';
import type { SettingsReader } from '../../services/leader/settings';
import { PortfolioHome } from '../../services/portfolio/home/home';
import { PortfolioLinks } from '../../services/portfolio/snapshot/links';
import { PortfolioRelays } from '../../services/portfolio/relay/relays';
import { defined } from '../../kernel/defined';

export interface LeaderPortfolios {
  readonly links: PortfolioLinks;
  readonly home: PortfolioHome | undefined;
  readonly relays: PortfolioRelays | undefined;
  start(): Promise<void>;
  /** Finishes pending saves. */
  finish(): Promise<void>;
}

export interface LeaderPortfoliosDeps {
  readonly workspaceFile: string | undefined;
  readonly settings: SettingsReader;
  readonly kernelDeps: KernelDeps;
  readonly kernels: WorkspaceKernels;
  readonly log: Log;
}

export function openPortfolios(deps: LeaderPortfoliosDeps): LeaderPortfolios {
  const { workspaceFile, settings, kernelDeps, kernels, log } = deps;
  const openKernel = (folder: string) => kernels.get(folder);
  const home =
    workspaceFile === undefined
      ? undefined
      : new PortfolioHome({ location: portfolioLocation(path.dirname(workspaceFile)), kernelDeps, openKernel });
  const links = new PortfolioLinks({ kernelDeps, openKernel, ...defined({ home }) });
  const relays =
    home &&
    new PortfolioRelays({
      home,
      clock: systemClock,
      log,
      intervalMs: () => settings.get('intercore.relay.intervalSeconds') * 1000,
      canWrite: kernelDeps.trusted,
      onRelayed: (portfolioId, { projectDir, type, fromPhase, toPhase }) => {
        log.info('event relayed', { portfolio: portfolioId, folder: projectDir, type, from: fromPhase, to: toPhase });
      },
    });
  return {
    links,
    home,
    relays,
    start: async () => {
      await home?.load();
      relays?.start();
    },
    finish: async () => {
      await relays?.dispose();
      await links.dispose();
      await home?.dispose();
    },
  };
}
