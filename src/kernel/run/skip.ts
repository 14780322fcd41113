/** Marking a phase as skipped (`docs/design/formats.md#skipping-and-rolling-back`). */
import * as z from 'zod';
import { KernelError } from '../errors/errors';
import { nonBlank, parseInput } from '../input';
import type { Unit } from '../unit';
import { RUN_GUARDS } from './guards';
import { lastPhase, positionOf } from './record/chain';
import { nextStatus } from './record/machine';
import type { SkipOutcome } from './record/model';
import { getRun } from './record/queries';
import { insertPhaseEvent } from './record/store';

const skipInput = z.strictObject({ phase: nonBlank, reason: nonBlank, actor: nonBlank.optional() });
export type SkipPhaseInput = z.input<typeof skipInput>;

/**
 * Marks a later phase as skipped, so that advancing passes over it. The run keeps its phase.
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
  for (const guard of RUN_GUARDS) guard.refuseSkip?.(u, run.id, phase);
  const stored = actor === undefined ? reason : `actor=${actor}: ${reason}`;
  insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase: phase, type: 'skip', reason: stored });
  return { phase, reason: stored };
}
