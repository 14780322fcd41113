/**
 * The authoritative source of a child: its project's own database if that holds the run, else the row
 * (`docs/design/portfolios.md#authority`).
 */
import { isKernelError, type KernelError } from '../../../kernel/errors/errors';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import { childrenOf } from '../../../kernel/portfolio/service';
import type { Run } from '../../../kernel/run/record/model';
import { findRun, getRun } from '../../../kernel/run/record/queries';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';

/** The part of a home that these services need; `ic` has one for its given database. */
export interface PortfolioKernels {
  /** Of the portfolios' database. */
  readonly kernel: ProjectKernel;
  /** Of a child's project; it may not be loaded. */
  childKernel(projectDir: string): ProjectKernel;
}

export interface ChildAuthority {
  /** The authoritative record of the child. */
  readonly kernel: ProjectKernel;
  /** The child in that record; its last known state if there is a `problem`. */
  readonly run: Run;
  /** The project, as the portfolio records it. */
  readonly projectDir: string;
  readonly problem?: KernelError;
}

/** A portfolio from its database. @throws KernelError `NOT_FOUND`, or why it cannot be read. */
export async function readPortfolio(home: PortfolioKernels, portfolioId: string): Promise<Run> {
  await home.kernel.load();
  await home.kernel.refresh();
  return home.kernel.read((r) => getRun(r, portfolioId));
}

/** The children in order of creation. Their own databases are read again. */
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
