/**
 * The records whose dispatches a program follows and starts from the queue: the records of its folders and of its
 * portfolios.
 */
import { both } from '../../../kernel/emitter';
import type { ProjectKernel, WorkspaceKernels } from '../../record/kernels';

export type LedRecords = Pick<WorkspaceKernels, 'all' | 'onDidChange' | 'onDidChangeState'>;

export function withPortfolios(kernels: LedRecords, portfolios: ProjectKernel | undefined): LedRecords {
  if (portfolios === undefined) return kernels;
  return {
    all: () => [...kernels.all(), portfolios],
    onDidChange: (listener) =>
      both(
        kernels.onDidChange(listener),
        portfolios.onDidChange((change) => listener({ kernel: portfolios, change })),
      ),
    onDidChangeState: (listener) =>
      both(
        kernels.onDidChangeState(listener),
        portfolios.onDidChangeState((state) => listener({ kernel: portfolios, state })),
      ),
  };
}
