/** Codecs of rows of `runs` and `phase_events` (Q21). */
import * as z from 'zod';
import { rowCodec } from '../../db/rows';
import { problemOf } from '../../errors/errors';
import { runId } from '../../ids';
import { chainProblem } from './chain';
import { DEFAULT_CHAIN, RUN_STATUSES, type PhaseEvent, type Run } from './model';

export const RUN_COLUMNS = `id, project_dir, goal, status, phase, complexity, force_full, auto_advance, created_at,
  updated_at, completed_at, scope_id, metadata, phases, token_budget, budget_warn_pct, parent_run_id, max_dispatches`;

const flag = z.int().transform((value) => value !== 0);

/** Text where an empty string means none, as in the original. */
const optionalText = z
  .string()
  .nullable()
  .transform((value) => (value === '' ? null : value));

const storedChain = z
  .string()
  .nullable()
  .transform((json, context): readonly string[] | null => {
    if (json === null) return null;
    try {
      const phases: unknown = JSON.parse(json);
      const problem = Array.isArray(phases) ? chainProblem(phases) : 'not a JSON array';
      if (problem === undefined) return phases as readonly string[];
      context.addIssue({ code: 'custom', message: problem });
    } catch (error) {
      context.addIssue({ code: 'custom', message: problemOf(error) });
    }
    return z.NEVER;
  });

export const runRow = rowCodec<Run>(
  'runs',
  z
    .object({
      id: runId,
      project_dir: z.string(),
      goal: z.string(),
      status: z.enum(RUN_STATUSES),
      phase: z.string(),
      complexity: z.int().min(1).max(5),
      force_full: flag,
      auto_advance: flag,
      created_at: z.int(),
      updated_at: z.int(),
      completed_at: z.int().nullable(),
      scope_id: optionalText,
      metadata: z.string().nullable(),
      phases: storedChain,
      token_budget: z.int().nullable(),
      budget_warn_pct: z.int().nullable(),
      parent_run_id: optionalText.pipe(runId.nullable()),
      max_dispatches: z.int().nullable(),
    })
    .transform((row) => ({
      id: row.id,
      projectDir: row.project_dir,
      goal: row.goal,
      status: row.status,
      phase: row.phase,
      phases: row.phases ?? DEFAULT_CHAIN,
      hasCustomChain: row.phases !== null,
      complexity: row.complexity,
      forceFull: row.force_full,
      autoAdvance: row.auto_advance,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      completedAt: row.completed_at,
      scopeId: row.scope_id,
      metadata: row.metadata,
      tokenBudget: row.token_budget,
      budgetWarnPct: row.budget_warn_pct ?? 80,
      parentRunId: row.parent_run_id,
      maxDispatches: row.max_dispatches ?? 0,
    })),
);

export const phaseEventRow = rowCodec<PhaseEvent>(
  'phase_events',
  z
    .object({
      id: z.int(),
      run_id: runId,
      from_phase: z.string(),
      to_phase: z.string(),
      event_type: z.string(),
      gate_result: z.string().nullable(),
      gate_tier: z.string().nullable(),
      reason: z.string().nullable(),
      created_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      fromPhase: row.from_phase,
      toPhase: row.to_phase,
      type: row.event_type,
      gateResult: row.gate_result,
      gateTier: row.gate_tier,
      reason: row.reason,
      createdAt: row.created_at,
    })),
);
