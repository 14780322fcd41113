/** All that keeps context keys in step with the records. */
import * as vscode from 'vscode';
import { EMPTY_ACCOUNT_CONTEXT } from '../../contract/contextKeys';
import type { Log } from '../../host/log';
import type { Attention } from '../../services/attention/attention';
import type { HeldAccounts } from '../../services/dispatch/context/heldAccounts';
import type { WorkspaceKernels } from '../../services/record/kernels';
import { keepAttentionContext } from './attentionContext';
import { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../../services/operations/host';
import type { TaskServices } from '../../services/operations/taskServices';
import { SyncedContextKeys } from './syncedContextKeys';
import { Milestones } from './milestones';
import { keepLeadContext } from './leadContext';
import { keepPortfolioContext } from './portfolioContext';
import { keepRecordContext } from './recordContext';
import { keepTaskContext } from './taskContext';

export interface ContextDeps {
  readonly kernels: WorkspaceKernels;
  readonly attention: Pick<Attention, 'items' | 'onDidChange'>;
  readonly taskServices: Pick<TaskServices, 'leaderState' | 'onDidChange'>;
  readonly portfolios: WindowPortfolios | undefined;
  readonly held: HeldAccounts;
  readonly log: Log;
  readonly trusted: () => boolean;
}

export interface Contexts {
  readonly milestones: Milestones;
  dispose(): void;
}

export function keepContexts({
  kernels,
  attention,
  taskServices,
  portfolios,
  held,
  log,
  trusted,
}: ContextDeps): Contexts {
  const keys = new ContextKeys(log);
  const milestones = new Milestones(keys);
  const deps = { kernels, trusted, keys, onDidTrust: vscode.workspace.onDidGrantWorkspaceTrust };
  const parts = vscode.Disposable.from(
    milestones,
    keepRecordContext(deps),
    keepTaskContext(deps),
    keepAttentionContext({ attention, kernels, keys }),
    new SyncedContextKeys({
      keys,
      changes: [(listener) => held.onDidChange(listener)],
      empty: EMPTY_ACCOUNT_CONTEXT,
      values: () => ({ 'intercore.accountHeld': held.kinds.size > 0 }),
    }),
    keepLeadContext({ kernels, taskServices, keys }),
    ...(portfolios === undefined ? [] : [keepPortfolioContext({ ...deps, portfolios })]),
  );
  return { milestones, dispose: () => void parts.dispose() };
}
