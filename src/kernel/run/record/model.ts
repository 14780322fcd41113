/** Runs and their phases (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import type { ListPage } from '../../list/recordPages';
import type { InvalidRow } from '../../db/rows';
import { column, defineTable, type RowOf } from '../../db/defineTable';
import { runId, type DispatchId, type RunId } from '../../ids';
import { nonBlank, plainText } from '../../input';
import { storedChain } from './phaseNames';

export const RUN_STATUSES = ['active', 'completed', 'cancelled', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The last element of a chain is its terminal phase, whatever its name. */
export const DEFAULT_CHAIN = [
  'brainstorm',
  'brainstorm-reviewed',
  'strategized',
  'planned',
  'executing',
  'review',
  'polish',
  'reflect',
  'done',
] as const;

const flag = z.int().transform((value) => value !== 0);

/** Text where an empty string means none, as in the original. */
const optionalText = z
  .string()
  .nullable()
  .transform((value) => (value === '' ? null : value));

const DEFAULT_WARN_PCT = 80;

export const RUNS = defineTable(
  'runs',
  {
    id: column('id', runId),
    /** Absolute path of the project; empty for a portfolio. */
    projectDir: column('project_dir', z.string()),
    goal: column('goal', z.string()),
    status: column('status', z.enum(RUN_STATUSES)),
    phase: column('phase', z.string()),
    /** 1 to 5. Stored and shown, without effect on behavior (Q4). */
    complexity: column('complexity', z.int().min(1).max(5)),
    forceFull: column('force_full', flag, Number),
    autoAdvance: column('auto_advance', flag, Number),
    createdAt: column('created_at', z.int()),
    updatedAt: column('updated_at', z.int()),
    completedAt: column('completed_at', z.int().nullable()),
    scopeId: column('scope_id', optionalText),
    metadata: column('metadata', z.string().nullable()),
    /** The run's chain: its own, or the default. */
    phases: column('phases', storedChain, JSON.stringify),
    tokenBudget: column('token_budget', z.int().nullable()),
    budgetWarnPct: column('budget_warn_pct', z.int().nullable()),
    parentRunId: column('parent_run_id', optionalText.pipe(runId.nullable())),
    /** 0 means no limit. */
    maxDispatches: column('max_dispatches', z.int().nullable()),
  },
  'id',
  // The row is new, so it is completed in place: thousands are listed.
  (row) =>
    Object.assign(row, {
      phases: row.phases ?? DEFAULT_CHAIN,
      hasCustomChain: row.phases !== null,
      budgetWarnPct: row.budgetWarnPct ?? DEFAULT_WARN_PCT,
      maxDispatches: row.maxDispatches ?? 0,
    }),
);
export type Run = RowOf<typeof RUNS>;

export interface RunList {
  readonly runs: readonly Run[];
  /** Unreadable stored runs; lists show them with the others instead of failing (Q21). */
  readonly invalid: readonly InvalidRow[];
}

export const PHASE_EVENTS = defineTable('phase_events', {
  id: column('id', z.int()),
  runId: column('run_id', runId),
  fromPhase: column('from_phase', z.string()),
  toPhase: column('to_phase', z.string()),
  /** One of `PHASE_EVENT_TYPES`, or a type of a newer program (`docs/design/formats.md#events`). */
  type: column('event_type', z.string()),
  gateResult: column('gate_result', z.string().nullable()),
  gateTier: column('gate_tier', z.string().nullable()),
  reason: column('reason', z.string().nullable()),
  createdAt: column('created_at', z.int()),
});
export type PhaseEvent = RowOf<typeof PHASE_EVENTS>;

export const PHASE_EVENT_TYPES = [
  'advance',
  'skip',
  'pause',
  'block',
  'cancel',
  'set',
  'rollback',
  'override',
] as const;
export type PhaseEventType = (typeof PHASE_EVENT_TYPES)[number];

/** Longest goal we store, in UTF-16 units. The original has no limit; this one keeps one row from filling the image. */
export const MAX_GOAL_LENGTH = 200_000;

export const createRunInput = z.strictObject({
  /** Absent: a new one. Given if the same run is also in another database (`docs/design/portfolios.md`). */
  id: runId.optional(),
  projectDir: nonBlank,
  goal: nonBlank.max(MAX_GOAL_LENGTH),
  phases: z.array(z.string()).optional(),
  complexity: z.int().min(1).max(5).optional(),
  /** Absent: the run's own id (`docs/design/architecture.md#one-domain`). */
  scopeId: nonBlank.optional(),
  tokenBudget: z.int().positive().optional(),
  budgetWarnPct: z.int().min(1).max(99).optional(),
  autoAdvance: z.boolean().optional(),
  metadata: plainText.optional(),
  /** The portfolio, which may be in another database. */
  parentRunId: runId.optional(),
});
export type CreateRunInput = z.input<typeof createRunInput>;

/** Changes of a run's settings. A `tokenBudget` of null removes the budget. */
export const setRunInput = z.strictObject({
  goal: createRunInput.shape.goal.optional(),
  complexity: z.int().min(1).max(5).optional(),
  autoAdvance: z.boolean().optional(),
  forceFull: z.boolean().optional(),
  tokenBudget: z.int().positive().nullable().optional(),
  budgetWarnPct: z.int().min(1).max(99).optional(),
  maxDispatches: z.int().min(0).optional(),
});
export type SetRunInput = z.input<typeof setRunInput>;

export interface RunFilter {
  readonly status?: RunStatus;
  readonly portfolio?: boolean;
  readonly scopeId?: string;
  readonly parentRunId?: RunId;
  readonly projectDir?: string;
  /** Only children of portfolios. */
  readonly isChild?: true;
  /** A page of the list. */
  readonly page?: ListPage;
}

export interface SkipOutcome {
  readonly phase: string;
  readonly reason: string;
}

/** What a rollback would do; chain order. */
export interface RollbackPlan {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rolledBackPhases: readonly string[];
}

export interface RollbackOutcome {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly reason: string;
  readonly rolledBackPhases: readonly string[];
  readonly markedArtifacts: number;
  readonly failedAgents: number;
  /** The run's active dispatches. Their rows are canceled; the caller ends their processes. */
  readonly cancelledDispatches: readonly DispatchId[];
}

export interface CancelOutcome {
  readonly runId: RunId;
  /** Children of a portfolio that were cancelled with it. */
  readonly children: readonly RunId[];
}
