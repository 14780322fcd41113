import type { Run } from '../../kernel/run/record/model';
import { present, type JsonValue } from './output';

/** A run as JSON (`docs/design/formats.md#runs`), without fields that are not set. */
export function runMap(run: Run): { [key: string]: JsonValue } {
  return {
    id: run.id,
    project_dir: run.projectDir,
    goal: run.goal,
    status: run.status,
    phase: run.phase,
    complexity: run.complexity,
    force_full: run.forceFull,
    auto_advance: run.autoAdvance,
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    ...present({
      phases: run.hasCustomChain ? run.phases : undefined,
      completed_at: run.completedAt,
      scope_id: run.scopeId,
      token_budget: run.tokenBudget,
      budget_warn_pct: run.tokenBudget === null ? undefined : run.budgetWarnPct,
      metadata: run.metadata,
      parent_run_id: run.parentRunId,
      max_dispatches: run.maxDispatches > 0 ? run.maxDispatches : undefined,
    }),
  };
}
