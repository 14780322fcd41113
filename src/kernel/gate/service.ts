/** Asking and overriding gates (`docs/design/formats.md#gates`). Advancing through them is `advance.ts`. */
import * as z from 'zod';
import { nonBlank, parseInput } from '../input';
import { phaseAfter } from '../run/chain';
import { nextStatus } from '../run/machine';
import type { Run } from '../run/model';
import { getRun } from '../run/queries';
import { insertPhaseEvent, selectSkipped } from '../run/store';
import { enterPhase } from '../run/transition';
import type { Reader, Unit } from '../unit';
import { judgeTransition, type Surroundings } from './facts';
import type { GateReport, GateTier, OverrideOutcome } from './model';
import { selectStandstill, selectStandstills, type Standstill } from './store';

export { askOverride, openOverrideRequest, type OverrideRequest } from './asking';
export { encodeEvidence, parseEvidence, storedCondition } from './evidence';
export { gateFactsOf, standingsAmong, upstreamStandings, type GateFacts } from './facts';
export { gateRules, tierForPriority } from './rules';

export interface CheckGateOptions extends Surroundings {
  readonly tier: GateTier;
  /** True: judges the phase that advancing would really enter. Absent: the next of the chain, as the original (Q8). */
  readonly applySkips?: boolean;
}

/**
 * Judges the run's next gate and changes nothing.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, `PHASE_NOT_IN_CHAIN`, `ROW_INVALID`.
 */
export function checkGate(r: Reader, id: string, options: CheckGateOptions): GateReport {
  return checkGateOf(r, getRun(r, id), options);
}

/** The same for a run that has just been read. Throws as `checkGate`, except for `NOT_FOUND`. */
export function checkGateOf(r: Reader, run: Run, options: CheckGateOptions): GateReport {
  nextStatus(run, 'advance');
  const toPhase = nextPhase(r, run, options.applySkips, options.facts?.skipped);
  return foreseeGate(r, run, toPhase, options);
}

/** Judges the gate between the phase that a run is said to be in, whatever is stored, and another. */
export function foreseeGate(
  r: Reader,
  run: Run,
  toPhase: string,
  options: Omit<CheckGateOptions, 'applySkips'>,
): GateReport {
  const judgement = judgeTransition(r, run, toPhase, options.tier, options);
  return { runId: run.id, fromPhase: run.phase, toPhase, ...judgement };
}

const overrideInput = z.strictObject({
  /** Why the gate may be passed; kept in the event. */
  reason: nonBlank,
  actor: nonBlank.optional(),
  /** True: enters the phase that advancing would enter. Absent: the next of the chain, as the original (Q8). */
  applySkips: z.boolean().optional(),
});
export type OverrideGateInput = z.input<typeof overrideInput>;

/**
 * Advances one phase whatever the gate says, and records who did it and why.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, `PHASE_NOT_IN_CHAIN`, `STALE`.
 */
export function overrideGate(u: Unit, id: string, input: OverrideGateInput): OverrideOutcome {
  const { reason, actor, applySkips } = parseInput(overrideInput, input);
  const run = getRun(u, id);
  nextStatus(run, 'advance');
  const toPhase = nextPhase(u, run, applySkips);
  const completed = enterPhase(u, run, toPhase);
  const stored = actor === undefined ? reason : `actor=${actor}: ${reason}`;
  const gate = { gateResult: 'fail', gateTier: 'hard' };
  insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase, type: 'override', ...gate, reason: stored });
  return { fromPhase: run.phase, toPhase, reason: stored, completed };
}

/** Active runs that tried to advance, were blocked and have not moved since; their gates may be green by now. */
export function standstills(r: Reader): readonly Standstill[] {
  return selectStandstills(r);
}

/** The same of one run; undefined for one that no gate holds back. */
export function standstillOf(r: Reader, runId: string): Standstill | undefined {
  return selectStandstill(r, runId);
}

function nextPhase(r: Reader, run: Run, applySkips = false, skipped?: ReadonlySet<string>): string {
  return phaseAfter(run, applySkips ? (skipped ?? selectSkipped(r, run.id)) : undefined);
}
