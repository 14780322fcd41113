/**
 * Gates: conditions on going from one phase to the next, and the evidence they leave (`docs/design/formats.md#gates`).
 */
import type { RunId } from '../ids';
import type { ProjectBehind, UnreadableRuns, UpstreamRuns } from './checks/check';
import type { GateCheck } from './checks/table';

export type { OtherRun, ProjectBehind, UnreadableRuns, UpstreamRuns } from './checks/check';
export type { GateCheck } from './checks/table';

export const GATE_TIERS = ['hard', 'soft', 'none'] as const;
/** `hard` blocks, `soft` records a failure and lets the run pass, `none` evaluates nothing. */
export type GateTier = (typeof GATE_TIERS)[number];

export const GATE_RESULTS = ['pass', 'fail', 'none'] as const;
export type GateResult = (typeof GATE_RESULTS)[number];

/** One rule: a check and, where the check asks for it, the phase it checks. */
export interface GateRule {
  readonly check: GateCheck;
  readonly phase?: string;
}

/** One row of evidence, in the key order in which it is stored (`docs/design/formats.md#evidence`). */
export interface GateConditionResult {
  readonly check: GateCheck;
  readonly phase?: string;
  readonly result: 'pass' | 'fail';
  readonly count?: number;
  readonly detail?: string;
  /** The children or upstream projects that fail the condition, each by name. */
  readonly behind?: readonly ProjectBehind[];
}

export interface GateReport {
  readonly runId: RunId;
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly tier: GateTier;
  readonly result: GateResult;
  readonly conditions: readonly GateConditionResult[];
}

export interface OverrideOutcome {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly reason: string;
  readonly completed: boolean;
}

/** A row of the rules listing. */
export interface TransitionRules {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rules: readonly GateRule[];
}

export interface AdvanceOptions {
  readonly tier: GateTier;
  /** Goes into the event, and passes a run that does not advance automatically; never a gate. */
  readonly skipReason?: string;
  /** For a child whose portfolio is in another database. */
  readonly upstreams?: UpstreamRuns;
  /** Children of the same portfolio whose rows here could not be brought up to date. */
  readonly unreadable?: UnreadableRuns;
}

/** `blocked` and `paused` are outcomes, not failures: the run stays where it was and the event says why. */
export interface AdvanceOutcome {
  readonly advanced: boolean;
  readonly eventType: 'advance' | 'pause' | 'block';
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly gateResult: GateResult;
  readonly gateTier: GateTier;
  /** What the event row holds: evidence JSON, a reason, or both joined by ` | `. */
  readonly reason: string;
  readonly conditions: readonly GateConditionResult[];
  readonly completed: boolean;
}
