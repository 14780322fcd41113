/**
 * The portfolios of a window (`docs/design/portfolios.md`): where they are kept, who relays them, what they allow. A
 * window on a workspace file has a home for them; a window on one folder only finds the portfolio its runs belong to.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { systemClock } from '../host/clock';
import { portfolioLocation, unsavedPortfolioLocation, type DatabaseLocation } from '../host/files/paths';
import type { Disposable } from '../kernel/emitter';
import { defined } from '../kernel/defined';
import type { KernelDeps, WorkspaceKernels } from '../services/record/kernels';
import { PortfolioHome } from '../services/portfolio/home/home';
import { PortfolioLimits } from '../services/portfolio/limits';
import { PortfolioLinks } from '../services/portfolio/snapshot/links';
import { PortfolioRelays } from '../services/portfolio/relay/relays';
import { inBackground } from './dialogs/background';
import type { EditorServices } from './editorServices';
import type { WindowPortfolios } from '../services/operations/host';
import { UnsavedHomes } from './unsavedHomes';

/** Ids of the portfolios whose relays are paused, in the state of the workspace. */
const PAUSED = 'intercore.pausedRelays';
const pausedIds = z.array(z.string()).catch([]);

export interface Portfolios extends Disposable {
  readonly links: PortfolioLinks;
  readonly limits: PortfolioLimits;
  /** Undefined in a window without a workspace file. Opening or saving one starts the extension again. */
  readonly window: WindowPortfolios | undefined;
  /** Finishes what is being saved. */
  finish(): Promise<void>;
}

/** Opens nothing itself: the portfolios' database is read behind it. */
export function createPortfolios(services: EditorServices, deps: KernelDeps, kernels: WorkspaceKernels): Portfolios {
  const { log } = services;
  const openKernel = (folder: string) => kernels.get(folder);
  const location = homeOf(services.context);
  const home = location && new PortfolioHome({ location, kernelDeps: deps, openKernel });
  const links = new PortfolioLinks({ kernelDeps: deps, openKernel, ...defined({ home }) });
  const limits = new PortfolioLimits({ links, log: log.scope('portfolios') });
  const window = home && createWindow(services, home);
  const subscriptions: Disposable[] = [];
  if (window !== undefined) {
    const unsaved = new UnsavedHomes(services.context.globalState, log);
    const opening = () => inBackground(log, 'opening the portfolios', () => open(services, window, unsaved));
    const relaying = () => inBackground(log, 'relaying after folders changed', () => window.relays.cycleNow());
    opening();
    // A folder that comes or goes changes where a child is read; its relay checks once.
    const { onDidGrantWorkspaceTrust } = vscode.workspace;
    subscriptions.push(kernels.onDidChangeFolders(relaying), onDidGrantWorkspaceTrust(opening));
    if (!isSaved(services.context)) subscriptions.push(...unsaved.follow(window.home));
  }
  return {
    links,
    limits,
    window,
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
    finish: async () => {
      await window?.relays.dispose();
      await links.dispose();
      await home?.dispose();
    },
  };
}

/** Beside the workspace file, or in the workspace's storage while it is unsaved or where its file is on no disk. */
function homeOf(context: vscode.ExtensionContext): DatabaseLocation | undefined {
  const file = vscode.workspace.workspaceFile;
  if (file === undefined) return undefined;
  if (isSaved(context)) return portfolioLocation(path.dirname(file.fsPath));
  return context.storageUri && unsavedPortfolioLocation(context.storageUri.fsPath);
}

/**
 * Whether the workspace has a file of its own. Saving it starts the extension again. In a remote window an unsaved one
 * looks like a file, too: it is in the editor's data, next to the storage of all extensions.
 */
function isSaved({ globalStorageUri }: vscode.ExtensionContext): boolean {
  const file = vscode.workspace.workspaceFile;
  const unsaved = path.resolve(globalStorageUri.fsPath, '..', '..', 'Workspaces');
  return file?.scheme === 'file' && path.dirname(file.fsPath) !== unsaved;
}

function createWindow({ context, settings, log, trusted }: EditorServices, home: PortfolioHome): WindowPortfolios {
  const relays = new PortfolioRelays({
    home,
    clock: systemClock,
    log,
    intervalMs: () => settings.get('intercore.relay.intervalSeconds') * 1000,
    canWrite: trusted,
  });
  const paused = new Set(pausedIds.parse(context.workspaceState.get(PAUSED)));
  for (const id of paused) relays.pause(id);
  return {
    home,
    relays,
    isSaved: isSaved(context),
    setPaused: async (portfolioId, isPaused) => {
      if (isPaused) {
        paused.add(portfolioId);
        relays.pause(portfolioId);
      } else {
        paused.delete(portfolioId);
        relays.resume(portfolioId);
      }
      await context.workspaceState.update(PAUSED, [...paused]);
    },
  };
}

/** Moves the portfolios of an unsaved workspace to the workspace that was just saved. Harmless to repeat. */
async function open(
  { context, trusted }: EditorServices,
  { home, relays }: WindowPortfolios,
  unsaved: UnsavedHomes,
): Promise<void> {
  await home.load();
  if (trusted() && isSaved(context)) await unsaved.takeAlong(home);
  relays.start();
}
