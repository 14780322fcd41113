/** Portfolios: runs over runs in several projects (`docs/design/portfolios.md`). */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { runId, type RunId } from '../ids';
import { nonBlank, plainText } from '../input';
import { createRunInput, type Run, type RunStatus } from '../run/record/model';

const shared = createRunInput.pick({
  goal: true,
  phases: true,
  complexity: true,
  scopeId: true,
  tokenBudget: true,
  budgetWarnPct: true,
});

/** One child is made for each project, in this order. The same project may occur twice, as in the original. */
export const createPortfolioInput = shared.extend({
  projects: z.array(nonBlank).min(2, 'a portfolio needs at least 2 projects'),
  /** Active dispatches over all children; 0 or absent: no limit. */
  maxDispatches: z.int().min(0).optional(),
});
export type CreatePortfolioInput = z.input<typeof createPortfolioInput>;

/** A portfolio whose children are also in their projects' own databases, under these ids. */
export const mirrorPortfolioInput = shared.extend({
  id: runId,
  children: z
    .array(z.strictObject({ id: runId, projectDir: nonBlank }))
    .min(2, 'a portfolio needs at least 2 projects'),
  /** Of the children. */
  metadata: plainText,
  maxDispatches: createPortfolioInput.shape.maxDispatches,
});
export type MirrorPortfolioInput = z.input<typeof mirrorPortfolioInput>;

export interface PortfolioOutcome {
  readonly portfolio: Run;
  readonly children: readonly Run[];
}

/** The downstream project depends on the upstream project. */
export const dependencyEdge = z.strictObject({ upstream: nonBlank, downstream: nonBlank });
export type DependencyEdge = z.infer<typeof dependencyEdge>;

export const DEPENDENCIES = defineTable('project_deps', {
  id: column('id', z.int()),
  portfolioId: column('portfolio_run_id', runId),
  upstream: column('upstream_project', z.string()),
  downstream: column('downstream_project', z.string()),
  // It decides nothing, and an omitted dependency would open gates.
  createdAt: column('created_at', z.int().catch(0)),
});
export type Dependency = RowOf<typeof DEPENDENCIES>;

/** The state of a child among its siblings (`docs/design/portfolios.md#authority`). */
export interface ChildStatus {
  readonly runId: RunId;
  readonly projectDir: string;
  readonly phase: string;
  readonly status: RunStatus;
  /** No upstream is behind the child's current phase. Its gate checks the next one. */
  readonly ready: boolean;
  readonly blockedBy: readonly { readonly projectDir: string; readonly phase: string }[];
}
