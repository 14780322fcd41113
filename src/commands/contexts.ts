/** All that keeps context keys in step with the records (design §13). */
import * as vscode from 'vscode';
import type { Log } from '../host/log';
import type { Attention } from '../services/attention/attention';
import type { WorkspaceKernels } from '../services/kernels';
import { AttentionContext } from './attentionContext';
import { ContextKeys } from './contextKeys';
import type { WindowPortfolios } from '../services/operations/portfolioHost';
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

export function keepContexts({ kernels, attention, portfolios, log, trusted }: ContextDeps): vscode.Disposable {
  const keys = new ContextKeys(log);
  const records = new RecordContext({ kernels, trusted, keys });
  return vscode.Disposable.from(
    records,
    vscode.workspace.onDidGrantWorkspaceTrust(() => records.changed()),
    new TaskContext({ kernels, trusted, keys }),
    new AttentionContext({ attention, kernels, keys }),
    ...(portfolios === undefined ? [] : [new PortfolioContext({ portfolios, kernels, trusted, keys })]),
  );
}
