/** Creating runs and changing their settings (`docs/design/formats.md#runs`). Moves between phases are elsewhere. */
import { KernelError } from '../../errors/errors';
import { because } from '../../errors/reasons/problem';
import { runId, type RunId } from '../../ids';
import { parseInput } from '../../input';
import type { Unit } from '../../unit';
import { checkChain } from './chain';
import { nextStatus } from './machine';
import { createRunInput, DEFAULT_CHAIN, setRunInput, type CreateRunInput, type Run, type SetRunInput } from './model';
import { getRun } from './queries';
import * as store from './store';

/** The share of a budget at which it warns, in percent. */
export const DEFAULT_BUDGET_WARN_PCT = 80;

/**
 * Creates an active run in the first phase of its chain.
 * @throws KernelError `INVALID_ARGUMENT`, also for an id that is taken.
 */
export function createRun(u: Unit, input: CreateRunInput): Run {
  const facts = parseInput(createRunInput, input, 'run');
  const phases = facts.phases === undefined ? null : checkChain(facts.phases);
  const id = facts.id ?? newRunId(u);
  if (store.runExists(u, id)) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'id',
      problem: because('there is a run {id} already', { id }),
    });
  }
  return addRun(u, {
    id,
    projectDir: facts.projectDir,
    goal: facts.goal,
    phases,
    complexity: facts.complexity,
    autoAdvance: facts.autoAdvance,
    scopeId: facts.scopeId,
    metadata: facts.metadata,
    tokenBudget: facts.tokenBudget,
    budgetWarnPct: facts.budgetWarnPct,
    parentRunId: facts.parentRunId,
  });
}

/** Stores a new run with checked facts; absent ones get their defaults. */
export interface CheckedRun {
  readonly id: RunId;
  readonly projectDir: string;
  readonly goal: string;
  readonly phases: readonly string[] | null;
  readonly complexity?: number | undefined;
  readonly autoAdvance?: boolean | undefined;
  readonly scopeId?: string | undefined;
  readonly metadata?: string | undefined;
  readonly tokenBudget?: number | undefined;
  readonly budgetWarnPct?: number | undefined;
  readonly parentRunId?: RunId | undefined;
  readonly maxDispatches?: number | undefined;
}

export function newRunId(u: Unit): RunId {
  return runId.parse(u.newId());
}

export function addRun(u: Unit, run: CheckedRun): Run {
  store.insertRun(u, {
    id: run.id,
    projectDir: run.projectDir,
    goal: run.goal,
    phase: run.phases?.[0] ?? DEFAULT_CHAIN[0],
    phases: run.phases,
    complexity: run.complexity ?? 3,
    autoAdvance: run.autoAdvance ?? true,
    scopeId: run.scopeId ?? run.id,
    metadata: run.metadata ?? null,
    tokenBudget: run.tokenBudget ?? null,
    budgetWarnPct: run.budgetWarnPct ?? DEFAULT_BUDGET_WARN_PCT,
    parentRunId: run.parentRunId ?? null,
    maxDispatches: run.maxDispatches ?? 0,
  });
  u.touched.run(run.id);
  return getRun(u, run.id);
}

/**
 * Changes settings, in any status, with an event. Only portfolios have a limit of dispatches.
 * @throws KernelError `INVALID_ARGUMENT`, also where nothing is set; `NOT_FOUND`, `ROW_INVALID`.
 */
export function setRun(u: Unit, id: string, input: SetRunInput): Run {
  const changes = parseInput(setRunInput, input, 'settings');
  if (Object.values(changes).every((value) => value === undefined)) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'settings', problem: because('there is nothing to set') });
  }
  const run = getRun(u, id);
  nextStatus(run, 'set');
  if (run.projectDir !== '' && changes.maxDispatches !== undefined) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'maxDispatches',
      problem: because('only valid for portfolio runs'),
    });
  }
  store.updateSettings(u, run.id, changes);
  store.insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase: run.phase, type: 'set' });
  return getRun(u, run.id);
}
