/** Overriding a gate (`docs/design/formats.md#gates`). */
import * as z from 'zod';
import type { OverrideOutcome } from '../gate/model';
import { nonBlank, parseInput } from '../input';
import type { Unit } from '../unit';
import { phaseAfter } from './record/chain';
import { nextStatus } from './record/machine';
import { getRun } from './record/queries';
import { insertPhaseEvent, selectSkipped } from './record/store';
import { enterPhase } from './transition';

const overrideInput = z.strictObject({
  /** Why the gate is overridden; stored in the event. */
  reason: nonBlank,
  actor: nonBlank.optional(),
  /** True: enters the phase that advancing would enter. Absent: the next of the chain, as the original (Q8). */
  applySkips: z.boolean().optional(),
});
export type OverrideGateInput = z.input<typeof overrideInput>;

/**
 * Advances one phase regardless of the gate, and records who did it and why.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, `PHASE_NOT_IN_CHAIN`, `STALE`.
 */
export function overrideGate(u: Unit, id: string, input: OverrideGateInput): OverrideOutcome {
  const { reason, actor, applySkips } = parseInput(overrideInput, input);
  const run = getRun(u, id);
  nextStatus(run, 'advance');
  const toPhase = phaseAfter(run, applySkips === true ? selectSkipped(u, run.id) : undefined);
  const completed = enterPhase(u, run, toPhase);
  const stored = actor === undefined ? reason : `actor=${actor}: ${reason}`;
  const gate = { gateResult: 'fail', gateTier: 'hard' };
  insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase, type: 'override', ...gate, reason: stored });
  return { fromPhase: run.phase, toPhase, reason: stored, completed };
}
