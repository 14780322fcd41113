/** All that keeps context keys in step with the records (design §13). */
import * as vscode from 'vscode';
import type { Log } from '../host/log';
import type { Attention } from '../services/attention/attention';
import type { WorkspaceKernels } from '../services/kernels';
import { keepAttentionContext } from './attentionContext';
import { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../services/operations/portfolioHost';
import { Milestones } from './milestones';
import { keepPortfolioContext } from './portfolioContext';
import { keepRecordContext } from './recordContext';
import { keepTaskContext } from './taskContext';

export interface ContextDeps {
  readonly kernels: WorkspaceKernels;
  readonly attention: Pick<Attention, 'items' | 'onDidChange'>;
  readonly portfolios: WindowPortfolios | undefined;
  readonly log: Log;
  readonly trusted: () => boolean;
}

export interface Contexts {
  readonly milestones: Milestones;
  dispose(): void;
}

export function keepContexts({ kernels, attention, portfolios, log, trusted }: ContextDeps): Contexts {
  const keys = new ContextKeys(log);
  const milestones = new Milestones(keys);
  const deps = { kernels, trusted, keys, onDidTrust: vscode.workspace.onDidGrantWorkspaceTrust };
  const parts = vscode.Disposable.from(
    milestones,
    keepRecordContext(deps),
    keepTaskContext(deps),
    keepAttentionContext({ attention, kernels, keys }),
    ...(portfolios === undefined ? [] : [keepPortfolioContext({ ...deps, portfolios })]),
  );
  return { milestones, dispose: () => void parts.dispose() };
}
