/** Keeps the context keys of portfolios in step with the window's home of them (design §9, §13). */
import * as vscode from 'vscode';
import { EMPTY_PORTFOLIO_CONTEXT, type PortfolioContextValues, type PortfolioEmptiness } from '../contract/contextKeys';
import type { KernelState, WorkspaceKernels } from '../services/kernels';
import { activePortfolios, listPortfolios } from '../services/portfolio/snapshot';
import type { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../services/operations/portfolioHost';

interface Deps {
  readonly portfolios: WindowPortfolios;
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
  trusted(): boolean;
}

export class PortfolioContext implements vscode.Disposable {
  private readonly subscriptions: readonly { dispose(): void }[];
  private scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly deps: Deps) {
    const { portfolios, kernels } = deps;
    const { kernel } = portfolios.home;
    const changed = (): void => this.changed();
    this.subscriptions = [
      kernel.onDidChange(changed),
      kernel.onDidChangeState(changed),
      portfolios.relays.onDidChange(changed),
      kernels.onDidChangeFolders(changed),
      vscode.workspace.onDidGrantWorkspaceTrust(changed),
    ];
    this.changed();
  }

  dispose(): void {
    clearImmediate(this.scheduled);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.deps.keys.set(EMPTY_PORTFOLIO_CONTEXT);
  }

  /** Several changes in one turn of the loop count once. */
  private changed(): void {
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      this.deps.keys.set(this.values());
    });
  }

  private values(): PortfolioContextValues {
    const { home, relays, isSaved } = this.deps.portfolios;
    const { state } = home.kernel;
    const trusted = this.deps.trusted();
    const all = listPortfolios(home);
    const active = activePortfolios(home).map(({ id }) => relays.state(id));
    const folders = this.deps.kernels.all().length;
    return {
      'intercore.portfolioEmptiness': portfolioEmptiness(state, {
        trusted,
        folders,
        isSaved,
      }),
      'intercore.portfolioPossible': trusted && folders > 1 && (state.kind === 'ready' || state.kind === 'missing'),
      'intercore.portfolioWritable': trusted && state.kind === 'ready',
      'intercore.portfolioPresent': all.runs.length > 0,
      'intercore.portfolioActive': active.length > 0,
      'intercore.relayPaused': active.some(({ isPaused }) => isPaused),
      'intercore.relayRunning': active.some(({ isPaused }) => !isPaused),
    };
  }
}

/** Why the portfolio view is empty. */
export function portfolioEmptiness(
  state: KernelState,
  window: { readonly trusted: boolean; readonly folders: number; readonly isSaved: boolean },
): PortfolioEmptiness {
  switch (state.kind) {
    case 'loading':
      return 'loading';
    case 'failed':
      return 'failed';
    case 'readOnly':
      return 'readOnly';
    case 'ready':
    case 'missing':
      if (!window.trusted) return 'untrusted';
      if (window.folders < 2) return 'fewFolders';
      return window.isSaved ? 'ready' : 'unsaved';
  }
}
