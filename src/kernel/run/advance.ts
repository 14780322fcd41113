/** Advancing, as in `docs/design/formats.md#advancing`, in one transaction (Q6). */
import { encodeEvidence } from '../gate/evidence';
import { judgeTransition, type Judgment } from '../gate/facts';
import { nonBlank, parseInput } from '../input';
import type { Unit } from '../unit';
import { phaseAfter } from './record/chain';
import { nextStatus } from './record/machine';
import type { Run } from './record/model';
import type { AdvanceOptions, AdvanceOutcome } from '../gate/model';
import { getRun } from './record/queries';
import * as store from './record/store';
import { enterPhase } from './transition';

/**
 * Enters the next phase that is not skipped, if the run advances automatically and its gate passes. A pause or a block
 * is an outcome with its own event.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, `PHASE_NOT_IN_CHAIN`, `INVALID_ARGUMENT`, `STALE`,
 * `ROW_INVALID`.
 */
export function advanceRun(u: Unit, id: string, options: AdvanceOptions): AdvanceOutcome {
  const skipReason = parseInput(nonBlank.optional(), options.skipReason, 'skipReason');
  const run = getRun(u, id);
  nextStatus(run, 'advance');
  const toPhase = phaseAfter(run, store.selectSkipped(u, run.id));
  if (!run.autoAdvance && skipReason === undefined) return pause(u, run, toPhase);
  const judgment = judgeTransition(u, run, toPhase, options.tier, options);
  const reason = [skipReason, encodeEvidence(judgment.conditions)].filter(Boolean).join(' | ');
  if (judgment.result === 'fail' && judgment.tier === 'hard') {
    return record(u, run, toPhase, 'block', judgment, reason);
  }
  const completed = enterPhase(u, run, toPhase);
  return { ...record(u, run, toPhase, 'advance', judgment, reason), completed };
}

function pause(u: Unit, run: Run, toPhase: string): AdvanceOutcome {
  const unjudged = { result: 'none', tier: 'none', conditions: [] } as const;
  return record(u, run, toPhase, 'pause', unjudged, 'auto_advance disabled');
}

/** Writes the event and returns its outcome. */
function record(
  u: Unit,
  run: Run,
  toPhase: string,
  eventType: AdvanceOutcome['eventType'],
  judgment: Judgment,
  reason: string,
): AdvanceOutcome {
  const gate = { gateResult: judgment.result, gateTier: judgment.tier };
  store.insertPhaseEvent(u, { runId: run.id, fromPhase: run.phase, toPhase, type: eventType, ...gate, reason });
  const { conditions } = judgment;
  const advanced = eventType === 'advance';
  return { advanced, eventType, fromPhase: run.phase, toPhase, ...gate, reason, conditions, completed: false };
}
