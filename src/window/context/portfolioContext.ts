/** Keeps the context keys of portfolios in step with the window's home of them. */
import {
  EMPTY_PORTFOLIO_CONTEXT,
  type PortfolioContextValues,
  type PortfolioEmptiness,
} from '../../contract/contextKeys';
import type { KernelState, WorkspaceKernels } from '../../services/record/kernels';
import { activePortfolios, listPortfolios } from '../../services/portfolio/snapshot/snapshot';
import type { ContextKeys } from './contextKeys';
import { SyncedContextKeys, type Subscribe } from './syncedContextKeys';
import { hasBackup } from './recordContext';
import type { WindowPortfolios } from '../../services/operations/host';

interface Deps {
  readonly portfolios: WindowPortfolios;
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
  trusted(): boolean;
  /** The window becomes trusted. */
  readonly onDidTrust: Subscribe;
}

export function keepPortfolioContext(deps: Deps): SyncedContextKeys<PortfolioContextValues> {
  const { portfolios, kernels, keys } = deps;
  const { kernel } = portfolios.home;
  return new SyncedContextKeys({
    keys,
    changes: [
      (listener) => kernel.onDidChange(listener),
      (listener) => kernel.onDidChangeState(listener),
      (listener) => portfolios.relays.onDidChange(listener),
      (listener) => kernels.onDidChangeFolders(listener),
      deps.onDidTrust,
    ],
    empty: EMPTY_PORTFOLIO_CONTEXT,
    values: () => valuesOf(deps),
  });
}

function valuesOf(deps: Deps): PortfolioContextValues {
  const { home, relays } = deps.portfolios;
  const { state } = home.kernel;
  const all = listPortfolios(home);
  const active = activePortfolios(home).map(({ id }) => relays.state(id));
  const folders = deps.kernels.all().length;
  const isTrusted = deps.trusted();
  return {
    'intercore.portfolioEmptiness': portfolioEmptiness(state),
    'intercore.portfolioPossible': isTrusted && folders > 1 && (state.kind === 'ready' || state.kind === 'missing'),
    'intercore.portfolioWritable': isTrusted && state.kind === 'ready',
    'intercore.portfolioPresent': all.runs.length + all.invalid.length > 0,
    'intercore.portfolioBackupPresent': hasBackup(state),
    'intercore.portfolioActive': active.length > 0,
    'intercore.relayPaused': active.some(({ isPaused }) => isPaused),
    'intercore.relayRunning': active.some(({ isPaused }) => !isPaused),
  };
}

function portfolioEmptiness(state: KernelState): PortfolioEmptiness {
  switch (state.kind) {
    case 'failed':
      return hasBackup(state) ? 'damaged' : 'failed';
    case 'readOnly':
      return 'readOnly';
    case 'loading':
    case 'missing':
    case 'ready':
      return 'nothing';
  }
}
