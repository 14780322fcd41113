/**
 * Whose word on a child counts: its project's own database where that holds the run, else the row
 * (`docs/design/portfolios.md#authority`).
 */
import { isKernelError, type KernelError } from '../../../kernel/errors/errors';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import { childrenOf } from '../../../kernel/portfolio/service';
import type { Run } from '../../../kernel/run/record/model';
import { findRun, getRun } from '../../../kernel/run/record/queries';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { PortfolioHome } from '../home';

/** What these services need of a home; `ic` has one for the database that it was given. */
export type PortfolioKernels = Pick<PortfolioHome, 'kernel' | 'childKernel'>;

export interface ChildAuthority {
  /** The record that decides about the child. */
  readonly kernel: ProjectKernel;
  /** The child as it is there; as it was known last where `problem` tells that this cannot be known now. */
  readonly run: Run;
  /** The project, as the portfolio knows it. */
  readonly projectDir: string;
  readonly problem?: KernelError;
}

/** A portfolio as its database has it now. @throws KernelError `NOT_FOUND`, or what keeps it from being read. */
export async function readPortfolio(home: PortfolioKernels, portfolioId: string): Promise<Run> {
  await home.kernel.load();
  await home.kernel.refresh();
  return home.kernel.read((r) => getRun(r, portfolioId));
}

/** The children in the order in which they were made. Their own databases are read again. */
export async function readChildren(home: PortfolioKernels, portfolioId: string): Promise<readonly ChildAuthority[]> {
  const rows = home.kernel.read((r) => childrenOf(r, portfolioId));
  return Promise.all(rows.map((row) => authorityOf(home, row)));
}

async function authorityOf(home: PortfolioKernels, row: Run): Promise<ChildAuthority> {
  const { projectDir } = row;
  const kernel = home.childKernel(projectDir);
  await kernel.load();
  await kernel.refresh();
  switch (kernel.state.kind) {
    case 'ready':
    case 'readOnly':
      return ownOrRow(home, row, kernel);
    case 'missing':
      if (portfolioDatabaseOf(row) === undefined) return { kernel: home.kernel, run: row, projectDir };
      return { kernel, run: row, projectDir, problem: refusalOf(kernel.state, kernel.path) };
    case 'failed':
    case 'loading':
      return { kernel, run: row, projectDir, problem: refusalOf(kernel.state, kernel.path) };
  }
}

function ownOrRow(home: PortfolioKernels, row: Run, kernel: ProjectKernel): ChildAuthority {
  const { projectDir } = row;
  try {
    const own = kernel.read((r) => findRun(r, row.id));
    return own === undefined ? { kernel: home.kernel, run: row, projectDir } : { kernel, run: own, projectDir };
  } catch (error) {
    if (!isKernelError(error)) throw error;
    return { kernel, run: row, projectDir, problem: error };
  }
}
