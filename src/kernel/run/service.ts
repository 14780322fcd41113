/** Runs, one operation each (`docs/design/formats.md#runs`). */
import * as z from 'zod';
import { KernelError } from '../errors/errors';
import { runId, type RunId } from '../ids';
import { nonBlank, parseInput } from '../input';
import { leaveQueueOf } from '../queue/service';
import type { Unit } from '../unit';
import { endTaskOfRun, refuseSkip } from '../tasks/taskRuns';
import { checkChain, lastPhase, positionOf } from './chain';
import { nextStatus } from './machine';
import {
  createRunInput,
  DEFAULT_CHAIN,
  setRunInput,
  type CancelOutcome,
  type CreateRunInput,
  type Run,
  type SetRunInput,
  type SkipOutcome,
} from './model';
import { getRun } from './queries';
import * as store from './store';
import { moveRun, type RunState } from './transition';

export { advanceRun } from '../gate/advance';
export { checkChain, parseChain } from './chain';
export {
  countPhaseEvents,
  currentRun,
  enteredPhases,
  findRun,
  findRuns,
  getRun,
  hasRuns,
  listRuns,
  newestActiveRuns,
  newestPhaseEvents,
  phaseEventIds,
  phaseEvents,
  phaseEventsAmong,
  RUN_PAGES,
  skippedPhases,
} from './queries';
export { activeDispatchesOf, planRollback, rollbackRun, type RollbackRunInput } from './rollback';

/** Warn when this share of a budget is used, in per cent (`docs/design/formats.md#runs`). */
export const DEFAULT_BUDGET_WARN_PCT = 80;

/**
 * Makes an active run in the first phase of its chain.
 * @throws KernelError `INVALID_ARGUMENT`, also for an id that is taken.
 */
export function createRun(u: Unit, input: CreateRunInput): Run {
  const facts = parseInput(createRunInput, input, 'run');
  const phases = facts.phases === undefined ? null : checkChain(facts.phases);
  const id = facts.id ?? newRunId(u);
  if (store.runExists(u, id)) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'id', problem: `there is a run ${id} already` });
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

/** A new run whose facts have been checked; what is absent takes its default. */
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
 * Changes settings, in any status, and records that it happened. A limit of dispatches is a portfolio's only.
 * @throws KernelError `INVALID_ARGUMENT`, also where nothing is to be set; `NOT_FOUND`, `ROW_INVALID`.
 */
export function setRun(u: Unit, id: string, input: SetRunInput): Run {
  const changes = parseInput(setRunInput, input, 'settings');
  if (Object.values(changes).every((value) => value === undefined)) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'settings', problem: 'there is nothing to set' });
  }
  const run = getRun(u, id);
  nextStatus(run, 'set');
  if (run.projectDir !== '' && changes.maxDispatches !== undefined) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'maxDispatches', problem: 'only valid for portfolio runs' });
  }
  store.updateSettings(u, run.id, changes);
  store.insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase: run.phase, type: 'set' });
  return getRun(u, run.id);
}

const skipInput = z.strictObject({ phase: nonBlank, reason: nonBlank, actor: nonBlank.optional() });
export type SkipPhaseInput = z.input<typeof skipInput>;

/**
 * Marks a phase still to come, so that advancing passes over it. The run stays where it is
 * (`docs/design/formats.md#skipping-and-rolling-back`).
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_NOT_IN_CHAIN`, `PHASE_NOT_AHEAD`,
 * `PHASE_NOT_SKIPPABLE`, `ROW_INVALID`, also for the phase in which the subtasks of a task are built.
 */
export function skipPhase(u: Unit, id: string, input: SkipPhaseInput): SkipOutcome {
  const { phase, reason, actor } = parseInput(skipInput, input);
  const run = getRun(u, id);
  nextStatus(run, 'skip');
  if (positionOf(run, phase) <= positionOf(run, run.phase)) {
    throw new KernelError('PHASE_NOT_AHEAD', { runId: run.id, phase, current: run.phase });
  }
  if (phase === lastPhase(run)) throw new KernelError('PHASE_NOT_SKIPPABLE', { runId: run.id, phase });
  refuseSkip(u, run.id, phase);
  const stored = actor === undefined ? reason : `actor=${actor}: ${reason}`;
  store.insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase: phase, type: 'skip', reason: stored });
  return { phase, reason: stored };
}

/** Why a child is cancelled when its portfolio is, in its event. */
export const PORTFOLIO_CANCELLED = 'portfolio cancelled';

/** Why work for a task ends whose run is cancelled, in its record. */
const RUN_CANCELLED = 'run cancelled';

/**
 * Cancels an active run; with a portfolio go its active children (`docs/design/portfolios.md#canceling`), with a task's
 * run all work for it, with each run its dispatches that wait in the queue. Processes are the dispatcher's to end.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `STALE`, `ROW_INVALID`.
 */
export function cancelRun(u: Unit, id: string, reason?: string): CancelOutcome {
  const run = getRun(u, id);
  cancelOne(u, run, reason);
  const children = run.projectDir === '' ? store.selectActiveChildren(u, run.id) : [];
  for (const child of children) cancelOne(u, child, PORTFOLIO_CANCELLED);
  return { runId: run.id, children: children.map((child) => child.id) };
}

function cancelOne(u: Unit, run: RunState, reason?: string): void {
  moveRun(u, run, { phase: run.phase, status: nextStatus(run, 'cancel') });
  endTaskOfRun(u, run.id, RUN_CANCELLED);
  leaveQueueOf(u, run.id);
  const event = { runId: run.id, fromPhase: run.phase, toPhase: run.phase, type: 'cancel' } as const;
  store.insertPhaseEvent(u, reason === undefined ? event : { ...event, reason });
}
