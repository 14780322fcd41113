/** Portfolios in a kernel in memory: made, joined by dependencies, put into phases. */
import assert from 'node:assert/strict';
import type { CreatePortfolioInput } from '../../../src/kernel/portfolio/model';
import { addDependency, createPortfolio } from '../../../src/kernel/portfolio/service';
import type { TestKernel } from '../records/kernel';

export const CHAIN = ['a', 'b', 'c', 'd'];

export interface Made {
  readonly portfolio: string;
  /** Child ids by project. */
  readonly child: (project: string) => string;
}

export function make(kernel: TestKernel, projects: readonly string[], input: Partial<CreatePortfolioInput> = {}): Made {
  const made = kernel.write((u) => createPortfolio(u, { goal: 'g', projects: [...projects], phases: CHAIN, ...input }));
  return {
    portfolio: made.portfolio.id,
    child: (project) => made.children.find((run) => run.projectDir === project)?.id ?? assert.fail(project),
  };
}

export function depend(kernel: TestKernel, portfolio: string, ...edges: readonly (readonly [string, string])[]): void {
  for (const [upstream, downstream] of edges)
    kernel.write((u) => addDependency(u, portfolio, { upstream, downstream }));
}

/** As the original stores a dependency on a project that has no child. */
export function dependOnStranger(kernel: TestKernel, portfolio: string, upstream: string, downstream: string): void {
  kernel.exec(`INSERT INTO project_deps (portfolio_run_id, upstream_project, downstream_project)
    VALUES ('${portfolio}', '${upstream}', '${downstream}')`);
}

export function put(kernel: TestKernel, id: string, phase: string, status = 'active'): void {
  kernel.exec(`UPDATE runs SET phase = '${phase}', status = '${status}' WHERE id = '${id}'`);
}
