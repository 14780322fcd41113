/** All that keeps context keys in step with the records (design §13). */
import * as vscode from 'vscode';
import type { Log } from '../host/log';
import type { Attention } from '../services/attention/attention';
import type { WorkspaceKernels } from '../services/kernels';
import { AttentionContext } from './attentionContext';
import { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../services/operations/portfolioHost';
import { Milestones } from './milestones';
import { PortfolioContext } from './portfolioContext';
import { RecordContext } from './recordContext';
import { TaskContext } from './taskContext';

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
  const records = new RecordContext({ kernels, trusted, keys });
  const parts = vscode.Disposable.from(
    milestones,
    records,
    vscode.workspace.onDidGrantWorkspaceTrust(() => records.changed()),
    new TaskContext({ kernels, trusted, keys }),
    new AttentionContext({ attention, kernels, keys }),
    ...(portfolios === undefined ? [] : [new PortfolioContext({ portfolios, kernels, trusted, keys })]),
  );
  return { milestones, dispose: () => void parts.dispose() };
}
