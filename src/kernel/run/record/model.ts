/** Runs and their phases (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import type { ListPage } from '../../list/recordPages';
import type { InvalidRow } from '../../db/rows';
import { runId, type DispatchId, type RunId } from '../../ids';
import { nonBlank, plainText } from '../../input';

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

export interface Run {
  readonly id: RunId;
  /** Absolute path of the project; empty for a portfolio. */
  readonly projectDir: string;
  readonly goal: string;
  readonly status: RunStatus;
  readonly phase: string;
  /** The run's chain: its own, or the default. */
  readonly phases: readonly string[];
  readonly hasCustomChain: boolean;
  /** 1 to 5. Stored and shown, without effect on behavior (Q4). */
  readonly complexity: number;
  readonly forceFull: boolean;
  readonly autoAdvance: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly scopeId: string | null;
  readonly metadata: string | null;
  readonly tokenBudget: number | null;
  readonly budgetWarnPct: number;
  readonly parentRunId: RunId | null;
  /** 0 means no limit. */
  readonly maxDispatches: number;
}

export interface RunList {
  readonly runs: readonly Run[];
  /** Unreadable stored runs; lists show them with the others instead of failing (Q21). */
  readonly invalid: readonly InvalidRow[];
}

export interface PhaseEvent {
  readonly id: number;
  readonly runId: RunId;
  readonly fromPhase: string;
  readonly toPhase: string;
  /** One of `PHASE_EVENT_TYPES`, or a type of a newer program (`docs/design/formats.md#events`). */
  readonly type: string;
  readonly gateResult: string | null;
  readonly gateTier: string | null;
  readonly reason: string | null;
  readonly createdAt: number;
}

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
