/** All that keeps context keys in step with the records. */
import * as vscode from 'vscode';
import {
  EMPTY_ACCOUNT_CONTEXT,
  EMPTY_ATTENTION_CONTEXT,
  type AttentionContextValues,
  MILESTONES,
  type Milestone,
  EMPTY_LEAD_CONTEXT,
  type LeadContextValues,
} from '../../contract/contextKeys';
import type { Log } from '../../host/log';
import type { Attention } from '../../services/attention/attention';
import type { HeldAccounts } from '../../services/dispatch/context/heldAccounts';
import type { WorkspaceKernels } from '../../services/record/kernels';
import { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../../services/operations/host';
import type { TaskServices } from '../../services/operations/taskServices';
import { SyncedContextKeys } from './syncedContextKeys';
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

function keepAttentionContext({
  attention,
  kernels,
  keys,
}: Pick<ContextDeps, 'attention' | 'kernels'> & { keys: ContextKeys }): SyncedContextKeys<AttentionContextValues> {
  return new SyncedContextKeys({
    keys,
    changes: [attention.onDidChange],
    empty: EMPTY_ATTENTION_CONTEXT,
    values: () => {
      const isLoading = kernels.all().some(({ state }) => state.kind === 'loading');
      return {
        'intercore.needPresent': attention.items().length > 0,
        'intercore.needEmptiness': isLoading ? 'loading' : 'nothing',
      };
    },
  });
}

/**
 * Reports completed milestones to the walkthrough. VS Code completes a step when a context key turns true while it knows
 * the walkthrough, and never for a key that was true before. So each milestone has a key of its own, which is true for a
 * moment: when it is reached, and again whenever the walkthrough may have been opened.
 */
class Milestones implements vscode.Disposable {
  private readonly reported = new Set<Milestone>();
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly keys: ContextKeys) {
    this.subscriptions = [
      keys.onDidSet(() => this.setReached()),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.setAgain();
      }),
    ];
  }

  /** Sets the keys of all milestones that are reached, even if they were set before. */
  setAgain(): void {
    this.reported.clear();
    this.setReached();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private setReached(): void {
    for (const milestone of Object.keys(MILESTONES) as Milestone[]) {
      if (this.reported.has(milestone) || this.keys.get(MILESTONES[milestone]) !== true) continue;
      this.reported.add(milestone);
      this.keys.set({ [milestone]: true });
      this.keys.set({ [milestone]: false });
    }
  }
}

function keepLeadContext({
  kernels,
  taskServices,
  keys,
}: Pick<ContextDeps, 'kernels' | 'taskServices'> & { keys: ContextKeys }): SyncedContextKeys<LeadContextValues> {
  return new SyncedContextKeys({
    keys,
    changes: [(listener) => taskServices.onDidChange(listener)],
    empty: EMPTY_LEAD_CONTEXT,
    values: () => {
      const states = kernels.all().map(({ folder }) => taskServices.leaderState(folder));
      return {
        'intercore.ledHere': states.includes('leading'),
        'intercore.ledElsewhere': states.includes('following'),
      };
    },
  });
}
