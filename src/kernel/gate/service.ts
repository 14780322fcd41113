/** Evaluation of gates (`docs/design/formats.md#gates`). `run/advance.ts` and `run/override.ts` pass them. */
import { phaseAfter } from '../run/record/chain';
import { nextStatus } from '../run/record/machine';
import type { Run } from '../run/record/model';
import { getRun } from '../run/record/queries';
import { selectSkipped } from '../run/record/store';
import type { Reader } from '../unit';
import { judgeTransition, type OutsideFacts } from './facts';
import type { GateReport, GateTier } from './model';
import { selectBlockedRun, selectBlockedRuns, type BlockedRun } from './store';

export { askOverride, openOverrideRequest, type OverrideRequest } from './overrideRequests';
export { encodeEvidence, parseEvidence, storedCondition } from './evidence';
export { gateFactsOf, statesAmong, upstreamRuns, type GateFacts } from './facts';
export { gateRules, tierForPriority } from './rules';

export interface CheckGateOptions extends OutsideFacts {
  readonly tier: GateTier;
  /** True: evaluates the phase that advancing would enter. Absent: the next of the chain, as the original (Q8). */
  readonly applySkips?: boolean;
}

/**
 * Evaluates the run's next gate and changes nothing.
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

/** Evaluates the gate between a given phase, instead of the stored one, and another. */
export function foreseeGate(
  r: Reader,
  run: Run,
  toPhase: string,
  options: Omit<CheckGateOptions, 'applySkips'>,
): GateReport {
  const judgment = judgeTransition(r, run, toPhase, options.tier, options);
  return { runId: run.id, fromPhase: run.phase, toPhase, ...judgment };
}

/** Active runs that tried to advance, were blocked and have not moved since; their gates may pass by now. */
export function blockedRuns(r: Reader): readonly BlockedRun[] {
  return selectBlockedRuns(r);
}

/** The same for one run; undefined if no gate blocks it. */
export function blockedRunOf(r: Reader, runId: string): BlockedRun | undefined {
  return selectBlockedRun(r, runId);
}

function nextPhase(r: Reader, run: Run, applySkips = false, skipped?: ReadonlySet<string>): string {
  return phaseAfter(run, applySkips ? (skipped ?? selectSkipped(r, run.id)) : undefined);
}
