/** Gates: conditions for entering the next phase, and their evidence (`docs/design/formats.md#gates`). */
import type { RunId } from '../ids';
import type { ProjectBehind, UnreadableRuns, UpstreamRuns } from './checks/check';
import type { GateCheck } from './checks/table';

export type { OtherRun, ProjectBehind, UnreadableRuns, UpstreamRuns } from './checks/check';
export type { GateCheck } from './checks/table';

export const GATE_TIERS = ['hard', 'soft', 'none'] as const;
/** `hard` blocks, `soft` records a failure and passes the run, `none` evaluates nothing. */
export type GateTier = (typeof GATE_TIERS)[number];

export const GATE_RESULTS = ['pass', 'fail', 'none'] as const;
export type GateResult = (typeof GATE_RESULTS)[number];

/** One rule: a check and, if the check needs it, a phase. */
export interface GateRule {
  readonly check: GateCheck;
  readonly phase?: string;
}

/** One row of evidence, with its keys in the stored order (`docs/design/formats.md#evidence`). */
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

/** A row of the list of rules. */
export interface TransitionRules {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rules: readonly GateRule[];
}

export interface AdvanceOptions {
  readonly tier: GateTier;
  /** Stored in the event. Advances a run that does not advance automatically, but never passes a gate. */
  readonly skipReason?: string;
  /** For a child whose portfolio is in another database. */
  readonly upstreams?: UpstreamRuns;
  /** Children of the same portfolio whose rows here are outdated. */
  readonly unreadable?: UnreadableRuns;
}

/** `blocked` and `paused` are outcomes, not failures: the run keeps its phase and the event says why. */
export interface AdvanceOutcome {
  readonly advanced: boolean;
  readonly eventType: 'advance' | 'pause' | 'block';
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly gateResult: GateResult;
  readonly gateTier: GateTier;
  /** The stored reason: evidence JSON, a reason, or both joined by ` | `. */
  readonly reason: string;
  readonly conditions: readonly GateConditionResult[];
  readonly completed: boolean;
}
